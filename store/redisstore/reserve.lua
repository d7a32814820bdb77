-- Takes the next free slot of a limit, by the clock of the server (GCRA).
--
-- KEYS[1] is a sorted set of free slots. Its member "next" is the first slot that nobody
-- has had. The others are slots that were given back. A score is in microseconds since
-- 2025, so that a double holds fractions too.
-- ARGV[1] is the interval between slots, ARGV[2] how far in the past a slot may be, and
-- ARGV[3] how far in the future, or -1, all in microseconds.
-- The result is the slot and how long to wait for it, in microseconds. If that is too
-- far in the future, the slot is '' and stays free.
local key, interval, past, future = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 1000000 + time[2]
local function text(slot)
	return string.format('%.17g', slot)
end

redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. text(now - past))
local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
local member, slot = head[1] or 'next', tonumber(head[2]) or now - past
local wait = math.max(0, math.ceil(slot - now))
if future >= 0 and wait > future then
	return {'', wait}
end
if member == 'next' then
	redis.call('ZADD', key, text(slot + interval), 'next')
	-- Later than this, an empty set means the same.
	redis.call('PEXPIRE', key, math.ceil((wait + interval + past) / 1000) + 1000)
else
	redis.call('ZREM', key, member)
end
return {text(slot), wait}
