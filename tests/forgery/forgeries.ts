// THE table of forgeries: every known way to get a context without createForUser(), or to change one. It drives the
// compile checks (tests/violators), the attacks on every entry point (tests/forgery) and docs/forgeries.md.

/** Compiler versions that the table is checked on. */
export type CompilerVersion = '5.9' | '6.0' | '7.0'

/** What tsc says: nothing, or exactly these codes, with these words among its output. */
export type Verdict =
  | 'silent'
  | { readonly codes: Readonly<Record<CompilerVersion, readonly string[]>>; readonly says: string }

/**
 * What run time says.
 * - `refused`: the source yields a value, and every entry point refuses it with `ERR_CONTEXT_NOT_ISSUED`.
 * - anything else: making it throws an error of that name or code, so there is no value to pass on.
 */
export type Outcome =
  | 'refused'
  | 'TypeError'
  | 'SyntaxError'
  | 'ERR_PACKAGE_PATH_NOT_EXPORTED'
  | 'ERR_CONTEXT_NOT_ISSUED'
  | 'ERR_CONTEXT_NOT_CONSTRUCTIBLE'
  | 'ERR_CONTEXT_INVALID_REQUEST'

/** One way of forging. */
export type Forgery = {
  readonly name: string
  /** The last line of the program, after the prelude. It exports `forged`, or throws. */
  readonly source: string
  readonly tsc: Verdict
  readonly runTime: Outcome
  /** Whether the same program, with the names of a VerifiedUser, forges a user. Its tsc verdict when it differs. */
  readonly ofUser?: true | Verdict
  /** Plain JavaScript: no compiler ever sees it. */
  readonly language?: 'js'
}

/** What every program begins with: a real context, and the id of another user, whom the forger wants to be. */
export const prelude = `import { createForUser, parseUserId, toLogFields } from 'user-execution-context'
import type { UserExecutionContext, VerifiedUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
const user = vouchForUser('user-1', { reason: 'forgery table' })
const context = createForUser(user, { agentContext: { roles: ['reader'] } })
const other = parseUserId('user-2')
`

const advice = 'call createForUser() to obtain a UserExecutionContext'
const all = (...codes: readonly string[]): Verdict & object => ({
  codes: { '5.9': codes, '6.0': codes, '7.0': codes },
  says: advice,
})
/** TypeScript 7 promotes the missing property to the head of the message. */
const promoted = (before: string, after: string): Verdict & object => ({
  codes: { '5.9': [before], '6.0': [before], '7.0': [after] },
  says: advice,
})
const saying = (verdict: Verdict & object, says: string): Verdict => ({ ...verdict, says })

