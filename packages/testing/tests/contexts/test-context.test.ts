import {
  assertOwned,
  ContextError,
  createForUser,
  isUserExecutionContext,
  isVerifiedUser,
  own,
  toLogFields,
} from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { describe, expect, test } from 'vitest'
import { testContext, testUser } from '../../src/contexts/test-context.ts'

const catchError = (call: () => unknown): ContextError => {
  try {
    call()
  } catch (error) {
    if (error instanceof ContextError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('testUser', () => {
  test('makes a sealed user with the facts that it is given', () => {
    const user = testUser({
      userId: 'alice',
      tenantId: 'acme',
      sessionId: 's-1',
      permissions: ['notes.read'],
      expiresAtMs: Date.now() + 1e6,
    })
    expect(isVerifiedUser(user)).toBe(true)
    expect([user.userId, user.tenantId, user.sessionId, user.permissions]).toEqual([
      'alice',
      'acme',
      's-1',
      ['notes.read'],
    ])
    expect(user.expiresAtMs).toBeGreaterThan(Date.now())
  })

  test('makes the same default user each time', () => {
    expect([testUser().userId, testUser({}).userId]).toEqual(['test-user', 'test-user'])
  })

  test('marks the user as one of a test', () => {
    expect(testUser().identity).toEqual({
      provider: 'vouched',
      reason: 'made by @user-execution-context/testing for a test',
      kind: 'person',
    })
  })

  test('refuses the keys of a run', () => {
    expect(catchError(() => testUser({ threadId: 't-1' } as never)).issues).toEqual([
      { path: 'threadId', kind: 'unknown key' },
    ])
  })
})

describe('testContext', () => {
  test('makes a context that createForUser() issued, with all that it is given', () => {
    const context = testContext({
      userId: 'alice',
      tenantId: 'acme',
      sessionId: 's-1',
      permissions: ['notes.read'],
      threadId: 'thread-1',
      runId: 'run-1',
      agentContext: { plan: 'pro' },
      auditMetadata: { source: 'test' },
    })
    expect(isUserExecutionContext(context)).toBe(true)
    const { userId, tenantId, sessionId, permissions, threadId, runId, agentContext, auditMetadata } = context
    expect({ userId, tenantId, sessionId, permissions, threadId, runId, agentContext, auditMetadata }).toEqual({
      userId: 'alice',
      tenantId: 'acme',
      sessionId: 's-1',
      permissions: ['notes.read'],
      threadId: 'thread-1',
      runId: 'run-1',
      agentContext: { plan: 'pro' },
      auditMetadata: { source: 'test' },
    })
  })

  test('has fixed defaults', () => {
    const { userId, tenantId, permissions, threadId, runId, agentContext } = testContext()
    expect({ userId, tenantId, permissions, threadId, runId, agentContext }).toEqual({
      userId: 'test-user',
      tenantId: undefined,
      permissions: [],
      threadId: 'test-thread',
      runId: 'test-run',
      agentContext: {},
    })
  })

  test('carries the mark of a test into log lines', () => {
    expect(toLogFields(testContext())).toMatchObject({
      identityProvider: 'vouched',
      identityReason: 'made by @user-execution-context/testing for a test',
    })
  })

  test('never gives two contexts that are equal: no option and no clock pins the requestId', () => {
    const facts = { userId: 'alice', threadId: 'thread-1', runId: 'run-1' }
    const [left, right] = [testContext(facts), testContext(facts)]
    expect(left.requestId).not.toBe(right.requestId)
    expect(() => expect(left).toEqual(right)).toThrow()
    expect(left).not.toEqual(testContext({ ...facts, userId: 'bob' }))
  })

  test("keeps one user's resources from another's context, as any context does", () => {
    const [alice, bob] = [testContext({ userId: 'alice' }), testContext({ userId: 'bob' })]
    const note = own(alice, {})
    expect(() => assertOwned(testContext({ userId: 'alice' }), note)).not.toThrow()
    expect(catchError(() => assertOwned(bob, note)).code).toBe('ERR_CONTEXT_ISOLATION')
  })

  test.each(['requestId', 'user', 'createdAtMs', 'reason', 'identity', 'operation', 'userID', '__proto__x'])(
    'refuses the unknown key %s, and lists the keys that there are',
    (key) => {
      const error = catchError(() => testContext({ [key]: 'value-1' } as never))
      expect(error.code).toBe('ERR_CONTEXT_INVALID_OPTIONS')
      expect(error.issues).toEqual([{ path: key, kind: 'unknown key' }])
      expect(String(error.cause)).toContain(
        'userId, namespace, tenantId, sessionId, permissions, expiresAtMs, sessions, threadId, runId',
      )
      expect(`${error.message}${String(error.cause)}`).not.toContain('value-1')
    },
  )

  test('refuses a userId that is there and undefined, as a misspelt property of a fixture leaves it', () => {
    expect(catchError(() => testContext({ userId: undefined } as never)).issues).toEqual([
      { path: 'userId', kind: 'missing' },
    ])
  })

  test.each([
    ['a string', 'alice'],
    ['null', null],
    ['a user', testUser()],
    ['a context', createForUser(testUser())],
    ['an array', []],
    ['a map', new Map([['userId', 'alice']])],
  ])('refuses %s in place of the options', (_what, options) => {
    expect(catchError(() => testContext(options as never)).issues).toEqual([{ path: '', kind: 'not a plain object' }])
  })

  test('takes an undefined for what has no default of its own', () => {
    expect(testContext({ tenantId: undefined, threadId: undefined, agentContext: undefined }).threadId).toBe(
      'test-thread',
    )
  })

  test('holds values to the rules of the core', () => {
    expect(catchError(() => testContext({ userId: 'null' })).code).toBe('ERR_CONTEXT_INVALID_IDENTITY')
    expect(catchError(() => testContext({ threadId: 'a b' })).code).toBe('ERR_CONTEXT_INVALID_REQUEST')
    expect(catchError(() => testContext({ expiresAtMs: 1 })).code).toBe('ERR_CONTEXT_IDENTITY_EXPIRED')
  })

  test('ignores what a polluted Object.prototype would add', () => {
    const pollution = Object.prototype as { tenantId?: string }
    pollution.tenantId = 'stolen'
    try {
      expect(testContext().tenantId).toBeUndefined()
    } finally {
      delete pollution.tenantId
    }
  })

  test('does not claim a user whom somebody else vouched for', () => {
    expect(vouchForUser('alice', { reason: 'a nightly job' }).identity.reason).not.toBe(testUser().identity.reason)
  })
})
