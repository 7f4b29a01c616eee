import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createForUser,
  deriveChild,
  findContextProof,
  type UserExecutionContext,
} from '../../src/context/user-execution-context.ts'
import { isLive } from '../../src/context/live-context.ts'
import { liveSessions } from '../../src/context/live-sessions.ts'
import { openAuditTrail } from '../../src/context/audit-trail.ts'
import { toLogFields } from '../../src/context/to-log-fields.ts'
import { toSpanAttributes } from '../../src/context/to-span-attributes.ts'
import type { VerifiedFacts } from '../../src/identity/identity-facts.ts'
import { identityProvider } from '../../src/identity/verified-user.ts'
import { runWithContext } from '../../src/scope/ambient-context.ts'
import { openScope } from '../../src/scope/open-scope.ts'
import { requireContext } from '../../src/scope/require-context.ts'
import { catchError, catchRejection, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const root = createForUser(newUser('user-1', { permissions: ['read', 'write', 'delete'], sessionId: 's-1' }))
const planner = { name: 'planner', kind: 'agent' } as const
const signIn = (facts: object, sessions?: ReturnType<typeof liveSessions>) =>
  identityProvider({ name: 'oidc', sessions, verify: () => ({ userId: '1', ...facts }) as VerifiedFacts })('x')
const record = async (context: UserExecutionContext) => openAuditTrail({ write: () => {} }).record(context, 'done')

describe('permissions of a child', () => {
  test('are a frozen subset, and shrink from child to child (AISVS 9.5.5)', () => {
    const child = deriveChild(root, 'tool', { permissions: ['write', 'read', 'read'] })
    expect([child.permissions, Object.isFrozen(child.permissions)]).toEqual([['write', 'read'], true])
    expect(deriveChild(child, 'more').permissions).toBe(child.permissions)
    expect(deriveChild(child, 'none', { permissions: [] }).permissions).toEqual([])
    expect(root.permissions).toEqual(['read', 'write', 'delete'])
    expect(catchError(() => deriveChild(child, 'more', { permissions: ['delete'] })).code).toBe(
      'ERR_CONTEXT_PERMISSION_WIDENED',
    )
  })

  test.each([[['admin']], [['read', 'admin']], [['READ']], [['rea']], [['']], [[7]], [[undefined]], [[['read']]]])(
    'are refused when they are more: %j',
    (permissions) => {
      const error = catchError(() => deriveChild(root, 'tool', { permissions: permissions as never }))
      expect([error.code, error.message.includes('admin')]).toEqual(['ERR_CONTEXT_PERMISSION_WIDENED', false])
    },
  )

  test('are refused when they were given and are undefined: a narrowing that failed must not keep all rights', () => {
    const scope = openScope(root)
    for (const key of ['permissions', 'actor', 'outlivesIdentity'])
      for (const make of [deriveChild, (_parent: unknown, name: string, more: object) => scope.child(name, more)]) {
        const error = catchError(() => make(root, 'tool', { [key]: undefined }))
        expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_REQUEST', [`${key}: missing`]])
      }
  })

  test('are read once', () => {
    let reads = 0
    const child = deriveChild(root, 'tool', {
      get permissions() {
        return reads++ === 0 ? ['read'] : ['read', 'write']
      },
    })
    expect([reads, child.permissions]).toEqual([1, ['read']])
  })

  test('are the names that were checked, and none that a list gives when it is read again', () => {
    let reads = 0
    const names = Object.defineProperty(['read'], 0, { get: () => (reads++ === 0 ? 'read' : 'admin') })
    expect([deriveChild(root, 'tool', { permissions: names }).permissions, reads]).toEqual([['read'], 1])
  })

  test('and all else that limits a child are not taken from a polluted Object.prototype', () => {
    const polluted = { permissions: [], actor: planner, outlivesIdentity: { reason: 'x', untilMs: 1 } }
    const untilMs = Date.now() + 60_000
    try {
      Object.assign(Object.prototype, polluted, { reason: 'polluted' })
      const child = deriveChild(root, 'tool', { auditMetadata: { step: 1 } })
      expect([child.permissions, child.actors, child.identity.outlives]).toEqual([root.permissions, [], undefined])
      expect(catchError(() => deriveChild(root, 'tool', { outlivesIdentity: { untilMs } as never })).code).toBe(
        'ERR_CONTEXT_INVALID_REQUEST',
      )
    } finally {
      for (const name of [...Object.keys(polluted), 'reason'])
        delete (Object.prototype as Record<string, unknown>)[name]
    }
  })

  test('and an exemption are plain objects', () => {
    const live = Object.assign(new (class Exemption {})(), { reason: 'nightly', untilMs: Date.now() + 60_000 })
    for (const outlivesIdentity of [live, null, 'nightly', []]) {
      const error = catchError(() => deriveChild(root, 'tool', { outlivesIdentity } as never))
      expect(toFaults(error)).toEqual(['outlivesIdentity: not a plain object'])
    }
  })

  test.each([['read'], [{ length: 1, 0: 'read' }], [new Set(['read'])], [null]])('are no list: %j', (permissions) => {
    const error = catchError(() => deriveChild(root, 'tool', { permissions: permissions as never }))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_REQUEST', ['permissions: not an array']])
  })
})

describe('actors', () => {
  test('are prepended, frozen and kept by children (RFC 8693 section 4.1)', () => {
    const child = deriveChild(deriveChild(root, 'plan', { actor: planner }), 'search', {
      actor: { name: 'searcher', kind: 'service' },
    })
    expect(root.actors).toEqual([])
    expect(child.actors.map(({ name, kind, source }) => [name, kind, source])).toEqual([
      ['searcher', 'service', 'declared'],
      ['planner', 'agent', 'declared'],
    ])
    expect([child.actors, ...child.actors].every((part) => Object.isFrozen(part))).toBe(true)
    expect(deriveChild(child, 'more').actors).toBe(child.actors)
  })

  test('are at most ten', async () => {
    const actors = Array.from({ length: 10 }, (_, index) => ({ name: `a-${index}`, kind: 'agent' }))
    const context = createForUser(await signIn({ actors }))
    expect(context.actors.map(({ source }) => source)).toEqual(Array(10).fill('verified'))
    expect(catchError(() => deriveChild(context, 'more', { actor: planner })).code).toBe('ERR_CONTEXT_TOO_DEEP')
    expect(deriveChild(context, 'more').actors).toHaveLength(10)
    expect(toFaults(await catchRejection(signIn({ actors: [...actors, planner] })))).toEqual(['actors: too large'])
  })

  test.each([
    ['a source of its own', { ...planner, source: 'verified' }, ['actor.source: unknown key']],
    ['no name', { kind: 'agent' }, ['actor.name: missing']],
    ['a name with a line break', { name: 'a\nb', kind: 'agent' }, ['actor.name: illegal character']],
    ['an unknown kind', { name: 'a', kind: 'admin' }, ['actor.kind: does not fit']],
    ['a text', 'planner', ['actor: not a plain object']],
    [
      'an actor of another context',
      deriveChild(root, 'plan', { actor: planner }).actors[0],
      ['actor: not a plain object'],
    ],
  ])('of a child are refused: %s', (_what, actor, faults) => {
    const error = catchError(() => deriveChild(root, 'tool', { actor: actor as never }))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_REQUEST', faults])
  })

  test.each([
    [{ actors: 'planner' }, ['actors: not an array']],
    [{ actors: [{ ...planner, source: 'sealed' }] }, ['actors[0].source: does not fit']],
    [{ kind: 'robot' }, ['kind: does not fit']],
    [{ issuedAtMs: 'now' }, ['issuedAtMs: not a number']],
    [
      { origin: { requestId: 'r', depth: -1, provider: 'p', x: 1 } },
      ['origin.depth: does not fit', 'origin.x: unknown key'],
    ],
    [{ origin: 'r' }, ['origin: not a plain object']],
  ])('and what else a provider says of a hop are refused: %j', async (facts, faults) => {
    const error = await catchRejection(signIn(facts))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_IDENTITY', faults])
  })

  test('stand in log lines, spans and audit records, without the name of a person', async () => {
    const actors = [
      { name: 'canary-support', kind: 'person' },
      { ...planner, source: 'declared' },
    ]
    const context = deriveChild(createForUser(await signIn({ actors, kind: 'service' })), 'x', {
      actor: { name: 'searcher', kind: 'service' },
    })
    const fields = [
      { kind: 'service', name: 'searcher', source: 'declared' },
      { kind: 'person', source: 'verified' },
      { kind: 'agent', name: 'planner', source: 'declared' },
    ]
    expect(context.actors[1]!.name).toBe('canary-support')
    expect(toLogFields(context)).toMatchObject({
      identityKind: 'service',
      actors: 'declared service:searcher, verified person, declared agent:planner',
    })
    expect(await record(context)).toMatchObject({ identityKind: 'service', actors: fields })
    expect(toSpanAttributes(context)).toMatchObject({
      'uec.identity.kind': 'service',
      'uec.actor.kind': 'service',
      'uec.actors': 'declared:service:searcher verified:person declared:agent:planner',
    })
    const printed = [
      JSON.stringify([context, { ...context }, context.actors]),
      inspect({ ...context }, { showHidden: true, getters: true, depth: 9, customInspect: false }),
      inspect(structuredClone({ ...context }), { depth: 9 }),
      JSON.stringify([toSpanAttributes(context), await record(context)]),
    ]
    expect(printed.filter((text) => text.includes('canary-support'))).toEqual([])
  })

  test('are read of the real ones only', async () => {
    const [actor] = createForUser(await signIn({ actors: [{ name: 'p', kind: 'person' }] })).actors
    expect(catchError(() => Object.create(actor!).name).code).toBe('ERR_CONTEXT_NOT_ISSUED')
  })
})

describe('the ambient context', () => {
  const narrow = deriveChild(root, 'tool', { permissions: ['read'] })
  const acting = deriveChild(root, 'tool', { actor: planner })
  const codeIn = (ambient: UserExecutionContext, context: UserExecutionContext): string | undefined =>
    runWithContext(ambient, () => {
      try {
        requireContext(context)
        return undefined
      } catch (error) {
        return (error as { code: string }).code
      }
    })

  test('refuses an explicit context with more rights, or with fewer actors', () => {
    expect(codeIn(narrow, root)).toBe('ERR_CONTEXT_MISMATCH')
    expect(codeIn(acting, root)).toBe('ERR_CONTEXT_MISMATCH')
    expect(codeIn(acting, deriveChild(root, 'other', { actor: { name: 'other', kind: 'agent' } }))).toBe(
      'ERR_CONTEXT_MISMATCH',
    )
    expect(() => runWithContext(narrow, () => runWithContext(root, () => 1))).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_MISMATCH' }),
    )
  })

  test('gives no child of one with more rights, with fewer actors or of another user', () => {
    const { threadId, runId } = root
    const other = createForUser(newUser('other', { permissions: ['read'] }), { threadId, runId })
    for (const [ambient, parent] of [
      [narrow, root],
      [acting, root],
      [root, other],
    ] as const)
      for (const additions of [undefined, { permissions: [] }, { actor: planner }])
        expect(catchError(() => runWithContext(ambient, () => deriveChild(parent, 'tool', additions))).code).toBe(
          'ERR_CONTEXT_MISMATCH',
        )
    expect(runWithContext(narrow, () => deriveChild(narrow, 'more')).permissions).toEqual(['read'])
    expect(runWithContext(root, () => deriveChild(narrow, 'less')).permissions).toEqual(['read'])
  })

  test('takes one with the same or fewer rights, and the same or more actors', () => {
    for (const context of [narrow, deriveChild(narrow, 'more'), deriveChild(narrow, 'less', { permissions: [] })])
      expect(codeIn(narrow, context)).toBeUndefined()
    for (const context of [acting, deriveChild(acting, 'more'), deriveChild(acting, 'on', { actor: planner })])
      expect(codeIn(acting, context)).toBeUndefined()
    expect(codeIn(root, narrow)).toBeUndefined()
  })
})

