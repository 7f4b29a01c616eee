/**
 * Values that look like a context and are none: what a service meets that the compiler cannot see, from copies of a
 * real context to what a mock library makes.
 */
import { assertUserExecutionContext, toLogFields, type UserExecutionContext } from 'user-execution-context'
import { testContext, testUser } from '../contexts/test-context.ts'

/** A value that createForUser() did not make. Its type lies, as a cast does. */
export type Forgery = {
  /** What it is, in words. For the title of a test. */
  readonly name: string
  readonly value: UserExecutionContext
}

/** The user whom the altered copies claim to be. */
const claimedUserId = 'forged-user'

type Fields = Readonly<Record<string, unknown>>
type Make = (context: UserExecutionContext, fields: Fields) => unknown

const makers: Readonly<Record<string, Make>> = {
  'an object literal with every field': (_context, fields) => ({ ...fields }),
  'an object literal with every field and another user': (_context, fields) => ({ ...fields, userId: claimedUserId }),
  'a frozen object literal': (_context, fields) => Object.freeze({ ...fields }),
  'a cast of { userId }': () => ({ userId: claimedUserId }),
  'an empty object': () => ({}),
  'a spread': (context) => ({ ...context }),
  'a spread with another user': (context) => ({ ...context, userId: claimedUserId }),
  'a spread with every other member beside it': (context, fields) => ({ ...context, ...fields, userId: claimedUserId }),
  'a spread of what destructuring leaves': ({ tenantId, ...rest }) => ({ ...rest, tenantId, userId: claimedUserId }),
  'a spread with a getter of its own': (context) => ({
    ...context,
    get userId() {
      return claimedUserId
    },
  }),
  'entries put together again': (context) => Object.fromEntries(Object.entries(context)),
  'Object.assign with another user': (context) => Object.assign({}, context, { userId: claimedUserId }),
  'Object.create of its prototype with every field': (context, fields) =>
    Object.create(Object.getPrototypeOf(context), toDescriptors(fields)),
  'a copy with prototype and property descriptors': (context) =>
    Object.create(Object.getPrototypeOf(context), Object.getOwnPropertyDescriptors(context)),
  'Object.create of the context': (context) => Object.create(context),
  'Object.create of the context with another user': (context) =>
    Object.create(context, toDescriptors({ userId: claimedUserId })),
  'a copy whose prototype was set': (context, fields) =>
    Object.setPrototypeOf({ ...fields, userId: claimedUserId }, Object.getPrototypeOf(context) as object),
  'an object whose getters are borrowed': (context) => Object.assign(withGettersOf(context), context),
  'a private member added to a copy': (context) => new Stamp({ ...context, userId: claimedUserId }),
  'structuredClone': (context) => structuredClone(context),
  'structuredClone that gets its prototype back': (context) =>
    Object.setPrototypeOf(structuredClone(context), Object.getPrototypeOf(context) as object),
  'a v8 round trip': (context) => v8?.deserialize(v8.serialize(context)),
  'a JSON round trip': (context) => JSON.parse(JSON.stringify(context)) as unknown,
  'a JSON round trip of every field': (_context, fields) => JSON.parse(JSON.stringify(fields)) as unknown,
  'its log fields': (context) => toLogFields(context),
  'a Proxy that passes everything on': (context) => new Proxy(context, {}),
  'a Proxy that reads through the real one': (context) =>
    new Proxy(context, { get: (real, key) => Reflect.get(real, key, real) as unknown }),
  // Over an empty target: a proxy may not lie about a property of a frozen one.
  'a Proxy that answers with another user': (context) =>
    new Proxy(Object.create(Object.getPrototypeOf(context) as object) as object, {
      get: (_target, key) => (key === 'userId' ? claimedUserId : (Reflect.get(context, key) as unknown)),
    }),
  'a mock that answers every property': () => new Proxy({}, { get: answerAnything }),
  'an instance of a class of the same name and shape': (_context, fields) => new LookAlike(fields),
  'an instance of its constructor': (context) => new (context.constructor as new () => object)(),
  'the verified user': (context) => testUser({ userId: context.userId }),
  'its user id': (context) => context.userId,
  'a promise of the context': (context) => Promise.resolve(context),
  'a list of the context': (context) => [context],
  'an object that holds the context': (context) => ({ context }),
  'a function that gives the context': (context) => () => context,
  'undefined': () => undefined,
  'null': () => null,
}

