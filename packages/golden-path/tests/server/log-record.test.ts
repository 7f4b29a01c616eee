import { ContextError, identityProvider, isContextError, toClientAnswer } from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { toErrorFields } from '../../src/server/log-record.ts'

describe('toErrorFields', () => {
  test('names the rule that refused an id of the identity provider, which a client is told as 401', async () => {
    const signIn = identityProvider({ name: 'demo', verify: () => ({ userId: 'test', tenantId: 'secret tenant' }) })
    const error: unknown = await signIn('anything').catch((reason: unknown) => reason)
    expect(isContextError(error) && toClientAnswer(error)).toMatchObject({
      code: 'ERR_CONTEXT_IDENTITY_REFUSED',
      httpStatus: 401,
    })
    expect(toErrorFields(error)).toEqual({
      error: 'ContextError',
      code: 'ERR_CONTEXT_INVALID_IDENTITY',
      issues: 'userId: uninitialised value; tenantId: illegal character',
    })
  })

  test('names the causes of an error and where the first that is not ours was thrown, and no message', () => {
    const refused = Object.assign(new Error('secret'), { code: 'ECONNREFUSED' })
    class OrderError extends Error {
      override readonly name = 'OrderError'
    }
    const thrown = new OrderError('secret\n    at secret (/secret.ts:1:1)', { cause: refused })
    const record = toErrorFields(new ContextError('ERR_CONTEXT_AGENT_FAILED', { cause: thrown }))
    expect(record).toMatchObject({ code: 'ERR_CONTEXT_AGENT_FAILED', causes: 'OrderError < Error ECONNREFUSED' })
    expect(record.places).toMatch(/^at .*log-record\.test\.ts:\d+:\d+/)
    expect(JSON.stringify(record)).not.toContain('secret')
  })

  test('takes a name and a code for words of a program only, and ends where causes go in a circle', () => {
    const thrown: Error = Object.assign(new TypeError('secret'), { name: 'secret of ada', code: 'secret of ada' })
    thrown.cause = thrown
    const record = toErrorFields(thrown)
    expect(record).toMatchObject({ error: 'Error', code: undefined, causes: 'Error < Error < Error < Error < Error' })
    expect(JSON.stringify(record)).not.toContain('secret')
  })

  test('gives no place where the message was changed: what is left of it could look like one', () => {
    const thrown = new Error('secret\n    at secret (/secret.ts:1:1)')
    thrown.message = 'changed'
    expect(JSON.stringify(toErrorFields(thrown))).not.toContain('secret')
  })

  test('has no issues where an error has none, and those of no other error', () => {
    expect(toErrorFields(new ContextError('ERR_CONTEXT_ISOLATION')).issues).toBeUndefined()
    const foreign = Object.assign(new Error('secret'), { issues: [{ path: 'secret', kind: 'secret' }] })
    expect(JSON.stringify(toErrorFields(foreign))).not.toContain('"secret')
  })
})
