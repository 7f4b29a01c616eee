import {
  assertUserExecutionContext,
  ContextError,
  deriveChild,
  isUserExecutionContext,
  openScope,
  type UserExecutionContext,
} from 'user-execution-context'
import { describe, expect, test } from 'vitest'
import { testContext } from '../../src/contexts/test-context.ts'
import { expectRefusesForgeries } from '../../src/forgeries/expect-refuses-forgeries.ts'
import { forgeries } from '../../src/forgeries/forgeries.ts'

const context = testContext({ userId: 'alice', agentContext: { plan: 'pro' } })

describe('forgeries', () => {
  test('has each kind once, by name', () => {
    const names = forgeries(context).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const kind of ['spread', 'structuredClone', 'JSON', 'Object.create', 'Proxy', 'class', 'cast', 'mock']) {
      expect(names.join()).toContain(kind)
    }
    expect(names.length).toBeGreaterThanOrEqual(39)
  })

  test.each(forgeries(context))('$name is no context, and the core refuses it', ({ value }) => {
    expect(isUserExecutionContext(value)).toBe(false)
    expect(() => deriveChild(value, 'search')).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }))
  })

  // A service that reads the user without a check must be taken in: a forgery that fails by itself tests nothing.
  test.each([
    'an object literal with every field and another user',
    'a cast of { userId }',
    'Object.assign with another user',
    'Object.create of the context with another user',
    'Object.create of its prototype with every field',
    'a Proxy that answers with another user',
    'an instance of a class of the same name and shape',
    'a copy whose prototype was set',
  ])('%s gives a user id to code that does not check', (name) => {
    const { value } = forgeries(context).find((forgery) => forgery.name === name)!
    expect(['alice', 'forged-user']).toContain(value.userId)
  })

  test('makes them from a real context only, by default from one of its own', () => {
    expect(() => forgeries({ ...context } as never)).toThrow(ContextError)
    expect(forgeries().length).toBe(forgeries(context).length)
  })
})

describe('expectRefusesForgeries', () => {
  const checked = (value: UserExecutionContext): string => {
    assertUserExecutionContext(value)
    return value.userId
  }

  test.each<[string, (value: UserExecutionContext) => unknown]>([
    ['a function', checked],
    ['an async function', async (value) => checked(value)],
    ['a function of the core', (value) => openScope(value)],
    [
      'an async generator',
      async function* (value) {
        yield checked(value)
      },
    ],
    [
      'a generator',
      function* (value) {
        yield checked(value)
      },
    ],
    [
      'a service whose framework wraps the error',
      (value) => {
        try {
          return checked(value)
        } catch (cause) {
          throw new AggregateError([new Error('wrapped', { cause })], 'Internal Server Error')
        }
      },
    ],
  ])('passes for %s that checks', async (_what, service) => {
    await expect(expectRefusesForgeries(service)).resolves.toBeUndefined()
    await expect(expectRefusesForgeries(service, context)).resolves.toBeUndefined()
  })

  const failureOf = async (service: (value: UserExecutionContext) => unknown): Promise<Error> =>
    expectRefusesForgeries(service, context).then(
      () => {
        throw new Error('passed')
      },
      (error: Error) => error,
    )

  test('fails for a service that checks nothing, and names each forgery that came through', async () => {
    const { message } = await failureOf(() => 1)
    for (const { name } of forgeries(context)) expect(message).toContain(name)
    expect(message).toContain('assertUserExecutionContext(context)')
  })

  test('fails for a service that checks the shape', async () => {
    const { message } = await failureOf((value) => {
      if (typeof value?.userId !== 'string') throw new ContextError('ERR_CONTEXT_NOT_ISSUED')
    })
    expect(message).toContain('Accepted: an object literal with every field;')
    expect(message).not.toContain('undefined')
  })

  test('fails for an error by chance: no check was made', async () => {
    const { message } = await failureOf((value) => value.agentContext['plan']!.toString())
    expect(message).toContain('Failed, but not with ERR_CONTEXT_NOT_ISSUED: ')
    expect(message).toContain('undefined (TypeError)')
  })

  test.each([
    [
      'fails',
      function* (value: unknown) {
        yield value
      },
    ],
    [
      'fails where its clean-up refuses',
      function* (value: unknown) {
        try {
          yield value
        } finally {
          assertUserExecutionContext(value)
        }
      },
    ],
  ])('%s for a generator that gives a value to a forged context', async (_what, service) => {
    expect((await failureOf(service as never)).message).toMatch(/does not refuse (\d+) of \1 forged/)
  })

  test('passes for a generator that checks first, and whose clean-up fails', async () => {
    await expectRefusesForgeries(function* (value) {
      assertUserExecutionContext(value)
      try {
        yield value
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- a clean-up that fails
        throw new Error('the pool has gone')
      }
    })
  })

  test('fails for a generator that checks nothing before its first value', async () => {
    const { message } = await failureOf(async function* (value) {
      yield 1
      checked(value)
    })
    expect(message).toContain('a spread')
  })

  test('fails for a service that refuses the real context too', async () => {
    const error = await failureOf(() => {
      throw new ContextError('ERR_CONTEXT_NOT_ISSUED')
    })
    expect(error.message).toContain('The service failed for the real context')
    expect(error.cause).toBeInstanceOf(ContextError)
  })

  test('holds no value of an error in its message', async () => {
    const { message } = await failureOf((value) => {
      if (value !== context) throw new Error('secret-4711')
    })
    expect(message).not.toContain('secret-4711')
  })
})
