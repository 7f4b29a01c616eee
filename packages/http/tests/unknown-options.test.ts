// Every function of this package that takes options refuses a key that none of them is: a misspelt `token` or `others`
// would be taken for one that was left out.
import { describe, expect, test } from 'vitest'
import { identityProvider } from 'user-execution-context'
import { answerContextErrors, userContext as express } from '../src/express.ts'
import { userContext as fastify } from '../src/fastify.ts'
import { userContext as hono } from '../src/hono.ts'
import { apiKey, contextFromRequest, cookieToken } from '../src/index.ts'
import { UserContextModule, UserContexts } from '../src/nestjs.ts'
import { userContext as next } from '../src/next.ts'
import { userContext as trpc } from '../src/trpc.ts'

const identity = identityProvider({ name: 'tokens', verify: (token: string) => ({ userId: token }) })

test.each<[string, (more: object) => unknown]>([
  ['contextFromRequest', (more) => contextFromRequest(identity, more)],
  ['apiKey', (more) => apiKey(more)],
  ['cookieToken', (more) => cookieToken({ name: 'session', origins: ['https://app.example.com'], ...more })],
  ['userContext of Express', (more) => express(identity, more)],
  ['answerContextErrors', (more) => answerContextErrors(more)],
  ['userContext of Fastify', (more) => fastify(identity, more)],
  ['userContext of Hono', (more) => hono(identity, more)],
  ['userContext of Next.js', (more) => next(identity, more)],
  ['userContext of tRPC', (more) => trpc(identity, more)],
  ['UserContexts, with the options of forRoot()', (more) => new UserContexts({ identity, ...more })],
  ['forRootAsync', (more) => UserContextModule.forRootAsync({ useFactory: () => ({ identity }), ...more })],
])('%s refuses a key that it does not know, by its name and without its value', (_what, call) => {
  const issues = [{ path: 'tpyo', kind: 'unknown key' }]
  expect(() => call({ tpyo: 'canary-value' })).toThrow(
    expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues }) as Error,
  )
  expect(() => call({ tpyo: 'canary-value' })).not.toThrow('canary-value')
})

describe('the options of one framework', () => {
  test('are unknown to another, and to contextFromRequest()', () => {
    const refusal = expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }) as Error
    expect(() => fastify(identity, { answerErrors: false })).not.toThrow()
    expect(() => express(identity, { answerErrors: false } as object)).toThrow(refusal)
    expect(() => contextFromRequest(identity, { onCleanupError: () => {} } as object)).toThrow(refusal)
  })
})

describe('an option or argument of another kind', () => {
  test.each<[string, () => unknown, string]>([
    ['a log that is a text', () => answerContextErrors({ log: 'x' as never }), 'log: not a function'],
    ['others that is a text', () => answerContextErrors({ others: 'no' as never }), 'others: not a boolean'],
    ['no options of answerContextErrors()', () => answerContextErrors(null as never), 'not an object'],
    ['a module without an identity', () => UserContextModule.forRoot({} as never), 'identity: not a function'],
    ['a module without options', () => UserContextModule.forRoot(undefined as never), 'identity: not a function'],
    [
      'a module whose ambient is no function',
      () => UserContextModule.forRoot({ identity, ambient: true as never }),
      'ambient: not a function',
    ],
    ['no factory', () => UserContextModule.forRootAsync({} as never), 'useFactory: not a function'],
    ['nothing for a factory', () => UserContextModule.forRootAsync(null as never), 'useFactory: not a function'],
    [
      'one origin in the place of a list',
      () => cookieToken({ name: 'session', origins: 'https://app.example.com' as never }),
      'origins: not an array',
    ],
    ['no origins', () => cookieToken({ name: 'session' } as never), 'origins: missing'],
    ['null for origins', () => cookieToken({ name: 'session', origins: null as never }), 'origins: not an array'],
  ])('is refused at the call: %s', (_what, call, said) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }) as Error)
    expect(call).toThrow(said)
  })

  test.each([['x'], [undefined], [null], [{}], [{ headers: null }], [{ headers: 'x' }]])(
    'is refused as a request: %j',
    async (request) => {
      const cookie = cookieToken({ name: 'session', origins: ['https://app.example.com'] })
      for (const options of [{}, { token: apiKey() }, { token: cookie }])
        await expect(contextFromRequest(identity, options)(request as never)).rejects.toMatchObject({
          code: 'ERR_CONTEXT_INVALID_OPTIONS',
          message: expect.stringContaining('Pass the request: a Request of the web platform') as string,
        })
    },
  )
})
