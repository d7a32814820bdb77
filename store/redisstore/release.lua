-- KEYS[1] is the notification, ARGV[1] the start of the caller's claim. The result is
-- 1, or 0 if the claim is lost.
local held = redis.call('GET', KEYS[1])
if not held then
	return 1
elseif string.sub(held, 1, #ARGV[1]) ~= ARGV[1] then
	return 0
end
redis.call('DEL', KEYS[1])
return 1
