-- KEYS[1] is the notification, ARGV[1] the start of the caller's claim, ARGV[2] what
-- takes its place, ARGV[3] how long in ms. The result is 1, or 0 if the claim is lost.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[2] and string.sub(held, 1, #ARGV[1]) ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
