import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { sessionKey, Tombstones, userKey, type Filed, type Tombstone } from '../../src/identity/tombstones.ts'
import { catchError } from '../errors/catch-error.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

const hour = 3_600_000
const filed = (userId: string, sessionId?: string): Filed => ({
  namespace: 'here',
  tenantId: undefined,
  userId,
  sessionId,
})
/** A revocation at a time, which counts for an hour. */
const at = (nowMs: number, { userId, sessionId }: Filed): Tombstone => ({
  key: sessionId === undefined ? userKey(filed(userId)) : sessionKey(filed(userId, sessionId)),
  notBeforeMs: nowMs,
  untilMs: nowMs + hour,
  reason: sessionId === undefined ? 'user_revoked' : 'session_revoked',
})
const add = (tombstones: Tombstones, nowMs: number, of: Filed): Tombstone => tombstones.add(at(nowMs, of), nowMs)

describe('Tombstones', () => {
  test('never forget a later revocation for an earlier one of the same user, in whichever order they come', () => {
    const tombstones = new Tombstones(1, hour)
    add(tombstones, 5000, filed('u1'))
    tombstones.add({ ...at(100, filed('u1')), untilMs: 6000 }, 5001)
    expect(tombstones.find(filed('u1'), 4000, 7000)).toBeDefined()
    expect(tombstones.find(filed('u1'), 5000, 7000)).toBeUndefined()
  })

  test('take another revocation of a user whom they know, also where there is no room for a new one', () => {
    const tombstones = new Tombstones(1, hour)
    add(tombstones, 1000, filed('u1'))
    add(tombstones, 2000, filed('u1'))
    expect(tombstones.find(filed('u1'), 1500, 2000)).toBeDefined()
    expect(catchError(() => add(tombstones, 2000, filed('u2'))).code).toBe('ERR_CONTEXT_TOO_MANY_REVOCATIONS')
  })

  test('make room for what has expired, also behind one that was revoked again', () => {
    const tombstones = new Tombstones(2, hour)
    add(tombstones, 1000, filed('u1'))
    add(tombstones, 2000, filed('u2'))
    add(tombstones, 3000, filed('u1'))
    add(tombstones, 2000 + hour, filed('u3'))
    expect(tombstones.find(filed('u1'), undefined, 2000 + hour)).toBeDefined()
  })

  test('keep one as long as proofs may last here, also where its writer says less', () => {
    const tombstones = new Tombstones(1, hour)
    tombstones.add({ ...at(1000, filed('u1')), untilMs: 2000 }, 1000)
    expect(tombstones.find(filed('u1'), 900, 3000)).toBeDefined()
    expect(tombstones.find(filed('u1'), 900, 1001 + hour)).toBeUndefined()
  })

  test('are as strict of a user with a thousand sessions as the strictest of them, whichever comes last', () => {
    const tombstones = new Tombstones(2000, hour)
    for (let session = 0; session < 1000; session++) add(tombstones, 5000, filed('u1', `s-${session}`))
    tombstones.add(at(1000, filed('u1', 'late')), 5000)
    expect(tombstones.find(filed('u1', 's-0'), 4999, 5000)).toBeDefined()
    expect(tombstones.find(filed('u1', 's-0'), 4999, 4999 + hour)).toBeDefined()
  })

  test('sign a user with a thousand sessions out everywhere, and count anew from then on', () => {
    const tombstones = new Tombstones(2000, hour)
    for (let session = 0; session <= 1000; session++) add(tombstones, 1000, filed('u1', `s-${session}`))
    expect(tombstones.find(filed('u1', 'other'), 999, 2000)).toBeDefined()
    add(tombstones, 2000, filed('u1', 'later'))
    expect(tombstones.find(filed('u1', 'later'), 1500, 2000)).toBeDefined()
    expect(tombstones.find(filed('u1', 'other'), 1500, 2000)).toBeUndefined()
  })

  test('do not count the sessions of a user that have expired', () => {
    const tombstones = new Tombstones(2000, hour)
    for (let session = 0; session < 1000; session++) add(tombstones, 1000, filed('u1', `s-${session}`))
    add(tombstones, 1000 + hour, filed('u1', 'later'))
    expect(tombstones.find(filed('u1', 'other'), 500, 1000 + hour)).toBeUndefined()
  })

  test('hold nothing of users whose sessions have expired', () => {
    const tombstones = new Tombstones(100_000, hour)
    const toHeldBytes = (): number => (gc(), process.memoryUsage().heapUsed)
    const before = toHeldBytes()
    for (let user = 0; user < 50_000; user++) add(tombstones, 1000, filed(`user-${user}`, 's'))
    add(tombstones, 1000 + hour, filed('u1'))
    expect(toHeldBytes() - before).toBeLessThan(8_000_000)
    expect(tombstones.find(filed('u1'), undefined, 1000 + hour)).toBeDefined()
  })
})
