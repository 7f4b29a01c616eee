// Bad input always gives an error of this package, whatever export it is given to, and changes nothing.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { types } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Exports } from './entry-points.ts'
import { importNatively } from './forged-program.ts'

const entryPoints = ['user-execution-context', 'user-execution-context/restricted', 'user-execution-context/ambient']
const exports = new Map<string, Exports[string]>()
for (const entryPoint of entryPoints) {
  const url = pathToFileURL(createRequire(import.meta.url).resolve(entryPoint)).href
  for (const [name, value] of Object.entries(await importNatively(url))) {
    // Classes are made by new, and an error of ours is no input.
    if (typeof value === 'function' && name !== 'ContextError') exports.set(name, value as Exports[string])
  }
}

const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
})()
const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('trap')
    },
  },
)
const user = exports.get('vouchForUser')!(...(['user-1', { reason: 'junk' }] as never[]))
const context = exports.get('createForUser')!(...([user] as never[]))

/** What these throw on is the caller's own code (a getter of their options), and is theirs to see. */
const takeOptions = [
  'identityProvider',
  'openScope',
  'runInScope',
  'openAuditTrail',
  'verifyAuditTrail',
  'encodeKey',
  'liveSessions',
  'ownedHandles',
  'findUnknownKeys',
  'toIssuePath',
]

// Functions, because fast-check itself would touch a proxy. Real values among them lead further in.
type Make = () => unknown
const usual = [undefined, null, 0, '', [], {}, () => 1, Symbol('x'), user, context]
const hostile = [
  ...usual,
  revoked,
  throwing,
  {
    get agentContext(): never {
      throw new Error('getter')
    },
  },
]
const junk = (values: readonly unknown[]): fc.Arbitrary<Make> =>
  fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }).map(
      (value): Make =>
        () =>
          value,
    ),
    fc.nat(values.length - 1).map(
      (index): Make =>
        () =>
          values[index],
    ),
  )

describe.each([...exports])('%s', (name, call) => {
  test('given anything, answers or throws an error of this package', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(junk(takeOptions.includes(name) ? usual : hostile), { maxLength: 4 }),
        async (parameters) => {
          try {
            const result = call(...(parameters.map((make) => make()) as never[]))
            // Not every object with a then() is ours to await.
            if (types.isPromise(result)) await result
          } catch (error) {
            expect((error as Error).name, String((error as Error).stack)).toBe('ContextError')
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
