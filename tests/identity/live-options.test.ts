import { describe, expect, test } from 'vitest'
import { liveSessions } from '../../src/context/live-sessions.ts'
import { isTombstone, type RevocationListener } from '../../src/identity/live-options.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'

const tombstone = { key: 'user:here:u1', notBeforeMs: 1, untilMs: 2, reason: 'user_revoked' }
const write = async (): Promise<void> => {}

describe('isTombstone', () => {
  test.each([
    tombstone,
    { ...tombstone, key: 'session:x', reason: 'session_revoked' },
    { ...tombstone, key: 'tenant:x', reason: 'tenant_revoked' },
    { ...tombstone, reason: 'rights_changed', more: 1 },
  ])('takes %j', (value) => {
    expect(isTombstone(value)).toBe(true)
  })

  test.each([
    [undefined],
    [null],
    ['user:here:u1'],
    [{}],
    [{ ...tombstone, key: ['user:here:u1'] }],
    [{ ...tombstone, key: 'everybody:here' }],
    [{ ...tombstone, key: 'x user:here:u1' }],
    [{ ...tombstone, notBeforeMs: '1' }],
    [{ ...tombstone, notBeforeMs: Number.NaN }],
    [{ ...tombstone, untilMs: undefined }],
    [{ ...tombstone, untilMs: Infinity }],
    [{ ...tombstone, reason: 'expired' }],
    [{ ...tombstone, reason: undefined }],
  ])('refuses %j, and so do a store and its feed', (value) => {
    expect(isTombstone(value)).toBe(false)
    const error = catchError(() =>
      liveSessions({ maxProofMs: 1000, store: { write, tombstones: [tombstone, value] as never } }),
    )
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', ['store.tombstones: does not fit']])
    let feed!: RevocationListener
    const follow = (listener: RevocationListener) => ((feed = listener), () => {})
    const sessions = liveSessions({ maxProofMs: 1000, store: { write, follow } })
    expect(catchError(() => feed.revoked(value as never)).code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    sessions.close()
  })
})

describe('the options of liveSessions', () => {
  test.each([
    [{ maxProofMs: Number.NaN }, 'maxProofMs: not a number'],
    [{ staleAfterMs: 3_600_001 }, 'staleAfterMs: too large'],
    [{ staleAfterMs: Number.NaN }, 'staleAfterMs: not a number'],
    [{ maxTombstones: 10_000_001 }, 'maxTombstones: too large'],
    [{ maxTombstones: '5' }, 'maxTombstones: not a number'],
    [{ store: { write, follow: 'feed' } }, 'store.follow: not a function'],
    [{ store: { write, tombstones: { every: () => true, length: 0 } } }, 'store.tombstones: does not fit'],
  ])('cannot be %j', (options, fault) => {
    const error = catchError(() => liveSessions({ maxProofMs: 1000, ...options } as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', [fault]])
  })
})