describe('the origin of an identity', () => {
  const origin = { requestId: 'request-1', depth: 3, provider: 'auth0' }

  test('makes contexts one level deeper than the step that they continue', async () => {
    const context = createForUser(await signIn({ origin }))
    expect([context.depth, context.parentRequestId, context.operation]).toEqual([4, 'request-1', 'root'])
    expect(context.identity.origin).toEqual(origin)
    expect(await record(context)).toMatchObject({ origin, depth: 4 })
    expect(toLogFields(context)).toMatchObject({ originProvider: 'auth0', identityProvider: 'oidc' })
    expect(toSpanAttributes(context)).toMatchObject({ 'uec.identity.origin': 'auth0', 'uec.identity.provider': 'oidc' })
    expect(deriveChild(context, 'tool').depth).toBe(5)
  })

  test('goes no deeper than children do', async () => {
    expect(createForUser(await signIn({ origin: { ...origin, depth: 9 } })).depth).toBe(10)
    const user = await signIn({ origin: { ...origin, depth: 10 } })
    expect(catchError(() => createForUser(user)).code).toBe('ERR_CONTEXT_TOO_DEEP')
  })
})

describe('outlivesIdentity', () => {
  afterEach(() => void vi.useRealTimers())
  const hour = 3_600_000
  const outlive = (context: UserExecutionContext, untilMs: number, more: object = {}): UserExecutionContext =>
    deriveChild(context, 'report', { outlivesIdentity: { reason: 'the user waits for it by mail', untilMs, ...more } })

  test('outlives the expiry and the sign-out of its own session, says so, and hands it on', async () => {
    vi.useFakeTimers()
    const sessions = liveSessions({ maxProofMs: hour })
    const user = await signIn({ sessionId: 's-1', expiresAtMs: Date.now() + 1000 }, sessions)
    const context = createForUser(user)
    const untilMs = Date.now() + 10_000
    const exempt = outlive(context, untilMs)
    const child = deriveChild(exempt, 'tool')
    expect([exempt.expiresAtMs, child.identity.outlives]).toEqual([
      untilMs,
      { reason: 'the user waits for it by mail', untilMs },
    ])
    expect(context.identity.outlives).toBeUndefined()
    for (const value of [child.identity, child.identity.outlives, findContextProof(child)])
      expect(Object.isFrozen(value)).toBe(true)
    expect(await record(child)).toMatchObject({ outlivesIdentity: { reason: 'the user waits for it by mail' } })
    await sessions.revoke({ session: context })
    vi.advanceTimersByTime(5000)
    expect([context, exempt, child].map(isLive)).toEqual([false, true, true])
    expect(() => deriveChild(child, 'more')).not.toThrow()
    vi.advanceTimersByTime(5251)
    expect([exempt, child].map(isLive)).toEqual([false, false])
  })

  test('begins now, however old the proof is that it comes from', async () => {
    vi.useFakeTimers()
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(await signIn({ issuedAtMs: Date.now() - 0.9 * hour }, sessions))
    const exempt = outlive(context, Date.now() + 0.5 * hour)
    vi.advanceTimersByTime(0.2 * hour)
    expect([context, exempt].map(isLive)).toEqual([false, true])
  })

  test('without a registry ends by the clock', async () => {
    vi.useFakeTimers()
    const exempt = outlive(createForUser(await signIn({ expiresAtMs: Date.now() + 1000 })), Date.now() + 5000)
    vi.advanceTimersByTime(4999)
    expect(isLive(exempt)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(isLive(exempt)).toBe(false)
  })

  test.each([
    ['user', { user: { namespace: 'oidc', userId: '1' } }],
    ['tenant', { tenant: { namespace: 'oidc', tenantId: 't-1' } }],
  ])('ends with its %s', async (by, target) => {
    const sessions = liveSessions({ maxProofMs: hour })
    const tenantId = by === 'tenant' ? 't-1' : undefined
    const exempt = outlive(createForUser(await signIn({ sessionId: 's-1', tenantId }, sessions)), Date.now() + 5000)
    await sessions.revoke(target as never)
    expect(isLive(exempt)).toBe(false)
  })

  test('without a registry lasts at most a day: no revocation ends it sooner', async () => {
    const context = createForUser(await signIn({ issuedAtMs: Date.now() }))
    const dayMs = 24 * hour
    expect(outlive(context, Date.now() + dayMs - 1000).identity.outlives).toBeDefined()
    const error = catchError(() => outlive(context, Date.now() + dayMs + 1000))
    expect(toFaults(error)).toEqual(['outlivesIdentity.untilMs: too large'])
  })

  test('is no way to live on after the end, nor to lengthen an exemption', async () => {
    const sessions = liveSessions({ maxProofMs: hour })
    const context = createForUser(await signIn({ sessionId: 's-1' }, sessions))
    const exempt = outlive(context, Date.now() + 5000)
    const untilMs = Date.now() + 9000
    expect(toFaults(catchError(() => outlive(exempt, untilMs)))).toEqual(['outlivesIdentity.untilMs: too large'])
    await sessions.revoke({ session: context })
    expect(catchError(() => outlive(context, untilMs)).code).toBe('ERR_CONTEXT_IDENTITY_REVOKED')
  })

  test.each([
    ['a past end', 1, {}, ['outlivesIdentity.untilMs: too small']],
    ['an end beyond what the registry remembers', 8e15, {}, ['outlivesIdentity.untilMs: too large']],
    ['no end', NaN, {}, ['outlivesIdentity.untilMs: not a number']],
    ['no reason', 8e12, { reason: ' ' }, ['outlivesIdentity.reason: empty', 'outlivesIdentity.untilMs: too large']],
    [
      'an unknown key',
      1,
      { revocable: false },
      ['outlivesIdentity.revocable: unknown key', 'outlivesIdentity.untilMs: too small'],
    ],
  ])('refuses %s', async (_what, untilMs, more, faults) => {
    const context = createForUser(await signIn({}, liveSessions({ maxProofMs: hour })))
    const error = catchError(() => outlive(context, untilMs, more))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_REQUEST', faults])
  })
})
