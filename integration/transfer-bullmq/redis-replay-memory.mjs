// A replay memory in Redis: one script a call, so that no two claims at the same time are both let in.

const claimScript = `
  local known = redis.call('GET', KEYS[1])
  if not known then
    redis.call('SET', KEYS[1], 'open:' .. ARGV[1], 'PXAT', ARGV[2])
    return 'claimed'
  end
  return known == 'open:' .. ARGV[1] and 'claimed' or 'used'`
const completeScript = `
  if redis.call('GET', KEYS[1]) == 'open:' .. ARGV[1] then redis.call('SET', KEYS[1], 'done', 'KEEPTTL') end`

/** @param redis - A connection of ioredis. Give Redis a policy that evicts nothing (`maxmemory-policy noeviction`). */
export const redisReplayMemory = (redis) => ({
  claim: (textId, attemptKey, untilMs) => redis.eval(claimScript, 1, `replay:${textId}`, attemptKey, String(untilMs)),
  complete: async (textId, attemptKey) => {
    await redis.eval(completeScript, 1, `replay:${textId}`, attemptKey)
  },
})
