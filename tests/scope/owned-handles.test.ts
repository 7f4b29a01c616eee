import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { liveSessions, type LiveSessions } from '../../src/context/live-sessions.ts'
import { createForUser, deriveChild, type UserExecutionContext } from '../../src/context/user-execution-context.ts'
import { identityProvider } from '../../src/identity/verified-user.ts'
import type { VerifiedFacts } from '../../src/identity/identity-facts.ts'
import type { HandleEndReason, OwnedHandlesOptions } from '../../src/scope/handle-options.ts'
import type { HandleEntry, HandleStore } from '../../src/scope/handle-store.ts'
import { inProcessHandleStore } from '../../src/scope/in-process-handle-store.ts'
import { ownedHandles, type OwnedHandles } from '../../src/scope/owned-handles.ts'
import { catchError, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const alice = createForUser(newUser('alice'))
const bob = createForUser(newUser('bob'))
const bounds = { ttlMs: 60_000, maxPerUser: 3, maxTotal: 5 }

type Ended = readonly [value: unknown, why: HandleEndReason]
/** Handles, and the ends that they told of. */
const openHandles = <Value = string>(
  options: Partial<OwnedHandlesOptions<Value>> = {},
): { readonly handles: OwnedHandles<Value>; readonly ended: Ended[] } => {
  const ended: Ended[] = []
  const handles = ownedHandles<Value>({
    ...bounds,
    onEnd: (value, why) => {
      ended.push([value, why])
    },
    ...options,
  })
  onTestFinished(() => handles.close())
  return { handles, ended }
}

const openSessions = (): LiveSessions => {
  const sessions = liveSessions({ maxProofMs: 600_000 })
  onTestFinished(() => sessions.close())
  return sessions
}
/** A context of alice, verified now, by a provider. */
const signIn = async (
  sessions: LiveSessions | undefined,
  facts: Partial<VerifiedFacts> = {},
): Promise<UserExecutionContext> => {
  const verify = (): VerifiedFacts => ({ userId: 'alice', issuedAtMs: Date.now(), ...facts })
  return createForUser(await identityProvider({ name: 'oidc', sessions, verify })('x'))
}
/** Time that moves when the test says so. */
const holdTime = (): ((timeMs: number) => Promise<unknown>) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  return (timeMs) => vi.advanceTimersByTimeAsync(timeMs)
}
const codeOf = async (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )

