import { expect, test } from 'vitest'
import { testContext } from '@user-execution-context/testing'
import '@user-execution-context/testing/vitest'

test('a context prints the same in every run', () => {
  expect({ sentAs: testContext({ userId: 'alice' }) }).toMatchInlineSnapshot(`
    {
      "sentAs": UserExecutionContext {
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
        "runId": "test-run",
        "threadId": "test-thread",
        "userId": "alice",
      },
    }
  `)
})
