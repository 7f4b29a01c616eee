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
export const any = (list: any[]) => list.filter((one): one is Renamed => one !== 1) //! no-context-assertion
export const all = (list: any[], o: any) => list.filter((one): one is Renamed => o !== null) //! no-context-assertion
export const told = (l: any[]) => l.filter((one: unknown): one is Renamed => one !== null) //! no-context-assertion
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
export const found = (list: (UserExecutionContext | null)[]) => [
  list.filter((one): one is UserExecutionContext => one !== null),
  list.filter((one): one is UserExecutionContext => undefined != one),
]
export const key = () => body as keyof UserExecutionContext
export const asked = (is: (value: unknown) => value is UserExecutionContext) => is(body)
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
import assigned = require('user-execution-context/restricted') //! no-vouch-outside
export const taken = async () => {
  const { vouchForUser } = await import('./again.ts') //! no-vouch-outside
  return vouchForUser
}
export const passed = () => assigned
`,
  'src/required.js': `
const { createRequire } = require('node:module')
const load = createRequire(__filename)
const restricted = require('user-execution-context/restricted') //! no-vouch-outside
const written = require(\`user-execution-context/restricted\`) //! no-vouch-outside
const ofModule = module.require('user-execution-context/restricted') //! no-vouch-outside
const loaded = load('user-execution-context/restricted') //! no-vouch-outside
const made = createRequire(__filename)('user-execution-context/restricted') //! no-vouch-outside
const { vouchForUser } = require('./again.js') //! no-vouch-outside
const { ['vouchForUser']: renamed } = require('./again.js') //! no-vouch-outside
const late = async () => (await import(\`user-execution-context/restricted\`)) //! no-vouch-outside
const fine = [describe('user-execution-context/restricted'), require('./again.js')]
module.exports = { restricted, written, ofModule, loaded, made, vouchForUser, renamed, late, fine }
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
let renamed //! no-module-context
let chosen //! no-module-context
const holder = { context: createForUser(user) } //! no-module-context
const byUser = new Map<string, UserExecutionContext>() //! no-module-context
const recent: UserExecutionContext[] = [] //! no-module-context
export const child = deriveChild(shared, 'boot') //! no-module-context
export const set = (context: UserExecutionContext) => {
  untyped = createForUser(user)
  given = context
  current = context
  const inner = createForUser(user)
  renamed = inner
  chosen = given ? createForUser(user) : undefined
}
export class Holder {
  static last: UserExecutionContext | undefined //! no-module-context
  static made = createForUser(user) //! no-module-context
  static accessor kept = createForUser(user) //! no-module-context
}
export const read = () => [current, untyped, given, byUser, recent, storage, renamed, chosen, holder]
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
const reasons = { nightly: 'nightly report', 'weekly': \`weekly report\` }
const mixed = { nightly: 'nightly report', asked: readReason() }
export const tabled = (id) => [vouchForUser(id, { reason: reasons.nightly }), vouch(id, { reason: reasons['weekly'] })]
export const quoted = (id) => vouchForUser(id, { reason: Reasons['nightly'] })
export const untabled = (id) => vouchForUser(id, { reason: mixed.nightly }) //! no-computed-reason
export const bracketed = (id, reason) => vouchForUser(id, { ['reason']: reason }) //! no-computed-reason
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
export const angle = (id: string) => vouchForUser(id, { reason: <const>'nightly report' })
export const never = (id: string, reason: string) => vouchForUser(id, { reason } as never) //! no-computed-reason
`,
  'src/writes.ts': `
${coreImports}
import { assign as imported } from './assign.ts'
declare const user: never
const { assign, keys: listed } = Object
const put = Reflect['set']
type Writable = { -readonly [K in keyof UserExecutionContext]: UserExecutionContext[K] }
type Mine = Readonly<UserExecutionContext>
export const whole = (c: UserExecutionContext) => Object.assign(c, { userId: 'b' }) //! no-context-write
export const absent = (c?: UserExecutionContext) => Object.assign(c!, { userId: 'b' }) //! no-context-write
export const nullable = (c: Mine | undefined) => Object['assign'](c!, {}) //! no-context-write
export const named = (c: Mine) => assign(c, { userId: 'b' }) //! no-context-write
export const kept = (c: Mine) => put(c, 'userId', 'b') //! no-context-write
export const global = (c: Mine) => globalThis.Object.defineProperty(c, 'userId', {}) //! no-context-write
export const reflected = (c: Mine) => Reflect.deleteProperty(c, 'runId') //! no-context-write
export const renewed = (c: Mine) => Object.setPrototypeOf(c, null) //! no-context-write
export const made = () => { const c = createForUser(user); return Reflect.set(c, 'runId', 'r') } //! no-context-write
export const atOnce = () => Object.assign(createForUser(user), { runId: 'r' }) //! no-context-write
export const child = (c: Mine) => Object.defineProperties(deriveChild(c, 'tool'), {}) //! no-context-write
export const field = (c: Mine) => { (c as any).userId = 'b' } //! no-context-write
export const other = (c: Mine) => { (c as Writable).userId = 'b' as never } //! no-context-write
export const angle = (c: Mine) => { (<any>c).runId = 'r' } //! no-context-write
export const counted = (c: Mine) => { (c as any).depth++ } //! no-context-write
export const removed = (c: Mine) => { delete (c as any).runId } //! no-context-write
export const fallback = (c: Mine = createForUser(user)) => Object.assign(c, {}) //! no-context-write
export class Holder { constructor(readonly c: Mine) { Object.assign(c, {}) } } //! no-context-write
export const fine = (c: Mine, list: Mine[], held: { c: Mine }, later: Promise<Mine>, at: Map<string, Mine>) => [
  Object.assign({}, c), Object.assign(list, [c]), Object.assign(held, { c }), Object.assign(later, { c }),
  Object.assign(at, { c }), Object.keys(c), listed(c), Reflect.get(c, 'runId'), imported(c, {}), (c as any).userId,
  Object.freeze(c),
]
export const hidden = (c: Mine, assign: (c: Mine) => void) => assign(c)
export const shadowed = (c: Mine) => [(c: { userId: string }) => Object.assign(c, { userId: 'b' }), c]
export const unpacked = ({ c }: { c: object }) => Object.assign(c, {})
export const refused = (c: { n: number }) => { (c as any).n = 1; delete (c as any).n; (c as any).n++ }
`,
  'src/loose.ts': `
import type { UserExecutionContext } from 'user-execution-context'
import type { Elsewhere } from './elsewhere.ts'
interface Loose { start(c: unknown): string; stop(n: number, c: any): void; both(c: unknown): void; both(c: 1): void }
interface Looser extends Loose { end(c: UserExecutionContext | string): void }
type Inline = { start(c: object): string }
abstract class Job { abstract handle(c: unknown): void; static make(c: unknown) { return c } field = (c: unknown) => c }
export class First implements Loose {
  start(c: UserExecutionContext) { return c.runId } //! no-loose-method
  stop(n: number, c: UserExecutionContext) { return void [n, c] } //! no-loose-method
  both(c: UserExecutionContext | 1) { return void c }
}
export class Second implements Looser {
  start(c: UserExecutionContext) { return c.runId } //! no-loose-method
  stop(n: number) { return void n }
  both(c: unknown) { return void c }
  end(c: UserExecutionContext) { return void c } //! no-loose-method
}
export class Third extends Job {
  handle(c: UserExecutionContext) { return void c } //! no-loose-method
  static override make(c: UserExecutionContext) { return c }
}
export const fourth: Inline = { start(c: UserExecutionContext) { return c.runId } } //! no-loose-method
export const fifth: { start(c: { runId: string }): string } = {
  start: (c: UserExecutionContext) => c.runId, //! no-loose-method
}
export const nothing = class extends Job { handle(c: unknown) { return void c } }
interface Strict { start(c: UserExecutionContext | undefined): string; named(c: Elsewhere): void; none(): void }
export class Sixth implements Strict {
  start(c: UserExecutionContext) { return c.runId }
  named(c: UserExecutionContext) { return void c }
  none(c?: UserExecutionContext) { return void c }
  own(c: UserExecutionContext) { return void c }
}
export class Seventh implements Elsewhere { start(c: UserExecutionContext) { return c.runId } }
`,
  'src/ambient.ts': `
import { AsyncLocalStorage } from 'node:async_hooks'
const storage = new AsyncLocalStorage<string>()
export const leak = () => storage.enterWith('x') //! no-enter-with
export const leakComputed = () => storage['enterWith']('x') //! no-enter-with
export const leakOptional = () => storage?.enterWith('x') //! no-enter-with
export const leakBracketed = () => { const { ['enterWith']: enter } = storage; return enter } //! no-enter-with
export const leakDestructured = () => { const { enterWith } = storage; return enterWith } //! no-enter-with
export const fine = () => storage.run('x', () => storage.getStore())
`,
  'src/circles.mjs': `
let current
function begin() { var app = app || {}; current = app }
function pair() { let left = right; let right = left; current = left }
const first = second
const second = first
const own = own
export const circles = () => [first('user-execution-context/restricted'), own('x'), begin, pair, current]
`,
  'jobs/circles.mjs': `
import { vouchForUser } from 'user-execution-context/restricted'
const own = own
const first = second
const second = first
export const itself = (id) => vouchForUser(id, { reason: own }) //! no-computed-reason
export const pair = (id) => vouchForUser(id, { reason: first + 'x' }) //! no-computed-reason
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
