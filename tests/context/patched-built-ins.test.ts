// Built-ins that any code of the process replaces after this package has loaded: what refuses must not ask them.
import { describe, expect, test } from 'vitest'
import {
  assertOwned,
  createForUser,
  deriveChild,
  identityProvider,
  isUserExecutionContext,
  liveSessions,
  own,
  requireContext,
  type UserExecutionContext,
} from '../../src/index.ts'
import { runWithContext } from '../../src/ambient.ts'
import { findContextProof } from '../../src/context/user-execution-context.ts'
import { vouchForUser } from '../../src/restricted.ts'

const vouch = (userId: string) =>
  vouchForUser(userId, { reason: 'patched', namespace: 't', permissions: ['read', 'write'] })
const issuedAtMs = Date.now() - 60_000
const facts = { sessionId: 's-1', issuedAtMs, permissions: ['a', 'b'] }
const sessions = liveSessions({ maxProofMs: 3_600_000 })
const signIn = identityProvider({ name: 't', sessions, verify: (given: object) => ({ ...facts, ...given }) as never })
const [ada, bob] = [createForUser(vouch('ada')), createForUser(vouch('bob'))]
const small = deriveChild(ada, 'small', { permissions: ['read'] })
const uma = await signIn({ userId: 'uma' })
const poorer = await signIn({ userId: 'uma', permissions: ['a'] })
const other = await signIn({ userId: 'una' })
const botted = deriveChild(ada, 'botted', { actor: { name: 'bot', kind: 'agent' } })
const acted = await signIn({ userId: 'uma', actors: [{ name: 'bot', kind: 'agent' }] })
await sessions.revoke({ user: { namespace: 't', userId: 'eve' } })

const refused = {
  'a child with a right that its parent lacks': () => deriveChild(ada, 'x', { permissions: ['admin'] }),
  "another user's object": (bobs) => assertOwned(ada, bobs),
  'an object that nobody owns': () => assertOwned(ada, {}),
  "an object of another user's, owned once more": (bobs) => own(ada, bobs),
  'a spread of a context': () => isUserExecutionContext({ ...ada }) || fail(),
  'a spread of a user': () => createForUser({ ...uma } as never),
  'a proof of before a revocation': () =>
    vouchForUser('eve', { reason: 'patched', namespace: 't', sessions, ...{ issuedAtMs } }),
  'a wider context than the ambient one': () => runWithContext(small, () => requireContext(ada)),
  'the context of another user than the ambient one': () => runWithContext(small, () => requireContext(bob)),
  'a child that lost the actors of its parent': () =>
    deriveChild(botted, 'x', { actor: { name: 'kid', kind: 'agent' } }).actors.length === 2 && fail(),
  'a renewal by fewer rights': () => sessions.renew(uma, poorer) || fail(),
  'a renewal by another user': () => sessions.renew(uma, other) || fail(),
  'a renewal by another actor': () => sessions.renew(uma, acted) || fail(),
} satisfies Record<string, (bobs: object) => unknown>

function fail(): never {
  throw new Error('refused')
}

// Not `defineProperty`, which the test needs. `Array.prototype.push` collects the issues of input that is malformed,
// and the clock is read live: README says so.
const holders: readonly (readonly [string, object, readonly PropertyKey[]])[] = [
  ['Object', Object, ['freeze', 'isFrozen', 'assign', 'create', 'hasOwn', 'getPrototypeOf', 'keys', 'entries']],
  ['Object.prototype', Object.prototype, ['hasOwnProperty', 'isPrototypeOf', 'valueOf', 'toString']],
  ['Array', Array, ['from', 'isArray']],
  [
    'Array.prototype',
    Array.prototype,
    [
      'every',
      'some',
      'includes',
      'indexOf',
      'find',
      'findIndex',
      'filter',
      'map',
      'slice',
      'flatMap',
      'reduce',
      'join',
      Symbol.iterator,
    ],
  ],
  ['%ArrayIteratorPrototype%', Object.getPrototypeOf([].values()) as object, ['next']],
  ['Set.prototype', Set.prototype, ['has', 'add', 'delete']],
  ['Map.prototype', Map.prototype, ['get', 'has', 'set', 'delete']],
  ['WeakMap.prototype', WeakMap.prototype, ['get', 'has', 'set', 'delete']],
  ['WeakSet.prototype', WeakSet.prototype, ['has', 'add']],
  ['WeakRef.prototype', WeakRef.prototype, ['deref']],
  ['Reflect', Reflect, ['apply', 'get', 'has', 'ownKeys']],
  ['Function.prototype', Function.prototype, ['call', 'apply', 'bind']],
  ['Number', Number, ['isFinite', 'isInteger', 'isSafeInteger']],
]
const names = holders.flatMap(([holder, object, keys]) =>
  keys.map((key) => ({ name: `${holder}.${String(key)}`, object, key })),
)
/** Of an iterator: there is nothing more. */
const end = () => ({ done: true, next: end })
const fakes = [() => true, () => undefined, (value: unknown) => value, () => 't:ada', end] as const

/** Runs something while a built-in is replaced. */
function patched<Result>(object: object, key: PropertyKey, fake: unknown, run: () => Result): Result | undefined {
  const before = Object.getOwnPropertyDescriptor(object, key)!
  const { defineProperty } = Object
  defineProperty(object, key, { ...before, value: fake })
  try {
    return run()
  } catch {
    return undefined
  } finally {
    defineProperty(object, key, before)
  }
}

describe('a built-in that was replaced after load', () => {
  test.each(names)('$name lets nothing in', ({ object, key }) => {
    const admitted: string[] = []
    for (const fake of fakes) {
      for (const [what, run] of Object.entries(refused)) {
        const bobs = own(bob, {})
        let isAdmitted = false
        patched(object, key, fake, () => {
          run(bobs)
          isAdmitted = true
        })
        if (isAdmitted) admitted.push(what)
      }
    }
    expect(admitted).toEqual([])
  })

  test.each(names)('$name leaves nothing of a context to change', ({ object, key }) => {
    const open = fakes.flatMap((fake) => {
      const made: UserExecutionContext[] = []
      patched(object, key, fake, () => {
        const context = createForUser(vouch('ada'), { agentContext: { a: { b: [1] } } })
        made[0] = context
        made[1] = deriveChild(context, 'kid', {
          permissions: ['read'],
          actor: { name: 'bot', kind: 'agent' },
          outlivesIdentity: { reason: 'patched', untilMs: Date.now() + 1_000 },
        })
      })
      return made.flatMap((context) => {
        const { permissions, identity, actors, agentContext } = context
        expect(context.userId).toBe('ada')
        const parts = { context, permissions, identity, actors, agentContext, proof: findContextProof(context)! }
        const more = { actor: actors[0] ?? context, outlives: identity.outlives ?? context }
        return Object.entries({ ...parts, ...more }).flatMap(([part, value]) => (Object.isFrozen(value) ? [] : [part]))
      })
    })
    expect(open).toEqual([])
  })
})
