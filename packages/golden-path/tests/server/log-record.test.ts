import { ContextError, identityProvider, isContextError, toClientAnswer } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { toErrorRecord } from '../../src/server/log-record.ts'

describe('toErrorRecord', () => {
  test('names the rule that refused an id of the identity provider, which a client is told as 401', async () => {
    const signIn = identityProvider({ name: 'demo', verify: () => ({ userId: 'test', tenantId: 'secret tenant' }) })
    const error: unknown = await signIn('anything').catch((reason: unknown) => reason)
    expect(isContextError(error) && toClientAnswer(error)).toMatchObject({
      code: 'ERR_CONTEXT_IDENTITY_REFUSED',
      httpStatus: 401,
    })
    expect(toErrorRecord('refused', error)).toEqual({
      event: 'refused',
      error: 'ContextError',
      code: 'ERR_CONTEXT_INVALID_IDENTITY',
      issues: 'userId: uninitialised value; tenantId: illegal character',
    })
  })

  test('has no issues where an error has none, and those of no other error', () => {
    expect(toErrorRecord('failed', new ContextError('ERR_CONTEXT_ISOLATION')).issues).toBeUndefined()
    const foreign = Object.assign(new Error('secret'), { issues: [{ path: 'secret', kind: 'secret' }] })
    expect(JSON.stringify(toErrorRecord('failed', foreign))).not.toContain('"secret')
  })
})