/**
 * Every kind of forgery that this package knows, made from a real context. A service must refuse each one with
 * `ERR_CONTEXT_NOT_ISSUED`; {@link expectRefusesForgeries} asks it all at once.
 *
 * @param context - The context to copy. Default `testContext()`.
 * @returns Names and values. A value's type says UserExecutionContext, so that it can be passed without a cast.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when `context` is none.
 * @example
 * ```ts
 * import { assertUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
 * import { expect, test } from 'vitest'
 * import { forgeries } from '@user-execution-context/testing'
 *
 * const listNotes = (context: UserExecutionContext): readonly string[] => {
 *   assertUserExecutionContext(context)
 *   return []
 * }
 *
 * test.each(forgeries())('listNotes() refuses $name', ({ value }) => {
 *   expect(() => listNotes(value)).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' }))
 * })
 * ```
 */
export const forgeries = (context: UserExecutionContext = testContext()): readonly Forgery[] => {
  assertUserExecutionContext(context)
  const fields = readFields(context)
  return Object.entries(makers)
    .filter(([name]) => !name.startsWith('structuredClone') || typeof structuredClone === 'function')
    .filter(([name]) => name !== 'a v8 round trip' || v8 !== undefined)
    .map(([name, make]) => ({ name, value: make(context, fields) as UserExecutionContext }))
}

/** Every field by its name, also those that a spread leaves behind. */
function readFields(context: UserExecutionContext): Fields {
  const { userId, sessionId, agentContext, auditMetadata } = context
  return {
    ...context,
    userId,
    sessionId,
    agentContext,
    auditMetadata,
    toJSON: () => toLogFields(context),
    toString: () => 'UserExecutionContext',
  }
}

function toDescriptors(fields: Fields): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      { value, enumerable: true, configurable: true, writable: true },
    ]),
  )
}

/** What a mock library answers: a function that answers functions, and nothing that a runner or an await looks up. */
function answerAnything(_target: object, key: string | symbol): unknown {
  return typeof key === 'symbol' || key === 'then' || key === 'toJSON' || key === 'asymmetricMatch'
    ? undefined
    : new Proxy(() => undefined, { get: answerAnything })
}

type V8 = { readonly serialize: (value: unknown) => Uint8Array; readonly deserialize: (bytes: Uint8Array) => unknown }
type Runtime = { readonly process?: { readonly getBuiltinModule?: (name: string) => V8 | undefined } }

/** What a cache or a queue of Node copies by; undefined in a browser. */
const v8 = (globalThis as Runtime).process?.getBuiltinModule?.('node:v8')

/** An object of a class that has the getters of the real one. */
function withGettersOf(context: object): object {
  class Mine {}
  const { constructor: _constructor, ...getters } = Object.getOwnPropertyDescriptors(
    Object.getPrototypeOf(context) as object,
  )
  Object.defineProperties(Mine.prototype, getters)
  return new Mine()
}

class Target {
  constructor(value: object) {
    return value
  }
}
/** Puts a private member of its own on an object that exists. */
class Stamp extends Target {
  readonly #userId = claimedUserId
  read(): string {
    return this.#userId
  }
}

/** A class as somebody writes it who wants to stand in for the real one. */
const LookAlike = class UserExecutionContext {
  constructor(fields: Fields) {
    Object.assign(this, fields, { userId: claimedUserId })
    Object.freeze(this)
  }
}
