import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createForUser, deriveChild, identityProvider, runInScope, toLogFields } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'

const signIn = identityProvider({ name: 'session', verify: async (cookie) => ({ userId: cookie }) })

describe('the core', () => {
  it('makes a context for a verified user', async () => {
    const context = createForUser(await signIn('user-1'))
    assert.equal(context.userId, 'user-1')
    assert.ok(!JSON.stringify(toLogFields(context)).includes('user-1'))
  })

  it('derives a child, runs in a scope and reads the ambient context', async () => {
    const context = createForUser(await signIn('user-1'))
    assert.equal(await runInScope(context, {}, (scope) => scope.child('tool').context.depth), 1)
    assert.equal(
      runWithContext(deriveChild(context, 'child'), () => currentContext().operation),
      'child',
    )
  })
})
