import { createForUser, deriveChild, newRunId, newThreadId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { describe, expect, test } from 'vitest'
import '../../src/vitest.ts'
import { contextSerializer } from '../../src/matchers/context-serializer.ts'
import { testContext, testUser } from '../../src/contexts/test-context.ts'

describe('contextSerializer', () => {
  test('prints a context the same in every run', () => {
    const context = testContext({
      userId: 'alice',
      tenantId: 'acme',
      sessionId: 's-1',
      permissions: ['notes.read'],
      expiresAtMs: Date.now() + 1e6,
      agentContext: { plan: 'pro' },
    })
    expect({ called: [deriveChild(context, 'search')] }).toMatchInlineSnapshot(`
      {
        "called": [
          UserExecutionContext {
            "agentContext": {
              "plan": "pro",
            },
            "auditMetadata": {},
            "createdAtMs": "[createdAtMs]",
            "depth": 1,
            "expiresAtMs": "[expiresAtMs]",
            "identity": {
              "kind": "person",
              "provider": "vouched",
              "reason": "made by @user-execution-context/testing for a test",
            },
            "operation": "search",
            "parentRequestId": "[parentRequestId]",
            "permissions": [
              "notes.read",
            ],
            "requestId": "[requestId]",
            "runId": "test-run",
            "sessionId": "s-1",
            "tenantId": "acme",
            "threadId": "test-thread",
            "userId": "alice",
          },
        ],
      }
    `)
  })

  test('prints an exempted context, and one that continues a step elsewhere, the same in every run', () => {
    const print = (): string => {
      const exempt = { reason: 'nightly report', untilMs: Date.now() + 60_000 + Math.random() * 1e6 } as const
      const child = deriveChild(testContext(), 'report', { outlivesIdentity: exempt })
      const given = { untilMs: Math.floor(exempt.untilMs), requestId: child.requestId }
      const text = JSON.stringify(contextSerializer.serialize(child, {}, '', 0, [], (fields) => JSON.stringify(fields)))
      for (const value of Object.values(given)) expect(text).not.toContain(String(value))
      return text
    }
    expect(print()).toContain('[untilMs]')
    expect(print()).toBe(print())
  })

  test('prints generated ids of thread and run as placeholders', () => {
    const context = testContext({ threadId: newThreadId(), runId: newRunId() })
    expect(context).toMatchInlineSnapshot(`
      UserExecutionContext {
        "agentContext": {},
        "auditMetadata": {},
        "createdAtMs": "[createdAtMs]",
        "depth": 0,
        "identity": {
          "kind": "person",
          "provider": "vouched",
          "reason": "made by @user-execution-context/testing for a test",
        },
        "operation": "root",
        "permissions": [],
        "requestId": "[requestId]",
        "runId": "[runId]",
        "threadId": "[threadId]",
        "userId": "test-user",
      }
    `)
  })

  test('prints a verified user', () => {
    expect(testUser({ userId: 'alice' })).toMatchInlineSnapshot(`
      VerifiedUser {
        "identity": {
          "kind": "person",
          "provider": "vouched",
          "reason": "made by @user-execution-context/testing for a test",
        },
        "permissions": [],
        "userId": "alice",
      }
    `)
  })

  test('prints nothing personal of a user whom a test did not make', () => {
    const user = vouchForUser('carol-4711', { reason: 'a nightly job', sessionId: 'session-4711' })
    const context = createForUser(user, { agentContext: { note: 'note-4711' }, auditMetadata: { address: 'at-4711' } })
    expect([user, context]).toMatchInlineSnapshot(`
      [
        VerifiedUser {
          "identity": {
            "kind": "person",
            "provider": "vouched",
            "reason": "a nightly job",
          },
          "permissions": [],
          "sessionId": "[sessionId]",
          "userId": "[userId]",
        },
        UserExecutionContext {
          "agentContext": "[agentContext]",
          "auditMetadata": "[auditMetadata]",
          "createdAtMs": "[createdAtMs]",
          "depth": 0,
          "identity": {
            "kind": "person",
            "provider": "vouched",
            "reason": "a nightly job",
          },
          "operation": "root",
          "permissions": [],
          "requestId": "[requestId]",
          "runId": "[runId]",
          "sessionId": "[sessionId]",
          "threadId": "[threadId]",
          "userId": "[userId]",
        },
      ]
    `)
  })

  test('leaves every other value to the runner, also a copy of a context', () => {
    const context = testContext()
    for (const value of [{ ...context }, Object.create(context), { ...testUser() }, undefined, null, 'alice']) {
      expect(contextSerializer.test(value)).toBe(false)
    }
    expect(contextSerializer.test(context)).toBe(true)
  })
})
