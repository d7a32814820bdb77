-- KEYS[1] is the notification, ARGV[1] the caller's claim, ARGV[2] the lease in ms.
-- The result is a notify.State, or 0.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
	return 1
end
local held = redis.call('GET', KEYS[1])
if held == ARGV[1] then -- the client asks again, because the first answer was lost
	return 1
elseif string.sub(held, 1, 6) == 'claim ' then
	return 2
elseif string.sub(held, 1, 8) == 'handled ' then
	return 3
end
return 0
