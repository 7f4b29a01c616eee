// Writes every row once for each way of importing, the twins beside them, as one project.
import { functionInnocent, functionRows } from './function-rows.ts'
import { inventedInnocent, inventedRows } from './invented-rows.ts'
import { looseInnocent, looseRows } from './loose-rows.ts'
import { innocent, mark, rows, type Row } from './rows.ts'
import { passingInnocent, passingRows } from './passing-rows.ts'
import { silentInnocent, silentRows } from './silent-rows.ts'

/** How a file gets at the type and at what takes it. */
const forms = {
  'a renamed import': {
    type: ['Imported', `import type { Ctx as Imported } from '../ctx'`],
    sink: (name: string) => `Renamed${name}`,
    imports: (values: string[], types: string[]) =>
      named(values, types, '../sinks', (name) => `${name} as Renamed${name}`),
  },
  'a re-export': {
    type: ['Context', `import type { Context } from '../barrel'`],
    sink: (name: string) => name,
    imports: (values: string[], types: string[]) => named(values, types, '../barrel', (name) => name),
  },
  'a namespace import': {
    type: ['all.Ctx', `import type * as all from '../ctx'`],
    sink: (name: string) => `sinks.${name}`,
    imports: () => [`import * as sinks from '../sinks'`],
  },
  'two files apart': {
    type: ['Carried', `import type { Carried } from '../far/again'`],
    sink: (name: string) => name,
    imports: (values: string[], types: string[]) => named(values, types, '../far/again', (name) => name),
  },
} as const

type Form = keyof typeof forms
export const formNames = Object.keys(forms) as Form[]

const named = (values: string[], types: string[], from: string, toSpecifier: (name: string) => string): string[] => [
  ...(values.length > 0 ? [`import { ${values.map(toSpecifier).join(', ')} } from '${from}'`] : []),
  ...(types.length > 0 ? [`import type { ${types.map(toSpecifier).join(', ')} } from '${from}'`] : []),
]

const typeNames = new Set(['AuthedRequest', 'Req', 'Holder', 'LookAlike', 'Carried', 'Loose', 'Strict', 'Keeper'])
const allRows = [...rows, ...looseRows, ...functionRows, ...inventedRows, ...passingRows, ...silentRows]

const write = (body: string, form: Form): string => {
  const { type, sink, imports } = forms[form]
  const used = [...new Set(Array.from(body.matchAll(/\$s\.(\w+)/g), ([, name]) => name!))]
  const values = used.filter((name) => !typeNames.has(name))
  const types = used.filter((name) => typeNames.has(name))
  const needsType = body.includes('$T')
  const typeIsThere = form === 'two files apart' && types.includes('Carried')
  const head = [...(needsType && !typeIsThere ? [type[1]] : []), ...(used.length > 0 ? imports(values, types) : [])]
  const code = body.replaceAll('$T', type[0]).replaceAll(/\$s\.(\w+)/g, (_, name: string) => sink(name))
  return [...head, code, 'export {}', ''].join('\n')
}

export type Planted = {
  readonly row: string
  readonly form: Form
  readonly file: string
  readonly text: string
  /** Line of the violator, from 1; undefined for a twin. */
  readonly line: number | undefined
}

const plant = (directory: string, at: number, name: string, body: string, form: Form, tsx = false): Planted => {
  const text = write(body, form)
  const line = text.split('\n').findIndex((one) => one.includes(mark)) + 1
  const file = `src/${directory}/${String(at).padStart(3, '0')}-${formNames.indexOf(form)}.${tsx ? 'tsx' : 'ts'}`
  return { row: name, form, file, text: text.replaceAll(` ${mark}`, ''), line: line === 0 ? undefined : line }
}

const each = (directory: string, toBody: (row: Row) => string): Planted[] =>
  allRows.flatMap((row, at) => formNames.map((form) => plant(directory, at, row.name, toBody(row), form, row.tsx)))

export const violators = each('violators', ({ violator }) => violator)
export const twins = [
  ...each('twins', ({ twin }) => twin),
  ...[
    ...innocent,
    ...looseInnocent,
    ...functionInnocent,
    ...inventedInnocent,
    ...passingInnocent,
    ...silentInnocent,
  ].flatMap(([name, text], at) => formNames.map((form) => plant('innocent', at, name, text, form))),
]

const openType = `export interface Ctx { readonly userId: string; readonly threadId: string; readonly runId: string }
export const createCtx = (user: string): Ctx => ({ userId: user, threadId: 't', runId: 'r' })
`
const sealedType = `let make: (user: string) => Ctx
export class Ctx {
  readonly #sealed = true
  private constructor(readonly userId: string, readonly threadId: string, readonly runId: string) {}
  static { make = (user) => new Ctx(user, 't', 'r') }
}
export const createCtx = (user: string): Ctx => make(user)
`

