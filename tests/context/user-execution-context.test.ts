import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  assertUserExecutionContext,
  createForUser,
  deriveChild,
  isUserExecutionContext,
} from '../../src/context/user-execution-context.ts'
import { maxDepth } from '../../src/context/context-parts.ts'
import { parseRunId, parseThreadId } from '../../src/facts/ids.ts'
import { emptyRecord } from '../../src/facts/json-copy.ts'
import { identityProvider } from '../../src/identity/verified-user.ts'
import { catchError, catchRejection, toFaults } from '../errors/catch-error.ts'
import { newUser } from '../users.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const threadId = parseThreadId('thread-1')
const runId = parseRunId('run-1')

describe('createForUser', () => {
  test('joins the facts of the user, the run and the step', () => {
    const user = newUser('user-1', {
      sessionId: 's-1',
      tenantId: 't-1',
      permissions: ['notes.read'],
      expiresAtMs: 8e15,
    })
    const before = Date.now()
    const context = createForUser(user, { threadId, runId, agentContext: { a: 1 }, auditMetadata: { b: [2] } })
    expect({ ...context }).toEqual({
      tenantId: 't-1',
      permissions: ['notes.read'],
      threadId: 'thread-1',
      runId: 'run-1',
      requestId: expect.stringMatching(uuid),
      parentRequestId: undefined,
      operation: 'root',
      depth: 0,
      createdAtMs: expect.any(Number),
      expiresAtMs: 8e15,
      identity: { provider: 'vouched', reason: 'unit test', kind: 'person' },
      actors: [],
    })
    expect([context.userId, context.sessionId]).toEqual(['user-1', 's-1'])
    expect([context.agentContext, context.auditMetadata]).toEqual([{ a: 1 }, { b: [2] }])
    expect(context.createdAtMs).toBeGreaterThanOrEqual(before)
    expect(context.createdAtMs).toBeLessThanOrEqual(Date.now())
  })

  test('says of an identity without an end that it has none', () => {
    const context = createForUser(newUser())
    expect([context.expiresAtMs, context.identityEndsAtMs]).toEqual([undefined, undefined])
    expect(context.toJSON().expiresAt).toBe(undefined)
  })

  test('names the provider that verified the user', async () => {
    const user = await identityProvider({ name: 'auth0', verify: () => ({ userId: 'auth0:5f7c' }) })('token')
    expect(createForUser(user).identity).toEqual({ provider: 'auth0', reason: undefined, kind: 'person' })
  })

  test('makes the ids that the caller leaves out, new ones each time', () => {
    const contexts = Array.from({ length: 100 }, () => createForUser(newUser()))
    const ids = contexts.flatMap((context) => [context.threadId, context.runId, context.requestId])
    for (const id of ids) expect(id).toMatch(uuid)
    expect(new Set(ids).size).toBe(300)
  })

  test('freezes the context, its prototype and everything it holds', () => {
    const context = createForUser(newUser(), { agentContext: { list: [{ a: 1 }] }, auditMetadata: { b: {} } })
    const parts = [
      context,
      Object.getPrototypeOf(context),
      context.permissions,
      context.identity,
      context.agentContext,
      context.agentContext['list'],
      (context.agentContext['list'] as readonly object[])[0],
      context.auditMetadata,
      context.auditMetadata['b'],
    ]
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true)
  })

  test('refuses every change of a field', () => {
    const context = createForUser(newUser(), { agentContext: { list: [1] } })
    const getters = [
      'userId',
      'sessionId',
      'namespace',
      'provenAtMs',
      'identityEndsAtMs',
      'agentContext',
      'auditMetadata',
    ] as const
    const readAll = (): unknown => [{ ...context }, getters.map((key) => context[key])]
    const before = readAll()
    const open = context as unknown as Record<string, unknown> & {
      agentContext: Record<string, unknown>
      permissions: string[]
    }
    for (const key of [...Object.keys(context), ...getters]) {
      expect(() => {
        open[key] = 'other'
      }).toThrow(TypeError)
      expect(() => Object.defineProperty(context, key, { value: 'other' })).toThrow(TypeError)
    }
    for (const key of Object.keys(context)) {
      expect(() => {
        delete open[key]
      }).toThrow(TypeError)
    }
    expect(() => {
      open['isAdmin'] = true
    }).toThrow(TypeError)
    expect(() => {
      open.agentContext['role'] = 'admin'
    }).toThrow(TypeError)
    expect(() => open.permissions.push('admin')).toThrow(TypeError)
    expect(() => (open.agentContext['list'] as unknown[]).push(2)).toThrow(TypeError)
    expect(readAll()).toEqual(before)
  })

  test.each(['userId', 'sessionId', 'namespace', 'provenAtMs', 'identityEndsAtMs', 'agentContext', 'auditMetadata'])(
    'has the getter %s, which refuses a copy',
    (key) => {
      const context = createForUser(newUser())
      const prototype = Object.getPrototypeOf(context) as object
      expect(catchError(() => Reflect.get(prototype, key, { ...context }) as unknown).code).toBe(
        'ERR_CONTEXT_NOT_ISSUED',
      )
    },
  )

  test('has no own or inherited way back to its class', () => {
    const context = createForUser(newUser())
    expect(context.constructor).toBe(Object)
    expect(Reflect.ownKeys(Object.getPrototypeOf(context))).toEqual([
      'constructor',
      'userId',
      'sessionId',
      'namespace',
      'provenAtMs',
      'identityEndsAtMs',
      'agentContext',
      'auditMetadata',
      'toJSON',
      'toString',
      Symbol.for('nodejs.util.inspect.custom'),
    ])
  })

  test.each([
    ['different users', 'user-2'],
    ['one user', 'user-1'],
  ])('makes contexts of %s unequal: their request ids differ', (_whose, userId) => {
    expect(createForUser(newUser('user-1'), { threadId, runId })).not.toEqual(
      createForUser(newUser(userId), { threadId, runId }),
    )
  })

  test('shares one empty record among all who have none', () => {
    const context = createForUser(newUser())
    expect([context.agentContext, context.auditMetadata]).toEqual([emptyRecord, emptyRecord])
    expect(context.agentContext).toBe(createForUser(newUser(), { agentContext: {} }).auditMetadata)
  })

  test('reads every property of the run once', () => {
    const reads: string[] = []
    const counted = (key: string, value: unknown): PropertyDescriptor => ({
      enumerable: true,
      get: () => {
        reads.push(key)
        return value
      },
    })
    const run = Object.defineProperties(
      {},
      {
        threadId: counted('threadId', threadId),
        runId: counted('runId', runId),
        agentContext: counted('agentContext', { a: 1 }),
        auditMetadata: counted('auditMetadata', { b: 1 }),
      },
    )
    createForUser(newUser(), run)
    expect(reads).toEqual(['threadId', 'runId', 'agentContext', 'auditMetadata'])
  })

  test('is not changed by a run request that changes later', () => {
    const run = { agentContext: { list: [1] } }
    const context = createForUser(newUser(), run)
    run.agentContext.list.push(2)
    run.agentContext = { list: [3] }
    expect(context.agentContext).toEqual({ list: [1] })
  })

  test.each([
    ['undefined', undefined],
    ['a user id', 'user-1'],
    ['a copy of a user', { ...newUser() }],
    ['a clone', structuredClone({ ...newUser() })],
    ['an heir', Object.create(newUser())],
    ['a proxy', new Proxy(newUser(), {})],
    ['a context', createForUser(newUser())],
    ['a promise of a user', Promise.resolve(newUser())],
  ])('refuses a user that nobody verified: %s', (_what, user) => {
    expect(catchError(() => createForUser(user as never)).code).toBe('ERR_CONTEXT_USER_NOT_VERIFIED')
  })

  test('refuses a user whose proof has ended since, at the very millisecond', () => {
    vi.useFakeTimers()
    try {
      const user = newUser('user-1', { expiresAtMs: Date.now() + 1000 })
      vi.advanceTimersByTime(999)
      expect(createForUser(user).expiresAtMs).toBe(user.expiresAtMs)
      vi.advanceTimersByTime(1)
      expect(catchError(() => createForUser(user)).code).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
    } finally {
      vi.useRealTimers()
    }
  })

  test('lives in the time of fake timers, as the sign-in does', async () => {
    vi.useFakeTimers({ now: new Date('2024-01-01T00:00:00Z') })
    try {
      const inAnHour = Date.now() + 3_600_000
      const signIn = identityProvider({
        name: 'session',
        verify: () => ({ userId: 'user-1', expiresAtMs: inAnHour }),
      })
      const user = await signIn('cookie')
      const context = createForUser(user)
      expect(context.createdAtMs).toBe(Date.parse('2024-01-01T00:00:00Z'))
      vi.setSystemTime(inAnHour - 1)
      expect(deriveChild(context, 'tool').createdAtMs).toBe(inAnHour - 1)
      vi.setSystemTime(inAnHour)
      expect(catchError(() => createForUser(user)).code).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
      expect((await catchRejection(signIn('cookie'))).code).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    ['an id', 'thread-1', [': not a plain object']],
    ['null', null, [': not a plain object']],
    ['a list', [], [': not a plain object']],
    [
      'a class instance',
      new (class {
        readonly threadId = 't'
      })(),
      [': not a plain object'],
    ],
    [
      'faults everywhere, all at once',
      {
        'threadId': '',
        'runId': 7,
        'agentContext': { f: () => 1 },
        'auditMetadata': 'x',
        'userId': 'admin',
        'bad key': 1,
      },
      [
        'userId: unknown key',
        '[key 6]: unknown key',
        'threadId: empty',
        'runId: not a string',
        'agentContext[key 1]: live object',
        'auditMetadata: not a plain object',
      ],
    ],
    ['null for an id', { threadId: null }, ['threadId: missing']],
    ['a key of the prototype', JSON.parse('{ "__proto__": { "a": 1 } }'), ['__proto__: unknown key']],
  ])('refuses a run that is not one: %s', (_what, run, faults) => {
    const error = catchError(() => createForUser(newUser(), run as never))
    expect(error.code).toBe('ERR_CONTEXT_INVALID_REQUEST')
    expect(toFaults(error)).toEqual(faults)
  })

  test.each([
    'userId',
    'sessionId',
    'tenantId',
    'permissions',
    'requestId',
    'parentRequestId',
    'operationDepth',
    'createdAt',
    'correlationId',
    'metadata',
    'workspaceId',
    'websocketClientId',
    'websocketConnectionId',
    'dbSession',
    'cleanupCallbacks',
    'depth',
    'operation',
    'identity',
    'expiresAtMs',
    'namespace',
    'provenAtMs',
    'identityEndsAtMs',
  ])('refuses the key %s, which others set', (key) => {
    const error = catchError(() => createForUser(newUser(), { [key]: undefined } as never))
    expect(toFaults(error)).toEqual([`${key}: unknown key`])
  })

  test.each([
    ...['userId', 'sessionId', 'tenantId', 'threadId', 'runId', 'requestId', 'parentRequestId', 'correlationId'],
    ...['permissions', 'operation', 'depth', 'identity', 'actors', 'agentContext', 'auditMetadata'],
    ...['identityEndsAtMs', 'identity_ends_at', 'identity-ends-at-ms'],
    ...['createdAt', 'createdAtMs', 'expiresAt', 'expiresAtMs', 'user_id', 'USER_ID', 'UserID', 'run-id', 'created_at'],
  ])('refuses the key %s at the top level of agentContext, which a context has itself', (key) => {
    const error = catchError(() => createForUser(newUser(), { agentContext: { note: 1, [key]: 'user-2' } }))
    expect(error.code).toBe('ERR_CONTEXT_INVALID_REQUEST')
    expect(toFaults(error)).toEqual([`agentContext.${key}: reserved`])
  })

  test('takes such keys deeper down and in auditMetadata, where they are data about something else', () => {
    const data = { note: { userId: 'user-2' }, userIds: ['user-2'], users: 1 }
    const context = createForUser(newUser(), { agentContext: data, auditMetadata: { userId: 'user-2' } })
    expect([context.agentContext, context.auditMetadata]).toEqual([data, { userId: 'user-2' }])
  })

  test.each([
    [
      'a getter that throws',
      {
        get agentContext(): never {
          throw new Error('secret')
        },
      },
    ],
    [
      'a getter that throws inside a record',
      {
        agentContext: {
          get inner(): never {
            throw new Error('secret')
          },
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('secret')
          },
        },
      ),
    ],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })(),
    ],
  ])('refuses %s with its own error, which keeps the cause', (_what, run) => {
    const error = catchError(() => createForUser(newUser(), run as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_REQUEST', [': live object']])
    expect(error.message).not.toContain('secret')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('takes nothing from a polluted Object.prototype', () => {
    const pollution = {
      threadId: 'thread-of-nobody',
      runId: 'run-of-nobody',
      agentContext: { role: 'admin' },
      auditMetadata: { role: 'admin' },
      role: 'admin',
    }
    Object.assign(Object.prototype, pollution)
    try {
      const context = createForUser(newUser(), {})
      expect(context.threadId).not.toBe(pollution.threadId)
      expect(context.runId).not.toBe(pollution.runId)
      expect([context.agentContext, context.auditMetadata]).toEqual([emptyRecord, emptyRecord])
      const parent = createForUser(newUser(), { auditMetadata: { a: 1 } })
      expect(Object.keys(deriveChild(parent, 'child', { auditMetadata: { b: 1 } }).auditMetadata)).toEqual(['a', 'b'])
      expect(parent.agentContext).toBe(emptyRecord)
    } finally {
      for (const key of Object.keys(pollution)) delete (Object.prototype as unknown as Record<string, unknown>)[key]
    }
  })

  test('answers any run whatever with a context or its own error, and never repeats a value', () => {
    const secret = fc.uuid().map((id) => `secret ${id}`)
    const run = fc.oneof(
      fc.anything(),
      fc.record(
        {
          threadId: fc.oneof(secret, fc.anything()),
          agentContext: fc.dictionary(fc.string(), fc.oneof(secret, fc.anything())),
        },
        { requiredKeys: [] },
      ),
    )
    fc.assert(
      fc.property(run, (input) => {
        try {
          expect(isUserExecutionContext(createForUser(newUser(), input as never))).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ContextError', code: 'ERR_CONTEXT_INVALID_REQUEST' })
          expect((error as Error).message).not.toContain('secret')
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('deriveChild', () => {
  const parent = createForUser(newUser('user-1', { sessionId: 's-1', tenantId: 't-1', permissions: ['p'] }), {
    threadId,
    runId,
    agentContext: { kept: { a: 1 }, replaced: 1 },
    auditMetadata: { source: 'web' },
  })

  test('keeps user, thread and run, and sets its own step and lineage', () => {
    const child = deriveChild(parent, 'search-notes', { agentContext: { replaced: 2, added: 3 } })
    expect({ ...child }).toEqual({
      ...parent,
      requestId: expect.stringMatching(uuid),
      parentRequestId: parent.requestId,
      operation: 'search-notes',
      depth: 1,
      createdAtMs: expect.any(Number),
    })
    expect([child.userId, child.sessionId]).toEqual(['user-1', 's-1'])
    expect(child.agentContext).toEqual({ kept: { a: 1 }, replaced: 2, added: 3 })
    expect(child.auditMetadata).toEqual({ source: 'web' })
    expect(child.requestId).not.toBe(parent.requestId)
    expect(isUserExecutionContext(child)).toBe(true)
    expect(Object.isFrozen(child) && Object.isFrozen(child.agentContext)).toBe(true)
  })

  test('shares with its parent what it does not add to', () => {
    const child = deriveChild(parent, 'search', { agentContext: { added: 1 } })
    expect(child.auditMetadata).toBe(parent.auditMetadata)
    expect(child.agentContext['kept']).toBe(parent.agentContext['kept'])
    expect(child.permissions).toBe(parent.permissions)
    expect(parent.agentContext).toEqual({ kept: { a: 1 }, replaced: 1 })
  })

  test(`allows ${maxDepth} levels and refuses one more`, () => {
    let context = parent
    for (let depth = 1; depth <= 10; depth++) {
      context = deriveChild(context, `step-${depth}`)
      expect(context.depth).toBe(depth)
    }
    expect(maxDepth).toBe(10)
    expect(catchError(() => deriveChild(context, 'one-too-many')).code).toBe('ERR_CONTEXT_TOO_DEEP')
  })

  test('does not let agentContext say what the context says itself', () => {
    const error = catchError(() => deriveChild(parent, 'tool', { agentContext: { depth: 0, user_id: 'other' } }))
    expect(error.code).toBe('ERR_CONTEXT_INVALID_REQUEST')
    expect(toFaults(error)).toEqual(['agentContext.depth: reserved', 'agentContext.user_id: reserved'])
  })

  test('does not let auditMetadata set the lineage', () => {
    const child = deriveChild(parent, 'tool', { auditMetadata: { depth: 0, parentRequestId: 'mine' } })
    expect(child).toMatchObject({ depth: 1, parentRequestId: parent.requestId, operation: 'tool' })
  })

  test.each(['threadId', 'runId', 'userId', 'requestId', 'parentRequestId', 'depth', 'operation'])(
    'refuses the addition %s',
    (key) => {
      const error = catchError(() => deriveChild(parent, 'tool', { [key]: 'x' } as never))
      expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_REQUEST', [`${key}: unknown key`]])
    },
  )

  test.each([
    [undefined, 'missing'],
    ['', 'empty'],
    ['root', 'reserved'],
    ['a b', 'illegal character'],
    [7, 'not a string'],
    ['x'.repeat(129), 'too long'],
  ])('refuses the operation %j', (operation, kind) => {
    const error = catchError(() => deriveChild(parent, operation as never))
    expect([error.code, toFaults(error)]).toEqual(['ERR_CONTEXT_INVALID_OPERATION', [`operation: ${kind}`]])
  })

  test('takes "test" for an operation: a poor id is a fine name for a step', () => {
    expect(deriveChild(parent, 'test').operation).toBe('test')
  })
})

describe('assertUserExecutionContext', () => {
  test('takes roots and children, and agrees with isUserExecutionContext', () => {
    const context = createForUser(newUser())
    for (const real of [context, deriveChild(context, 'child')]) {
      expect(isUserExecutionContext(real)).toBe(true)
      expect(() => assertUserExecutionContext(real)).not.toThrow()
    }
  })

  test('refuses any other value with a message that says what to do', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(isUserExecutionContext(value)).toBe(false)
        const { code, message } = catchError(() => assertUserExecutionContext(value))
        expect(code).toBe('ERR_CONTEXT_NOT_ISSUED')
        expect(message).toMatch(/createForUser\(\)\. .*(pass|Pass|await|look for) /)
      }),
    )
  })
})
