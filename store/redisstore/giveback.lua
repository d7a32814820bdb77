-- Gives back the slot ARGV[1] of the limit KEYS[1], which reserve.lua gave out.
local next = redis.call('ZSCORE', KEYS[1], 'next')
if not next or tonumber(ARGV[1]) >= tonumber(next) then
	return 0 -- the server has lost the slot
end
return redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1])