const sinks = `import type { Ctx } from './ctx'
import { createCtx } from './ctx'
export { createCtx }
export type Carried = Ctx
export type Holder = { c: Ctx; n?: number }
export interface Req { headers: Record<string, string> }
export interface AuthedRequest extends Req { ctx: Ctx }
export interface LookAlike { readonly userId: string; readonly threadId: string; readonly runId: string }
export const createLater = async (user: string) => createCtx(user)
export const run = (c: Ctx): string => c.userId
export const runNamed = (name: string, c: Ctx): string => name + c.userId
export const runHolder = (o: { c: Ctx; n?: number }): string => o.c.userId
export const runAll = (l: readonly Ctx[]): number => l.length
export const runEach = (...l: Ctx[]): number => l.length
export const runPromise = (p: Promise<Ctx>): unknown => p
export const runMap = (m: Map<string, Ctx>): number => m.size
export const runGetter = (get: () => Ctx): string => get().userId
export const runLoader = (get: () => Promise<Ctx>): unknown => get()
export const runConstrained = <T extends Ctx>(c: T): string => c.userId
export const onContext = (handle: (c: Ctx) => void): unknown => handle
export class Service {
  readonly user: string
  constructor(c: Ctx) { this.user = c.userId }
  start(c: Ctx): string { return c.userId }
  pick(name: string, c: Ctx): string
  pick(c: Ctx): string
  pick(...all: unknown[]): string { return String(all) }
  note(c: Ctx): string
  note(text: unknown): string
  note(value: unknown): string { return String(value) }
}
export const service = new Service(createCtx('u'))
export interface Loose { start(c: unknown): string }
export interface Strict { start(c: Ctx): string }
export const useLoose = (h: Loose): string => h.start(body)
export const useStrict = (h: Strict): string => h.start(createCtx('u'))
export const registerLoose = <H extends Loose>(h: H): string => h.start(body)
export const registerStrict = <H extends Strict>(h: H): string => h.start(createCtx('u'))
export abstract class LooseJob { abstract handle(payload: unknown): void }
export abstract class StrictJob { abstract handle(payload: Ctx): void }
export interface Keeper<T> { keep(value: T): void }
export function pick(name: string, c: Ctx): string
export function pick(c: Ctx): string
export function pick(...all: unknown[]): string { return String(all) }
export class Box<T extends Ctx> { constructor(readonly c: T) {} }
export const Panel = (props: { c: Ctx }): JSX.Element => ({ kind: props.c.userId })
export const log = (...values: unknown[]): void => void values
export const body: unknown = 1
export const keepAny = (handle: any): unknown => handle
export const keepFunction = (name: string, handle: Function): unknown => [name, handle]
export const text: string = 'x'
export const load = (): any => body
export const loadLater = async (): Promise<any> => body
export const mock = <T>(): T => body as T
export const castTo = <T>(value: unknown): T => value as T
export const same = <T>(value: T): T => value
export const stateOf = <T>(value: T): { value: T } => ({ value })
export const container = { get: <T>(name: string): T => body as T }
export const fetchAs = async <T>(url: string): Promise<T> => body as T
export const queryAll = <T>(sql: string): T[] => body as T[]
export interface Answer<T> { status: number; data: T }
export const request = async <T>(url: string): Promise<Answer<T>> => body as Answer<T>
export const schema = { parse: (value: unknown): LookAlike => { throw new Error(String(value)) } }
declare global {
  namespace JSX {
    interface Element { kind: string }
    interface IntrinsicElements { div: { key?: string } }
    interface IntrinsicAttributes { key?: string }
  }
}
`

/** Files of the project beside the planted ones. `open` is the type before the move, `sealed` after it. */
export const treeFiles = (type: 'open' | 'sealed'): Record<string, string> => ({
  'package.json': '{"type":"module"}',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      strict: true,
      noEmit: true,
      jsx: 'preserve',
      types: [],
    },
    include: ['src'],
  }),
  'src/ctx.ts': type === 'open' ? openType : sealedType,
  'src/sinks.ts': sinks,
  'src/barrel.ts': `export type { Ctx as Context } from './ctx'\nexport * from './sinks'\n`,
  'src/far/once.ts': `export * from '../sinks'\n`,
  'src/far/again.ts': `export * from './once'\n`,
  ...Object.fromEntries([...violators, ...twins].map(({ file, text }) => [file, text])),
})