describe('ownedHandles', () => {
  test('gives a handle of 128 random bits, new each time, that stands for the value', async () => {
    const { handles } = openHandles()
    const [one, two] = [await handles.open(alice, 'a'), await handles.open(alice, 'a')]
    expect(one).toMatch(/^[0-9a-f]{32}$/)
    expect(one).not.toBe(two)
    expect(await handles.find(alice, one)).toBe('a')
    expect(await handles.find(createForUser(newUser('alice')), one)).toBe('a')
    expect(await handles.find(deriveChild(alice, 'tool'), one)).toBe('a')
    expect(Object.isFrozen(handles)).toBe(true)
  })

  test('waits for nothing of a handle that is released while another identity finds it', async () => {
    const sessions = openSessions()
    const inner = inProcessHandleStore<string>()
    let finds = 0
    const find: typeof inner.find = (...asked) => (finds++, inner.find(...asked))
    const { handles } = openHandles({ store: { ...inner, find } })
    const early = await signIn(sessions, { sessionId: 'a', expiresAtMs: Date.now() + 60_000 })
    const late = await signIn(sessions, { sessionId: 'b', expiresAtMs: Date.now() + 90_000 })
    const handle = await handles.open(early, 'v')
    await Promise.all([handles.find(late, handle), handles.release(early, handle)])
    finds = 0
    await sessions.revoke({ session: late })
    await new Promise((resolve) => setImmediate(resolve))
    expect(finds).toBe(0)
  })

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'ends a handle once that is tied anew while its identity ends, after %i steps',
    async (steps) => {
      const sessions = openSessions()
      const { handles, ended } = openHandles()
      const early = await signIn(sessions, { sessionId: 'a', expiresAtMs: Date.now() + 60_000 })
      const late = await signIn(sessions, { sessionId: 'b', expiresAtMs: Date.now() + 90_000 })
      const handle = await handles.open(early, 'v')
      const found = handles.find(late, handle)
      for (let step = 0; step < steps; step++) await undefined
      await sessions.revoke({ session: early })
      await found
      await new Promise((resolve) => setImmediate(resolve))
      await sessions.revoke({ session: late })
      await new Promise((resolve) => setImmediate(resolve))
      expect(ended).toEqual([['v', 'identity_ended']])
    },
  )

  test('holds any value in the memory of the process, also a live object', async () => {
    const { handles } = openHandles<object>()
    const socket = { close: () => {} }
    expect(await handles.find(alice, await handles.open(alice, socket))).toBe(socket)
  })

  test.each([
    ['ttlMs', { ttlMs: 0 }, 'too small'],
    ['ttlMs', { ttlMs: 1.5 }, 'does not fit'],
    ['ttlMs', { ttlMs: 366 * 86_400_000 + 1 }, 'too large'],
    ['maxPerUser', { maxPerUser: undefined }, 'missing'],
    ['maxTotal', { maxTotal: '5' }, 'not a number'],
    ['onEnd', { onEnd: 'x' }, 'not a function'],
    ['store.find', { store: { ...inProcessHandleStore(), find: undefined } }, 'not a function'],
    ['evicts', { evicts: true }, 'unknown key'],
  ])('refuses options that are not of the form: %s', (path, options, kind) => {
    const error = catchError(() => ownedHandles({ ...bounds, ...options } as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPTIONS', [`${path}: ${kind}`]])
  })

  test('takes no option from a polluted Object.prototype', () => {
    const prototype = Object.prototype as { store?: unknown }
    prototype.store = { find: () => 'stolen' }
    onTestFinished(() => void delete prototype.store)
    expect(() => ownedHandles(bounds)).not.toThrow()
  })

  test('refuses undefined, which no one could tell from a miss', async () => {
    const { handles } = openHandles<string | undefined>()
    expect(await codeOf(handles.open(alice, undefined))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })
})

describe('a handle that is not the caller’s', () => {
  test('is a miss like an unknown, an ended and a malformed one, and stays with its owner', async () => {
    const { handles, ended } = openHandles()
    const handle = await handles.open(alice, 'hers')
    const released = await handles.open(bob, 'gone')
    await handles.release(bob, released)
    for (const miss of [
      handle,
      released,
      'f'.repeat(32),
      'x',
      '',
      handle.toUpperCase(),
      ` ${handle}`,
      7,
      null,
      [handle],
    ])
      expect([await handles.find(bob, miss), await handles.release(bob, miss)]).toEqual([undefined, false])
    expect(await handles.find(alice, handle)).toBe('hers')
    expect(ended).toEqual([['gone', 'released']])
  })

  test.each([
    ['the same id in another tenant', newUser('alice', { tenantId: 't-1' })],
    ['the same id of another issuer', newUser('alice', { namespace: 'https://issuer.example/' })],
    ['ids that run together the same way', newUser('c', { tenantId: 'a:b' })],
  ])('is none for %s', async (_who, stranger) => {
    const { handles } = openHandles()
    const owners = [alice, createForUser(newUser('b:c', { tenantId: 'a' }))]
    for (const owner of owners)
      expect(await handles.find(createForUser(stranger), await handles.open(owner, 'x'))).toBeUndefined()
  })

  test('is none with an owner smuggled into it', async () => {
    const store = inProcessHandleStore<string>()
    const asked: (readonly string[])[] = []
    const { handles } = openHandles({
      store: {
        ...store,
        find: (owner, digest) => {
          asked.push([owner, digest])
          return store.find(owner, digest)
        },
      },
    })
    const handle = await handles.open(alice, 'hers')
    for (const smuggled of [`vouched:alice:${handle}`, `alice:${handle}`, `${handle}:alice`, `../alice/${handle}`])
      expect(await handles.find(bob, smuggled)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('is no longer found through a cache that is keyed by the request object', async () => {
    const { handles } = openHandles()
    // The bug: a framework reuses the object of a request, so the cache answers the next user with the last one's.
    const cache = new WeakMap<object, string>()
    const request = {}
    const memoised = async (context: UserExecutionContext, handle: string): Promise<string | undefined> => {
      if (!cache.has(request)) cache.set(request, handle)
      return handles.find(context, cache.get(request)!)
    }
    expect(await memoised(alice, await handles.open(alice, 'hers'))).toBe('hers')
    expect(await memoised(bob, await handles.open(bob, 'his'))).toBeUndefined()
  })

  test('is no longer found through a container that memoises across requests', async () => {
    const { handles } = openHandles()
    // The bug: a service that should be made for each request is made once, and keeps the handle of its first user.
    let singleton: { readonly handle: string } | undefined
    const inject = async (context: UserExecutionContext): Promise<{ readonly handle: string }> =>
      (singleton ??= { handle: await handles.open(context, `notes of ${context.userId}`) })
    expect(await handles.find(alice, (await inject(alice)).handle)).toBe('notes of alice')
    expect(await handles.find(bob, (await inject(bob)).handle)).toBeUndefined()
  })
})

describe('the limits', () => {
  test('refuse one more of a user, and one more of all, and evict nobody', async () => {
    const { handles, ended } = openHandles()
    const hers = [await handles.open(alice, '1'), await handles.open(alice, '2'), await handles.open(alice, '3')]
    expect(await codeOf(handles.open(alice, '4'))).toBe('ERR_CONTEXT_TOO_MANY_HANDLES')
    const his = [await handles.open(bob, '1'), await handles.open(bob, '2')]
    const error = await handles.open(bob, '3').catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_HANDLES', message: expect.stringContaining('maxTotal') })
    for (const handle of hers) expect(await handles.find(alice, handle)).toBeDefined()
    for (const handle of his) expect(await handles.find(bob, handle)).toBeDefined()
    expect(ended).toEqual([])
  })

  test('count what many open at the same time', async () => {
    const { handles } = openHandles()
    const opened = await Promise.allSettled(Array.from({ length: 10 }, () => handles.open(alice, 'x')))
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(bounds.maxPerUser)
  })

  test('do not count what has ended', async () => {
    const pass = holdTime()
    const { handles } = openHandles({ ttlMs: 100 })
    for (const value of ['1', '2', '3']) await handles.open(alice, value)
    await pass(99)
    expect(await codeOf(handles.open(alice, '4'))).toBe('ERR_CONTEXT_TOO_MANY_HANDLES')
    await pass(1)
    expect(await handles.open(alice, '4')).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('the end of a handle', () => {
  test('comes once when it is released, and release waits for it', async () => {
    let isClosed = false
    const { handles } = openHandles({ onEnd: async () => void (await Promise.resolve(), (isClosed = true)) })
    const handle = await handles.open(alice, 'x')
    expect(await Promise.all([handles.release(alice, handle), handles.release(alice, handle)])).toEqual([true, false])
    expect(isClosed).toBe(true)
  })

  test('is reported as an uncaught error when onEnd throws and nobody waits for it', async () => {
    const pass = holdTime()
    const failure = new Error('the database is gone')
    const reported: unknown[] = []
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => {
      try {
        callback()
      } catch (error) {
        reported.push(error)
      }
    })
    onTestFinished(() => void vi.restoreAllMocks())
    const { handles } = openHandles({ ttlMs: 1_000, onEnd: () => Promise.reject(failure) })
    await handles.open(alice, 'x')
    await pass(1_250)
    expect(reported).toEqual([failure])
  })

  test('rejects release with what onEnd throws', async () => {
    const failure = new Error('the database is gone')
    const { handles } = openHandles({ onEnd: () => Promise.reject(failure) })
    await expect(handles.release(alice, await handles.open(alice, 'x'))).rejects.toBe(failure)
  })

  test('comes after ttlMs, and use does not put it off', async () => {
    const pass = holdTime()
    const { handles, ended } = openHandles({ ttlMs: 1_000 })
    const handle = await handles.open(alice, 'x')
    await pass(999)
    expect(await handles.find(alice, handle)).toBe('x')
    await pass(1)
    expect([await handles.find(alice, handle), await handles.release(alice, handle)]).toEqual([undefined, false])
    await pass(250)
    expect(ended).toEqual([['x', 'expired']])
  })

  test('comes when nobody asks', async () => {
    const pass = holdTime()
    const { handles, ended } = openHandles({ ttlMs: 1_000 })
    await handles.open(alice, 'x')
    await pass(1_250)
    expect(ended).toEqual([['x', 'expired']])
  })

  test.each([
    ['session', (context: UserExecutionContext) => ({ session: context })],
    ['user', () => ({ user: { namespace: 'oidc', tenantId: 't-1', userId: 'alice' } })],
    ['tenant', () => ({ tenant: { namespace: 'oidc', tenantId: 't-1' } })],
  ] as const)('comes with a sign-out by %s, and the next sign-in does not find it', async (_by, toTarget) => {
    const sessions = openSessions()
    const { handles, ended } = openHandles()
    const context = await signIn(sessions, { tenantId: 't-1', sessionId: 's-1' })
    const handle = await handles.open(context, 'x')
    await sessions.revoke(toTarget(context) as never)
    await vi.waitFor(() => expect(ended).toEqual([['x', 'identity_ended']]))
    expect(await codeOf(handles.find(context, handle))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await handles.release(context, handle)).toBe(false)
    // Issued after the sign-out, which counts the millisecond that it is in.
    await new Promise((resolve) => setTimeout(resolve, 5))
    const again = await signIn(sessions, { tenantId: 't-1', sessionId: 's-1' })
    expect(await handles.find(again, handle)).toBeUndefined()
  })

  test('comes with the end of the proof, and a proof that lasts longer puts it off by using it', async () => {
    const pass = holdTime()
    const { handles, ended } = openHandles({ ttlMs: 600_000 })
    const short = { expiresAtMs: Date.now() + 1_000 }
    const [left, used] = [
      await handles.open(await signIn(undefined, short), 'left'),
      await handles.open(await signIn(undefined, short), 'used'),
    ]
    const longer = await signIn(undefined, { expiresAtMs: Date.now() + 60_000 })
    expect(await handles.find(longer, used)).toBe('used')
    await pass(1_250)
    expect(ended).toEqual([['left', 'identity_ended']])
    expect(await handles.find(longer, left)).toBeUndefined()
    expect(await handles.find(longer, used)).toBe('used')
    await pass(59_000)
    expect(ended).toEqual([
      ['left', 'identity_ended'],
      ['used', 'identity_ended'],
    ])
  })

  test('is not put off by a proof that ends sooner', async () => {
    const pass = holdTime()
    const { handles, ended } = openHandles()
    const long = await signIn(undefined, { expiresAtMs: Date.now() + 10_000 })
    const handle = await handles.open(long, 'x')
    expect(await handles.find(await signIn(undefined, { expiresAtMs: Date.now() + 1_000 }), handle)).toBe('x')
    await pass(2_000)
    expect(await handles.find(long, handle)).toBe('x')
    await pass(8_250)
    expect(ended).toEqual([['x', 'identity_ended']])
  })

  test('is put off by a renewal of the proof', async () => {
    const pass = holdTime()
    const sessions = openSessions()
    const provider = identityProvider({
      name: 'oidc',
      sessions,
      verify: (expiresAtMs: number): VerifiedFacts => ({ userId: 'alice', expiresAtMs }),
    })
    const [old, next] = [await provider(Date.now() + 1_000), await provider(Date.now() + 50_000)]
    const { handles } = openHandles()
    const handle = await handles.open(createForUser(old), 'x')
    expect(sessions.renew(old, next)).toBe(true)
    await pass(2_000)
    expect(await handles.find(createForUser(next), handle)).toBe('x')
  })

  test('of an exempted context does not come with the sign-out of its session, and comes with its user’s', async () => {
    const sessions = openSessions()
    const { handles, ended } = openHandles()
    const context = await signIn(sessions, { sessionId: 's-1' })
    const exempt = deriveChild(context, 'report', {
      outlivesIdentity: { reason: 'nightly report', untilMs: Date.now() + 60_000 },
    })
    const handle = await handles.open(exempt, 'x')
    await sessions.revoke({ session: context })
    expect(await handles.find(exempt, handle)).toBe('x')
    await sessions.revoke({ user: { namespace: 'oidc', userId: 'alice' } })
    await vi.waitFor(() => expect(ended).toEqual([['x', 'identity_ended']]))
  })

  test('comes with close(), once for each, and nothing opens afterwards', async () => {
    const { handles, ended } = openHandles()
    for (const value of ['1', '2']) await handles.open(alice, value)
    const opening = handles.open(alice, '3')
    await Promise.all([handles.close(), handles.close()])
    expect(await codeOf(opening)).toBe('ERR_CONTEXT_CLOSED')
    expect(ended.map(([, why]) => why)).toEqual(['closed', 'closed', 'closed'])
    expect(await codeOf(handles.open(alice, '4'))).toBe('ERR_CONTEXT_CLOSED')
  })

  test('rejects close() with all that onEnd throws', async () => {
    const handles = ownedHandles<string>({ ...bounds, onEnd: (value) => Promise.reject(new Error(value)) })
    for (const value of ['1', '2']) await handles.open(alice, value)
    await expect(handles.close()).rejects.toMatchObject({ errors: [{ message: '1' }, { message: '2' }] })
  })
})

/** A store that notes the calls of it. */
const noting = <Value>(store: HandleStore<Value>, asked: string[]): HandleStore<Value> =>
  new Proxy(
    { ...store },
    {
      get: (target, name: keyof HandleStore<Value>) => {
        const original = target[name] as (...parts: never[]) => unknown
        return (...parts: never[]) => {
          asked.push(name)
          return original(...parts)
        }
      },
    },
  )

describe('a store that several processes share', () => {
  /** A store as a database gives it: later, and with copies. */
  const slow = <Value>(store: HandleStore<Value>): HandleStore<Value> => {
    const later = async <Result>(answer: () => Result): Promise<Awaited<Result>> => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return structuredClone(await answer()) as Awaited<Result>
    }
    return {
      insert: (entry, limits) => later(() => store.insert(structuredClone(entry), limits)),
      find: (...keys) => later(() => store.find(...keys)),
      retie: (...parts) => later(() => store.retie(...parts)),
      remove: (...keys) => later(() => store.remove(...keys)),
      takeEnded: (maxEntries) => later(() => store.takeEnded(maxEntries)),
    }
  }

  test('holds neither the handle nor anything of another user’s under it', async () => {
    const store = inProcessHandleStore<string>()
    const entries: HandleEntry<string>[] = []
    const { handles } = openHandles({
      store: { ...store, insert: (entry, limits) => (entries.push(entry), store.insert(entry, limits)) },
    })
    const handle = await handles.open(alice, 'x')
    expect(JSON.stringify(entries)).not.toContain(handle)
    expect(entries).toMatchObject([{ ownerKey: 'vouched:alice', tie: { issuedAtMs: expect.any(Number) } }])
    expect(Object.isFrozen(entries[0])).toBe(true)
  })

  test('is not asked for a context whose identity has ended, nor after close()', async () => {
    const sessions = openSessions()
    const asked: string[] = []
    const { handles } = openHandles({ store: noting(inProcessHandleStore<string>(), asked) })
    const context = await signIn(sessions)
    await sessions.revoke({ session: context })
    expect(await codeOf(handles.open(context, 'x'))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    expect(await codeOf(handles.find(context, 'f'.repeat(32)))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    await handles.close()
    expect(await codeOf(handles.open(alice, 'x'))).toBe('ERR_CONTEXT_CLOSED')
    expect(asked).toEqual([])
  })

  test('is not asked at the end of an identity that no handle is tied to any more', async () => {
    const sessions = openSessions()
    const asked: string[] = []
    const { handles } = openHandles({ store: noting(inProcessHandleStore<string>(), asked) })
    const first = await signIn(sessions, { sessionId: 's-1', expiresAtMs: Date.now() + 60_000 })
    const released = await handles.open(first, 'released')
    await handles.release(first, released)
    const tiedAnew = await handles.open(first, 'tied anew')
    const longer = await signIn(sessions, { sessionId: 's-2', expiresAtMs: Date.now() + 120_000 })
    expect(await handles.find(longer, tiedAnew)).toBe('tied anew')
    asked.length = 0
    await sessions.revoke({ session: first })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(asked).toEqual([])
    expect(await handles.find(longer, tiedAnew)).toBe('tied anew')
  })

  test('gives nothing when the identity ends while it is asked', async () => {
    const sessions = openSessions()
    const store = inProcessHandleStore<string>()
    const context = await signIn(sessions, { sessionId: 's-1', expiresAtMs: Date.now() + 60_000 })
    const { handles } = openHandles({
      store: {
        ...store,
        find: async (...keys) => {
          const entry = await store.find(...keys)
          await sessions.revoke({ session: context })
          return entry
        },
      },
    })
    const handle = await handles.open(await signIn(sessions, { sessionId: 's-2' }), 'x')
    expect(await codeOf(handles.find(context, handle))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test('keeps no timer of a process that closed, also when that one finds a handle afterwards', async () => {
    holdTime()
    const { handles } = openHandles({ store: inProcessHandleStore<string>() })
    const handle = await handles.open(await signIn(undefined, { expiresAtMs: Date.now() + 30_000 }), 'x')
    const opened = vi.getTimerCount()
    await handles.close()
    expect(vi.getTimerCount()).toBe(opened - 1)
    expect(await handles.find(await signIn(undefined), handle)).toBe('x')
    expect(vi.getTimerCount()).toBe(opened - 1)
  })

  test('keeps the handle of an exempted context over the sign-out of its session', async () => {
    const store = inProcessHandleStore<string>()
    const sessions = openSessions()
    const [one, other] = [openHandles({ store }), openHandles({ store })]
    const context = await signIn(sessions, { sessionId: 's-1', issuedAtMs: Date.now() - 10 })
    const exempt = deriveChild(context, 'report', {
      outlivesIdentity: { reason: 'nightly report', untilMs: Date.now() + 60_000 },
    })
    const handle = await one.handles.open(exempt, 'x')
    await sessions.revoke({ session: context })
    expect(await other.handles.find(exempt, handle)).toBe('x')
  })

  test('lets every process find a handle, and outlives the close of one', async () => {
    const store = slow(inProcessHandleStore<string>())
    const [one, other] = [openHandles({ store }), openHandles({ store })]
    const handle = await one.handles.open(alice, 'x')
    await one.handles.close()
    expect(one.ended).toEqual([])
    expect(await other.handles.find(alice, handle)).toBe('x')
    expect(await other.handles.release(alice, handle)).toBe(true)
    expect(other.ended).toEqual([['x', 'released']])
  })

  test.each([
    ['a proof of before', -10],
    ['a proof that is dated after it', 60_000],
  ])(
    'gives nothing opened before a sign-out that this process heard of, by one that died: %s',
    async (_of, aheadMs) => {
      const store = slow(inProcessHandleStore<string>())
      const sessions = openSessions()
      const [dead, living] = [openHandles({ store }), openHandles({ store })]
      const before = await signIn(openSessions(), { issuedAtMs: Date.now() + aheadMs })
      const handle = await dead.handles.open(before, 'x')
      await dead.handles.close()
      await sessions.revoke({ user: { namespace: 'oidc', userId: 'alice' } })
      await new Promise((resolve) => setTimeout(resolve, 5))
      const again = await signIn(sessions)
      expect(await living.handles.find(again, handle)).toBeUndefined()
      expect(living.ended).toEqual([['x', 'identity_ended']])
    },
  )

  test('keeps a handle that another process tied to a proof that lasts longer', async () => {
    const pass = holdTime()
    const store = inProcessHandleStore<string>()
    const [one, other] = [openHandles({ store }), openHandles({ store })]
    const handle = await one.handles.open(await signIn(undefined, { expiresAtMs: Date.now() + 1_000 }), 'x')
    const longer = await signIn(undefined, { expiresAtMs: Date.now() + 60_000 })
    expect(await other.handles.find(longer, handle)).toBe('x')
    // The proof of the first has ended, and its timer has not fired.
    await pass(1_001)
    expect(await one.handles.find(longer, handle)).toBe('x')
    await pass(2_000)
    expect(await other.handles.find(longer, handle)).toBe('x')
    expect([...one.ended, ...other.ended]).toEqual([])
  })

  test('takes what a process left behind, once', async () => {
    const pass = holdTime()
    const store = inProcessHandleStore<string>()
    const [dead, ...living] = [openHandles({ store, ttlMs: 1_000 }), openHandles({ store }), openHandles({ store })]
    await dead!.handles.open(bob, 'left')
    await dead!.handles.close()
    await pass(1_000)
    await Promise.all(living.map(({ handles }) => handles.open(alice, 'x')))
    await pass(0)
    expect(living.flatMap(({ ended }) => ended)).toEqual([['left', 'expired']])
  })

  test('gives the value to onEnd when it can be asked again, and finds nothing until then', async () => {
    const pass = holdTime()
    const store = inProcessHandleStore<string>()
    let fails = true
    const failing: HandleStore<string> = {
      ...store,
      remove: async (...keys) => {
        if (fails) throw new Error('the store is gone')
        return store.remove(...keys)
      },
    }
    const { handles, ended } = openHandles({ store: failing, ttlMs: 1_000 })
    const handle = await handles.open(alice, 'x')
    await pass(2_000)
    expect([await handles.find(alice, handle), ended]).toEqual([undefined, []])
    fails = false
    await pass(2_000)
    expect(ended).toEqual([['x', 'expired']])
  })

  test('rejects with its failure, and opens and finds nothing', async () => {
    const failure = new Error('the store is gone')
    const fail = (): never => {
      throw failure
    }
    const { handles } = openHandles({ store: { ...inProcessHandleStore<string>(), insert: fail, find: fail } })
    await expect(handles.open(alice, 'x')).rejects.toBe(failure)
    await expect(handles.find(alice, 'f'.repeat(32))).rejects.toBe(failure)
  })

  test('ends what was opened while the identity ended', async () => {
    const sessions = openSessions()
    const store = inProcessHandleStore<string>()
    const context = await signIn(sessions)
    const { handles, ended } = openHandles({
      store: {
        ...store,
        insert: async (entry, limits) => {
          const insertion = await store.insert(entry, limits)
          await sessions.revoke({ session: context })
          return insertion
        },
      },
    })
    expect(await codeOf(handles.open(context, 'x'))).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
    await vi.waitFor(() => expect(ended).toEqual([['x', 'identity_ended']]))
  })
})