/** The lines of a program, without the indentation of the table. */
const program = (lines: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw({ raw: lines }, ...values)
    .replaceAll(/^ {1,6}/gm, '')
    .trim()

/** What neither a spread nor `userId` gives, one step from valid. Indented as in the table. */
const notSpread = `
        namespace: other,
        provenAtMs: 0,
        identityEndsAtMs: undefined,
        sessionId: undefined,
        agentContext: {},
        auditMetadata: {},
        toJSON: () => toLogFields(context),
`.trim()
const complete = `{
  userId: other, namespace: other, provenAtMs: 0, sessionId: undefined, tenantId: undefined,
  permissions: ['admin'],
  threadId: context.threadId,
  runId: context.runId, requestId: context.requestId, parentRequestId: undefined, operation: 'root', depth: 0,
  createdAtMs: 0, expiresAtMs: undefined, identityEndsAtMs: undefined, identity: context.identity,
  agentContext: {}, auditMetadata: {},
  toJSON: () => toLogFields(context), toString: () => '',
}`

export const forgeries: readonly Forgery[] = [
  {
    name: 'object literal',
    source: `export const forged: UserExecutionContext = ${complete}`,
    tsc: all('TS2739'),
    runTime: 'refused',
  },
  {
    name: 'satisfies',
    source: `export const forged = ${complete} satisfies UserExecutionContext`,
    tsc: promoted('TS1360', 'TS2739'),
    runTime: 'refused',
  },
  {
    name: 'spread',
    source: 'export const forged: UserExecutionContext = { ...context }',
    tsc: all('TS2740'),
    runTime: 'refused',
    ofUser: all('TS2739'),
  },
  {
    name: 'spread with an override',
    source: 'export const forged: UserExecutionContext = { ...context, userId: other }',
    tsc: all('TS2740'),
    runTime: 'refused',
    ofUser: all('TS2739'),
  },
  {
    name: 'Object.assign',
    source: 'export const forged: UserExecutionContext = Object.assign({}, context, { userId: other })',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'Object.create of the prototype',
    source: program`
      export const forged: UserExecutionContext = Object.create(Object.getPrototypeOf(context), {
        userId: { value: other },
      })
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'Object.create of a context',
    source: 'export const forged: UserExecutionContext = Object.create(context, { userId: { value: other } })',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'Object.setPrototypeOf',
    source: program`
      export const forged: UserExecutionContext = Object.setPrototypeOf(
        { ...context, userId: other },
        Object.getPrototypeOf(context),
      )
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'Proxy',
    source: program`
      export const forged: UserExecutionContext = new Proxy(context, {
        get: (real, key) => (key === 'userId' ? other : Reflect.get(real, key)),
      })
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'spread with every other member beside it',
    source: program`
      export const forged: UserExecutionContext = {
        ...context,
        userId: other,
        ${notSpread}
      }
    `,
    tsc: all('TS2739'),
    runTime: 'refused',
  },
  {
    name: 'spread of what destructuring leaves',
    source: program`
      const { tenantId, ...rest } = context
      export const forged: UserExecutionContext = { ...rest, tenantId, userId: other }
    `,
    tsc: all('TS2740'),
    runTime: 'refused',
    ofUser: all('TS2739'),
  },
  {
    name: 'spread with getters of its own',
    source: 'export const forged: UserExecutionContext = { ...context, get userId() { return other } }',
    tsc: all('TS2740'),
    runTime: 'refused',
    ofUser: all('TS2739'),
  },
  {
    name: 'literal with the context as its prototype',
    source: program`
      const heir: any = { __proto__: context, userId: other }
      export const forged: UserExecutionContext = heir
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'clone with its prototype and descriptors',
    source: program`
      export const forged: UserExecutionContext = Object.create(
        Object.getPrototypeOf(context),
        Object.getOwnPropertyDescriptors(context),
      )
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'structuredClone that gets its prototype back',
    source: program`
      export const forged: UserExecutionContext = Object.setPrototypeOf(
        structuredClone(context),
        Object.getPrototypeOf(context),
      )
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'entries put together again',
    source: 'export const forged: UserExecutionContext = Object.fromEntries(Object.entries(context)) as never',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'serialized by v8',
    source: program`
      import { deserialize, serialize } from 'node:v8'
      export const forged: UserExecutionContext = deserialize(serialize(context))
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'borrowed getters',
    source: program`
      class Mine {}
      Object.defineProperties(Mine.prototype, Object.getOwnPropertyDescriptors(Object.getPrototypeOf(context)))
      export const forged: UserExecutionContext = Object.assign(new Mine(), context) as never
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'borrowed getter, called on a copy',
    source: program`
      const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(context), 'userId')!
      export const forged: UserExecutionContext = get!.call({ ...context })
    `,
    tsc: 'silent',
    runTime: 'ERR_CONTEXT_NOT_ISSUED',
    ofUser: true,
  },
  {
    name: 'getter of a Proxy that stands for the context',
    source: 'export const forged: UserExecutionContext = new Proxy(context, {}).userId as never',
    tsc: 'silent',
    runTime: 'ERR_CONTEXT_NOT_ISSUED',
    ofUser: true,
  },
  {
    name: 'Proxy that reads through the real one',
    source: program`
      export const forged: UserExecutionContext = new Proxy(context, {
        get: (real, key) => Reflect.get(real, key, real),
      })
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'Proxy of an empty object that answers for the context',
    source: program`
      const traps = {
        get: (_: object, key: PropertyKey) => Reflect.get(context, key),
        getPrototypeOf: () => Object.getPrototypeOf(context),
        has: () => true,
      }
      export const forged: UserExecutionContext = new Proxy({} as any, traps)
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'new getter on the prototype',
    source: program`
      Object.defineProperty(Object.getPrototypeOf(context), 'userId', { get: () => other })
      export const forged = context
    `,
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: '__defineGetter__',
    source: program`
      const open: any = context
      open.__defineGetter__('userId', () => other)
      export const forged = context
    `,
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'private member added by a base class that returns another object',
    source: program`
      class Target { constructor(value: object) { return value } }
      const Stamp: any = class extends Target { readonly #userId = other; read() { return this.#userId } }
      export const forged: UserExecutionContext = new Stamp({ ...context })
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'structuredClone',
    source: 'export const forged: UserExecutionContext = structuredClone(context)',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'JSON round trip',
    source: 'export const forged: UserExecutionContext = JSON.parse(JSON.stringify(context))',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'as',
    source: 'export const forged = { userId: other } as UserExecutionContext',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'as unknown as',
    source: "export const forged = { userId: 'user-2' } as unknown as UserExecutionContext",
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'angle-bracket assertion',
    source: 'export const forged = <UserExecutionContext>{ userId: other }',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'any',
    source: program`
      const anything: any = { ...context, userId: other }
      export const forged: UserExecutionContext = anything
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: '@ts-expect-error',
    source: program`
      // @ts-expect-error a comment silences the compiler and not the guard
      export const forged: UserExecutionContext = { ...context, userId: other }
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'definite assignment',
    source: 'let missing!: UserExecutionContext\nexport const forged = missing',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'non-null assertion',
    source: program`
      const found: UserExecutionContext | undefined = [context].at(7)
      export const forged: UserExecutionContext = found!
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'generic return type',
    source: program`
      const load = <Value>(text: string): Value => JSON.parse(text)
      export const forged = load<UserExecutionContext>('{ "userId": "user-2" }')
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'promise of a context',
    source: 'const later: any = Promise.resolve(context)\nexport const forged: UserExecutionContext = later',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'new of the imported type',
    source: program`
      import { UserExecutionContext as Maker } from 'user-execution-context'
      export const forged = new Maker()
    `,
    tsc: saying(
      all('TS2673', 'TS1362'),
      "'Maker' cannot be used as a value because it was exported using 'export type'",
    ),
    runTime: 'SyntaxError',
    ofUser: true,
  },
  {
    name: 'new of the class, guessing its parameters',
    source: program`
      const Maker = context.constructor as unknown as typeof UserExecutionContext
      export const forged = new Maker(Symbol('maker of contexts'), user, context, context, 0)
    `,
    tsc: saying(all('TS2673'), "Constructor of class 'UserExecutionContext' is private"),
    runTime: 'refused',
  },
  {
    name: 'new of the class, without parameters',
    source: program`
      const Maker = context.constructor as unknown as typeof UserExecutionContext
      export const forged = new Maker()
    `,
    tsc: saying(all('TS2673'), "Constructor of class 'UserExecutionContext' is private"),
    runTime: 'refused',
    ofUser: saying(all('TS2673'), "Constructor of class 'VerifiedUser' is private"),
  },
  {
    name: 'new context.constructor()',
    source: 'export const forged: UserExecutionContext = new context.constructor()',
    tsc: saying(all('TS2351'), "Type 'Function' has no construct signatures"),
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'new (context as any).constructor()',
    source: 'export const forged: UserExecutionContext = new (context as any).constructor(other)',
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'Reflect.construct',
    source: program`
      export const forged: UserExecutionContext = Reflect.construct(context.constructor, [
        Symbol('maker of contexts'),
        other,
      ])
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'subclass',
    source: program`
      const Maker = context.constructor as unknown as typeof UserExecutionContext
      class Mine extends Maker {}
      export const forged = new (Mine as any)(user)
    `,
    tsc: saying(all('TS2675'), 'Class constructor is marked as private'),
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'implements',
    source: 'class Mine implements UserExecutionContext {\n  userId = other\n}\nexport const forged = new Mine()',
    tsc: saying(all('TS2720'), "Class 'Mine' incorrectly implements class 'UserExecutionContext'"),
    runTime: 'refused',
    ofUser: saying(all('TS2720'), "Class 'Mine' incorrectly implements class 'VerifiedUser'"),
  },
  {
    name: 'interface extension',
    source: program`
      interface Mine extends UserExecutionContext { readonly isAdmin: boolean }
      export const forged: Mine = { ...context, userId: other, isAdmin: true }
    `,
    tsc: all('TS2740'),
    runTime: 'refused',
    ofUser: all('TS2739'),
  },
  {
    name: 'module augmentation: a maker for strings',
    source: program`
      declare module 'user-execution-context' {
        export function createForUser(userId: string): UserExecutionContext
      }
      export const forged = { ...context, userId: other }
    `,
    tsc: saying(all('TS2554', 'TS2300'), "Duplicate identifier 'createForUser'"),
    runTime: 'refused',
  },
  {
    name: 'module augmentation: a field more',
    source: program`
      declare module 'user-execution-context' {
        interface UserExecutionContext { readonly isAdmin?: true }
      }
      export const forged: UserExecutionContext = { ...context, userId: other, isAdmin: true }
    `,
    tsc: all('TS2740'),
    runTime: 'refused',
  },
  {
    name: 'Pick',
    source: program`
      const picked: Pick<UserExecutionContext, keyof UserExecutionContext> = {
        ...context,
        userId: other,
        ${notSpread}
      }
      export const forged: UserExecutionContext = picked
    `,
    tsc: all('TS2739'),
    runTime: 'refused',
  },
  {
    name: 'Omit',
    source: program`
      const rest: Omit<UserExecutionContext, 'userId'> = {
        ...context,
        ${notSpread}
      }
      export const forged: UserExecutionContext = { ...rest, userId: other }
    `,
    tsc: all('TS2739'),
    runTime: 'refused',
  },
  {
    name: 'Partial',
    source: program`
      const partial: Partial<UserExecutionContext> = { userId: other }
      export const forged: UserExecutionContext = partial
    `,
    tsc: all('TS2739'),
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'mapped type',
    source: program`
      type Open<Sealed> = { -readonly [Key in keyof Sealed]: Sealed[Key] }
      const open: Open<UserExecutionContext> = {
        ...context,
        userId: other,
        ${notSpread}
      }
      export const forged: UserExecutionContext = open
    `,
    tsc: all('TS2739'),
    runTime: 'refused',
  },
  {
    name: 'lying type predicate',
    source: program`
      const isContext = (value: object): value is UserExecutionContext => 'userId' in value
      const candidate: object = { userId: other }
      if (!isContext(candidate)) throw new Error('unreachable')
      export const forged: UserExecutionContext = candidate
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'lying assertion function',
    source: program`
      function assertContext(value: object): asserts value is UserExecutionContext { void value }
      const candidate: object = { userId: other }
      assertContext(candidate)
      export const forged: UserExecutionContext = candidate
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'mutation of a field',
    source: 'context.userId = other\nexport const forged = context',
    tsc: saying(all('TS2540'), "Cannot assign to 'userId' because it is a read-only property"),
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'mutation of a field, cast writable',
    source: 'const open: { userId: string } = context\nopen.userId = other\nexport const forged = context',
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'Object.defineProperty',
    source: "Object.defineProperty(context, 'userId', { value: other })\nexport const forged = context",
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'mutation of nested data',
    source: "context.agentContext['roles'] = ['admin']\nexport const forged = context",
    tsc: saying(all('TS2542'), 'only permits reading'),
    runTime: 'TypeError',
  },
  {
    name: 'mutation of a nested list',
    source: "context.permissions.push('admin')\nexport const forged = context",
    tsc: saying(all('TS2339'), "Property 'push' does not exist on type 'readonly string[]'"),
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'mutation of nested data, cast to any',
    source: "const open: any = context\nopen.agentContext.roles.push('admin')\nexport const forged = context",
    tsc: 'silent',
    runTime: 'TypeError',
  },
  {
    name: 'mutation of the identity, cast to any',
    source: "const open: any = context\nopen.identity.provider = 'auth0'\nexport const forged = context",
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'patching the prototype',
    source: "Object.getPrototypeOf(context).toString = () => 'user-2'\nexport const forged = context",
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'replacing the prototype of a context',
    source: 'Object.setPrototypeOf(context, { userId: other })\nexport const forged = context',
    tsc: 'silent',
    runTime: 'TypeError',
    ofUser: true,
  },
  {
    name: 'deep import by name',
    source: program`
      const inner = await import('user-execution-context/dist/cjs/context/user-execution-context.js')
      export const forged = new inner.UserExecutionContext(user)
    `,
    tsc: saying(
      all('TS2307'),
      "Cannot find module 'user-execution-context/dist/cjs/context/user-execution-context.js'",
    ),
    runTime: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
  },
  {
    name: 'deep import by path',
    source: program`
      import { UserExecutionContext as Maker } from '../../dist/cjs/context/user-execution-context.js'
      export const forged = new Maker()
    `,
    tsc: saying(all('TS2673'), "Constructor of class 'UserExecutionContext' is private"),
    runTime: 'SyntaxError',
  },
  {
    name: 'forged proof by a deep import by path',
    source: program`
      import { takeProofChanges } from '../../dist/cjs/identity/proof.js'
      export const forged = Object.create(context, { proof: { value: takeProofChanges().open({}, Infinity) } })
    `,
    tsc: 'silent',
    runTime: 'ERR_CONTEXT_NOT_CONSTRUCTIBLE',
    language: 'js',
  },
  {
    name: 'forged liveness registry by a deep import by path',
    source: program`
      import { LivenessRegistry } from '../../dist/cjs/identity/liveness-registry.js'
      const sessions = new LivenessRegistry(Symbol('forged'), { maxProofMs: 1000 })
      export const forged = createForUser(vouchForUser('user-2', { reason: 'forged registry', sessions }))
    `,
    tsc: 'silent',
    runTime: 'ERR_CONTEXT_NOT_CONSTRUCTIBLE',
    language: 'js',
  },
  {
    name: 'proof lengthened by a deep import by path',
    source: program`
      import { findContextProof } from '../../dist/cjs/context/user-execution-context.js'
      import { takeRegistryChanges } from '../../dist/cjs/identity/liveness-registry.js'
      takeRegistryChanges().extend(undefined, findContextProof(context), Infinity)
      export const forged = context
    `,
    tsc: 'silent',
    runTime: 'ERR_CONTEXT_NOT_CONSTRUCTIBLE',
    language: 'js',
  },
  {
    name: 'proof changed by a deep import by path',
    source: program`
      import { findContextProof } from '../../dist/cjs/context/user-execution-context.js'
      findContextProof(context).userId = other
      export const forged = context
    `,
    tsc: 'silent',
    runTime: 'TypeError',
    language: 'js',
  },
  {
    name: 'verified actor by a deep import by path',
    source: program`
      import { parseActors } from '../../dist/cjs/facts/actor.js'
      import { deriveChild } from 'user-execution-context'
      const [actor] = parseActors([{ name: 'admin', kind: 'person', source: 'verified' }], 'actors', [])
      export const forged = deriveChild(context, 'forged', { actor })
    `,
    tsc: 'silent',
    runTime: 'ERR_CONTEXT_INVALID_REQUEST',
    language: 'js',
  },
  {
    name: 'verified actor put into a chain by a deep import by path',
    source: program`
      import { parseActors } from '../../dist/cjs/facts/actor.js'
      const [actor] = parseActors([{ name: 'admin', kind: 'person', source: 'verified' }], 'actors', [])
      context.actors.push(actor)
      export const forged = context
    `,
    tsc: 'silent',
    runTime: 'TypeError',
    language: 'js',
  },
  {
    name: 'second copy of the package',
    source: program`
      import { createForUser as createElsewhere } from './second-copy/esm/index.js'
      import { vouchForUser as vouchElsewhere } from './second-copy/esm/restricted.js'
      export const forged: UserExecutionContext = createElsewhere(vouchElsewhere('user-2', { reason: 'second copy' }))
    `,
    tsc: saying(
      promoted('TS2322', 'TS2322'),
      "Property '#private' in type 'UserExecutionContext' refers to a different member",
    ),
    runTime: 'refused',
  },
  {
    name: 'worker-thread message',
    source: program`
      import { once } from 'node:events'
      import { Worker } from 'node:worker_threads'
      const echo =
        "const { parentPort: port } = require('node:worker_threads'); " +
        "port.once('message', (value) => port.postMessage(value))"
      const worker = new Worker(echo, { eval: true })
      worker.postMessage(context)
      const [message] = await once(worker, 'message')
      export const forged: UserExecutionContext = message
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'vm realm',
    source: program`
      import { runInNewContext } from 'node:vm'
      export const forged: UserExecutionContext = runInNewContext(
        'Object.freeze(Object.create(Object.getPrototypeOf(real), { userId: { value: other } }))',
        { real: context, other },
      )
    `,
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
  },
  {
    name: 'plain JavaScript caller',
    source: "export const forged = { ...context, userId: 'user-2' }",
    tsc: 'silent',
    runTime: 'refused',
    ofUser: true,
    language: 'js',
  },
]
