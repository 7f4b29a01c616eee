import { describe, expect, test } from 'vitest'
import { assertUserExecutionContext, createForUser } from '../../src/context/user-execution-context.ts'
import { newUser } from '../users.ts'

const context = createForUser(newUser('secret-user', { sessionId: 'secret-session' }), {
  agentContext: { key: 'secret' },
})
const messageFor = (value: unknown): string => {
  try {
    assertUserExecutionContext(value)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It was accepted.')
}
const hostile = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new Error('secret')
    },
    get: () => {
      throw new Error('secret')
    },
  },
)

/** As cloneObject() of Apollo Server does it. */
const cloneObject = (value: object): object => Object.assign(Object.create(Object.getPrototypeOf(value)), value)

describe('assertUserExecutionContext', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'It is undefined: look for an argument that was left out'],
    ['null', null, 'It is null'],
    ['a string', 'secret', 'It is a string'],
    ['a function', () => 'secret', 'It is a function'],
    ['a promise of a context', Promise.resolve(context), 'It is a promise: await it.'],
    ['a verified user', newUser('secret-user'), 'It is a verified user: call createForUser(user)'],
    ['a spread', { ...context }, 'plain copy (a spread, a clone, JSON)'],
    ['a clone', structuredClone({ ...context }), 'plain copy'],
    ['JSON', JSON.parse(JSON.stringify(context)), 'plain copy'],
    ['an object that inherits from one', Object.create(context), 'a copy or a Proxy of a context'],
    ['a Proxy of one', new Proxy(context, {}), 'a copy or a Proxy of a context'],
    ['what Apollo gives a resolver', cloneObject(context), 'return { userContext: context }'],
    ['what Yoga and tRPC give one', { ...context }, 'return { userContext: context }'],
    ['an object that throws when it is read', hostile, 'whose own code fails when it is read'],
    ['any other object', { secret: 'secret' }, 'Pass what createForUser() or deriveChild() returned'],
  ])('says of %s what it is, what to do in a test, and no value of it', (_what, value, words) => {
    const message = messageFor(value)
    expect(message).toContain(words)
    expect(message).toContain('testContext() from @user-execution-context/testing')
    expect(message).not.toContain('secret')
  })
})
