// Source files with the expected problems written at the end of the line: `//! rule-name [messageId]`.
const coreImports = `import { createForUser, deriveChild, type UserExecutionContext } from 'user-execution-context'`

export const cases: Readonly<Record<string, string>> = {
  'src/assertions.ts': `
${coreImports}
import type { UserExecutionContext as Renamed } from 'user-execution-context'
import type * as library from 'user-execution-context'
declare const body: unknown
type Mine = UserExecutionContext
type Wrapped = { context: Readonly<Mine> }
export const plain = () => body as UserExecutionContext //! no-context-assertion
export const angle = () => <UserExecutionContext>body //! no-context-assertion
export const renamed = () => body as Renamed //! no-context-assertion
export const namespaced = () => body as library.UserExecutionContext //! no-context-assertion
export const aliased = () => body as Mine //! no-context-assertion
export const nullable = () => body as UserExecutionContext | undefined //! no-context-assertion
export const nested = () => body as Wrapped //! no-context-assertion
export const list = () => body as readonly UserExecutionContext[] //! no-context-assertion
export const promised = () => body as Promise<Map<string, UserExecutionContext>> //! no-context-assertion
export const imported = () => body as import('user-execution-context').UserExecutionContext //! no-context-assertion
export const double = () => 'x' as unknown as UserExecutionContext //! no-context-assertion
export const doubleAngle = () => <Renamed>(<unknown>'x') //! no-context-assertion
export const doubleAny = () => ('x' as any) as Renamed //! no-context-assertion
export function isMine(value: unknown): value is UserExecutionContext { return true } //! no-context-assertion
export function assertMine(value: unknown): asserts value is Renamed {} //! no-context-assertion
export const used = () => [createForUser, deriveChild]
`,
  'src/path-assertions.ts': `
import type { UserExecutionContext } from './context.ts'
import { type UserExecutionContext as Aliased } from '@/context'
declare const body: unknown
export const first = () => body as UserExecutionContext //! no-context-assertion
export const second = () => body as Aliased //! no-context-assertion
`,
  'src/own-definition.ts': `
export interface UserExecutionContext { readonly userId: string }
export const forged = (body: unknown) => body as UserExecutionContext //! no-context-assertion
`,
  'src/innocent-assertions.ts': `
${coreImports}
import type { UserExecutionContext as Foreign } from 'some-vendor-sdk'
declare const body: unknown
interface Router<T> { use: (handler: (value: T) => void) => void }
export const foreign = () => body as Foreign
export const part = () => [body as Omit<UserExecutionContext, 'runId'>, body as Partial<UserExecutionContext>]
export const present = (list: (UserExecutionContext | undefined)[]) =>
  list.filter((one: UserExecutionContext | undefined): one is UserExecutionContext => one !== undefined)
export const constant = () => ['x'] as const
export const other = () => body as string
export const handler = () => body as (context: UserExecutionContext) => void
export const router = () => body as Router<UserExecutionContext>
export const checked = (context: UserExecutionContext) => context satisfies UserExecutionContext
export const made = () => createForUser(body as never)
export const child = (context: UserExecutionContext) => deriveChild(context, 'tool')
`,
  'src/vouching.ts': `
import { vouchForUser } from 'user-execution-context/restricted' //! no-vouch-outside
import { vouchForUser as quiet } from './again.ts' //! no-vouch-outside
import * as restricted from 'user-execution-context/restricted' //! no-vouch-outside
export { vouchForUser as passedOn } from 'user-execution-context/restricted' //! no-vouch-outside
export * from 'user-execution-context/restricted' //! no-vouch-outside
export const late = () => import('user-execution-context/restricted') //! no-vouch-outside
export const member = () => restricted.vouchForUser //! no-vouch-outside
export const computed = () => restricted['vouchForUser'] //! no-vouch-outside
export const template = () => restricted[\`vouchForUser\`] //! no-vouch-outside
export const used = () => [vouchForUser, quiet]
`,
  'src/required.js': `
const restricted = require('user-execution-context/restricted') //! no-vouch-outside
module.exports = restricted
`,
  'src/not-vouching.ts': `
import type { Vouching } from 'user-execution-context/restricted'
import { createForUser } from 'user-execution-context'
export const made = (vouching: Vouching) => createForUser(vouching as never)
`,
  'jobs/deep/nightly.ts': `
import { vouchForUser } from 'user-execution-context/restricted'
export const user = () => vouchForUser
`,
  'src/module-state.ts': `
${coreImports}
import { storage } from './storage.ts'
declare const user: never
export const shared: UserExecutionContext = createForUser(user) //! no-module-context
export const inferred = createForUser(user) //! no-module-context
let current: UserExecutionContext | undefined //! no-module-context
let untyped //! no-module-context
let given: unknown //! no-module-context
const byUser = new Map<string, UserExecutionContext>() //! no-module-context
const recent: UserExecutionContext[] = [] //! no-module-context
export const child = deriveChild(shared, 'boot') //! no-module-context
export const set = (context: UserExecutionContext) => {
  untyped = createForUser(user)
  given = context
  current = context
}
export class Holder {
  static last: UserExecutionContext | undefined //! no-module-context
  static made = createForUser(user) //! no-module-context
}
export const read = () => [current, untyped, given, byUser, recent, storage]
`,
  'src/innocent-state.ts': `
${coreImports}
import { AsyncLocalStorage } from 'node:async_hooks'
declare const user: never
const storage = new AsyncLocalStorage<UserExecutionContext>()
const facts = new WeakMap<UserExecutionContext, string>()
export const handle = (context: UserExecutionContext): UserExecutionContext => context
export const later = () => createForUser(user)
let total = 0
export class Session {
  static opened = 0
  readonly context: UserExecutionContext
  constructor(context: UserExecutionContext) { this.context = context }
}
export const run = (context: UserExecutionContext) => {
  let total: UserExecutionContext | undefined
  const inner = createForUser(user)
  total = inner
  total = context
  return [storage, facts, total]
}
export const count = () => (total += 1)
`,
  'jobs/reasons.mjs': `
import { vouchForUser, vouchForUser as vouch } from 'user-execution-context/restricted'
import * as restricted from 'user-execution-context/restricted'
import { notVouching as refuse } from 'user-execution-context/restricted'
import { vouchForUser as stranger } from 'another-package'
import { deriveChild } from 'user-execution-context'
import { imported } from './texts.js'
const nightly = 'nightly ' + 'report'
const Reasons = { nightly }
const { destructured } = process.env
let changed = 'nightly'
changed = process.argv[2]
const untilMs = 1
export const exported = 'exported'
export const fixed = (id) => [
  vouchForUser(id, { reason: 'nightly report' }),
  vouchForUser(id, { reason: \`the \${nightly}\` }),
  vouch(id, { reason: nightly }),
  restricted.vouchForUser(id, { reason: Reasons.nightly }),
  vouchForUser(id, { reason: imported }),
  vouchForUser(id, { reason: id === 'a' ? 'first' : 'second' }),
  vouchForUser(id, { reason: exported, permissions: id.permissions }),
]
export const argument = (id, reason) => vouchForUser(id, { reason }) //! no-computed-reason
export const shadowing = (id, nightly) => vouchForUser(id, { reason: nightly }) //! no-computed-reason
export const given = (id, { nightly = 'x' }) => vouchForUser(id, { reason: nightly }) //! no-computed-reason
export const list = (id, [nightly]) => vouchForUser(id, { reason: nightly }) //! no-computed-reason
export const many = (id, ...nightly) => vouchForUser(id, { reason: nightly }) //! no-computed-reason
export const rest = (id, { ...nightly }) => vouchForUser(id, { reason: nightly }) //! no-computed-reason
export const template = (id) => vouchForUser(id, { reason: \`for \${id}\` }) //! no-computed-reason
export const joined = (id) => vouchForUser(id, { reason: 'for ' + id }) //! no-computed-reason
export const prefixed = (id) => vouchForUser(id, { reason: id + ' report' }) //! no-computed-reason
export const either = (id) => vouchForUser(id, { reason: id ? id : 'x' }) //! no-computed-reason
export const otherwise = (id) => vouchForUser(id, { reason: id ? 'x' : id }) //! no-computed-reason
export const called = (id) => vouch(id, { reason: String(id) }) //! no-computed-reason
export const member = (id) => restricted.vouchForUser(id, { reason: id.reason }) //! no-computed-reason
export const computed = (id) => vouchForUser(id, { reason: Reasons[id] }) //! no-computed-reason
export const variable = (id) => vouchForUser(id, { reason: changed }) //! no-computed-reason
export const taken = (id) => vouchForUser(id, { reason: destructured }) //! no-computed-reason
export const unknown = (id) => vouchForUser(id, { reason: nobodyBinds }) //! no-computed-reason
export const local = (id) => { const nightly = id; return vouch(id, { reason: nightly }) } //! no-computed-reason
export const child = (context) => deriveChild(context, 'run', { outlivesIdentity: { reason: 'report', untilMs } })
export const exempted = (context, reason) =>
  deriveChild(context, 'run', { outlivesIdentity: { reason, untilMs } }) //! no-computed-reason
export const run = (path, context, input) =>
  path.execute(context, input, { outlivesIdentity: { untilMs, reason: input.text } }) //! no-computed-reason
export const other = (id, reason) => [refuse(id, { reason }), { reason }, { outlivesIdentity: reason }]
export const strangers = (id, reason) => [stranger(id, { reason }), id.vouch(id, { reason }), { audit: { reason } }]
export const named = (id, reason) => vouchForUser(id, { [reason]: id, reason: 'nightly report' })
`,
  'jobs/reasons.ts': `
import { vouchForUser } from 'user-execution-context/restricted'
declare const declared: 'nightly report'
export const constant = (id: string) => vouchForUser(id, { reason: 'nightly report' as const })
export const asserted = (id: string) => vouchForUser(id, { reason: id as 'nightly report' }) //! no-computed-reason
export const told = (id: string) => vouchForUser(id, { reason: declared }) //! no-computed-reason
`,
  'src/ambient.ts': `
import { AsyncLocalStorage } from 'node:async_hooks'
const storage = new AsyncLocalStorage<string>()
export const leak = () => storage.enterWith('x') //! no-enter-with
export const leakComputed = () => storage['enterWith']('x') //! no-enter-with
export const leakOptional = () => storage?.enterWith('x') //! no-enter-with
export const leakDestructured = () => { const { enterWith } = storage; return enterWith } //! no-enter-with
export const fine = () => storage.run('x', () => storage.getStore())
`,
}

/** What the comments say, as `file:line rule`, sorted. */
export const expectedProblems = (): readonly string[] =>
  Object.entries(cases)
    .flatMap(([file, text]) =>
      text.split('\n').flatMap((line, index) => {
        const rule = /\/\/! ([a-z-]+)$/.exec(line)?.[1]
        return rule === undefined ? [] : [`${file}:${index + 1} ${rule}`]
      }),
    )
    .sort()
