import { describe, expect, test } from '@jest/globals'
import { createForUser, deriveChild, identityProvider, toLogFields } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { attackRequired } from './attack-required'

const signIn = identityProvider({ name: 'session', verify: async (cookie: string) => ({ userId: cookie }) })

describe('the core', () => {
  test('makes a context for a verified user', async () => {
    const context = createForUser(await signIn('user-1'))
    expect(context.userId).toBe('user-1')
    expect(JSON.stringify(toLogFields(context))).not.toContain('user-1')
    expect(runWithContext(deriveChild(context, 'child'), () => currentContext().operation)).toBe('child')
  })

  test('refuses every row of the forgery table', async () => {
    expect(await attackRequired()).toEqual([])
  }, 120_000)
})
