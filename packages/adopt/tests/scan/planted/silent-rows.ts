// Ways to a context on which tsc is silent: an error that a comment hides, a call that another function makes, a write
// that no assignment names.
import { mark, type Row } from './rows.ts'

const row = (name: string, violator: string, twin: string): Row => ({ name, violator, twin })

/** A line below a directive, as it forges a context, and with another error or none. */
const hidden = (name: string, violator: string, twin: string, directive = '// @ts-ignore'): Row =>
  row(`${name}, its error hidden`, `${directive}\n${violator} ${mark}`, `// @ts-ignore\n${twin}`)

const hiddenErrors: readonly Row[] = [
  hidden('unknown as argument', `$s.run($s.body)`, `$s.run($s.createCtx(1))`),
  hidden(
    'unknown as argument, expected',
    `$s.run($s.body)`,
    `$s.runNamed(1, $s.createCtx('u'))`,
    '// @ts-expect-error',
  ),
  hidden(
    'unknown as argument, with a reason',
    `$s.run($s.body)`,
    `$s.log('x').y`,
    '// @ts-ignore -- the types are old',
  ),
  hidden('unknown as argument, in a block', `$s.run($s.body)`, `$s.createCtx(1)`, '/* @ts-ignore */'),
  hidden('unknown as argument, in a long block', `$s.run($s.body)`, `$s.createCtx(1)`, '/*\n * @ts-expect-error */'),
  hidden('unknown as argument, a comment below', `$s.run($s.body)`, `$s.createCtx(1)`, '// @ts-ignore\n\n// old types'),
  hidden('unknown in a variable', `export const c: $T = $s.body`, `export const c: string = $s.body`),
  hidden(
    'unknown in an assignment',
    `export let c = $s.createCtx('u'); c = $s.body`,
    `export let c = 'u'; c = $s.body`,
  ),
  row(
    'unknown returned, its error hidden',
    `export const f = (): $T => {\n  // @ts-expect-error\n  return $s.body ${mark}\n}`,
    `export const f = (): string => {\n  // @ts-expect-error\n  return $s.body\n}`,
  ),
  row(
    'unknown in a field, its error hidden',
    `export class A {\n  // @ts-ignore\n  c: $T = $s.body ${mark}\n}`,
    `export class A {\n  // @ts-ignore\n  c: string = $s.body\n}`,
  ),
  hidden('a literal of other fields', `$s.run({ id: 1 })`, `$s.createCtx({ id: 1 })`),
  hidden('a text', `$s.run('user-1')`, `$s.createCtx('user-1', 1)`),
  hidden('a number in a list', `$s.runAll([1])`, `$s.runAll([$s.createCtx(1)])`),
  hidden('undefined', `$s.run(undefined)`, `$s.createCtx(undefined)`),
  hidden('nothing', `$s.run()`, `$s.createCtx()`),
  hidden('one argument of two', `$s.runNamed('n')`, `$s.runNamed('n', $s.createCtx('u'), 1)`),
  hidden('unknown in a holder', `$s.runHolder({ c: $s.body })`, `$s.runHolder({ c: $s.createCtx('u'), n: 'x' })`),
  hidden('a promise of unknown', `$s.runPromise(Promise.resolve($s.body))`, `$s.runPromise($s.createLater(1))`),
  hidden('a function that gives unknown', `$s.runGetter(() => $s.body)`, `$s.runGetter((n: 1) => $s.createCtx('u'))`),
  hidden(
    'a write of a field',
    `export const f = (c: $T) => { c.userId = 'v' }`,
    `export const f = (c: $T) => { c.userId.length = 1 }`,
  ),
  hidden(
    'a field that is deleted',
    `export const f = (c: $T) => { delete c.runId }`,
    `export const f = (c: $T) => { delete c.runId.length }`,
  ),
]

const results: readonly Row[] = [
  row(
    'any of an async function, a holder',
    `export const f = async (): Promise<$s.Holder> => $s.loadLater() ${mark}`,
    `export const f = async (): Promise<{ id: string }> => $s.loadLater()`,
  ),
  row(
    'any of an async function, a written holder',
    `export async function f(): Promise<{ c: $T }> {\n  return $s.loadLater() ${mark}\n}`,
    `export async function f(): Promise<{ c: $T }> {\n  return { c: await $s.createLater('u') }\n}`,
  ),
  row(
    'any of an async function, a context or nothing',
    `export const f = async (): Promise<$T | undefined> => $s.loadLater() ${mark}`,
    `export const f = async (): Promise<$T | undefined> => $s.createLater('u')`,
  ),
  row(
    'any of an async function, a context or null',
    `export const f = async (): Promise<$T | null> => $s.loadLater() ${mark}`,
    `export const f = async (): Promise<$T | null> => null`,
  ),
  row(
    'any of an async method, a map',
    `export class A {\n  async f(): Promise<Map<string, $T>> {\n    return $s.loadLater() ${mark}\n  }\n}`,
    `export class A {\n  async f(): Promise<Map<string, $T>> {\n    return new Map()\n  }\n}`,
  ),
]

const write = (name: string, violator: string, twin: string): Row =>
  row(
    name,
    `export const f = (c: $T, v: string, k: string) => { ${violator} } ${mark}`,
    `export const f = (c: $T, v: string, k: string) => { ${twin} }`,
  )

const writes: readonly Row[] = [
  write('a deleted field, as any', `delete (c as any).runId`, `delete ({ ...c } as any).runId`),
  write('a deleted field of another type', `delete (c as { runId?: string }).runId`, `delete (c as { m?: any }).m.n`),
  write('a deleted field of a computed key', `delete (c as any)[k]`, `void (c as any)[k]`),
  write('a field of a computed key', `(c as Record<string, any>)[k] = v`, `({ ...c } as Record<string, any>)[k] = v`),
  write('a field that is added to', `(c as any).userId += v`, `v += (c as any).userId`),
  write('a field of a computed key that is counted', `(c as any)[k]++`, `v.at((c as any)[k])`),
]

const nextTick = 'declare const process: { nextTick(call: Function, ...all: any[]): void }\n'
const calls: readonly Row[] = [
  row(
    'a list of any, by apply',
    `export const f = (l: any[]) => $s.run.apply(undefined, l as [any]) ${mark}`,
    `export const f = (l: [$T]) => $s.run.apply(undefined, l)`,
  ),
  row(
    'a written list of any, by apply',
    `export const f = (b: any) => $s.runNamed.apply(undefined, ['n', b]) ${mark}`,
    `export const f = (b: any) => $s.runNamed.apply(undefined, [b, $s.createCtx('u')])`,
  ),
  row(
    'a list of any, by Reflect.apply',
    `export const f = (l: any[]) => Reflect.apply($s.run, undefined, l) ${mark}`,
    `export const f = (l: any[]) => Reflect.apply($s.log, undefined, l)`,
  ),
  row(
    'unknown, by Reflect.apply',
    `Reflect.apply($s.run, undefined, [$s.body]) ${mark}`,
    `Reflect.apply($s.log, undefined, [$s.body])`,
  ),
  row(
    'unknown, by Reflect.construct',
    `export const s = Reflect.construct($s.Service, [$s.body]) ${mark}`,
    `export const s = Reflect.construct($s.Service, [$s.createCtx('u')])`,
  ),
  row(
    'a list of any, by Reflect.construct',
    `export const f = (l: any[]) => Reflect.construct($s.Service, l) ${mark}`,
    `export const f = (l: [$T]) => Reflect.construct($s.Service, l)`,
  ),
  row('unknown, by setTimeout', `setTimeout($s.run, 0, $s.body) ${mark}`, `setTimeout($s.run, 0, $s.createCtx('u'))`),
  row(
    'any, by setTimeout of the global object',
    `globalThis.setTimeout($s.runNamed, 0, 'n', $s.load()) ${mark}`,
    `globalThis.setTimeout($s.runNamed, 0, $s.load(), $s.createCtx('u'))`,
  ),
  row('any, by setInterval', `setInterval($s.run, 1, $s.load()) ${mark}`, `setInterval($s.log, 1, $s.load())`),
  row(
    'unknown, by process.nextTick',
    `${nextTick}process.nextTick($s.run, $s.body) ${mark}`,
    `${nextTick}process.nextTick($s.run, $s.createCtx('u'))`,
  ),
]

const repo = 'export interface Repo<X> { find(): Promise<X>; keep(value: X): void }\n'
const schema = 'export interface Schema<X> { parse(value: unknown): X }\n'
const insideTypes: readonly Row[] = [
  row(
    'a list of something else, asserted',
    `export const l = [{}] as $T[] ${mark}`,
    `export const l = [$s.createCtx('u')] as $T[]`,
  ),
  row('null, asserted', `export const c = null! as $T ${mark}`, `export const c = null as $T | null`),
  row(
    'an object without fields, asserted',
    `export const o = Object.create(null) as $s.Holder ${mark}`,
    `export const o = Object.create(null) as Record<string, $s.Holder>`,
  ),
  row('one without fields, asserted', `export const c = Object.create(null) as $T ${mark}`, `export const c = {}`),
  row(
    'a generic of any whose method gives it',
    `${repo}export const f = (r: Repo<any>): Repo<$T> => r ${mark}`,
    `${repo}export const f = (r: Repo<any>): Repo<string> => r`,
  ),
  row(
    'a generic of any, in a variable',
    `${schema}export const f = (s: Schema<any>) => {\n  const own: Schema<$T> = s ${mark}\n  return own\n}`,
    `${schema}export const f = (s: Schema<$T>) => {\n  const own: Schema<$T> = s\n  return own\n}`,
  ),
  row(
    'any inside, for Partial of a holder',
    `export const f = (o: { c?: any }): Partial<$s.Holder> => o ${mark}`,
    `export const f = (o: { n?: any }): Partial<$s.Holder> => o`,
  ),
  row(
    'a cast to Partial of a holder',
    `export const o = $s.body as Partial<$s.Holder> ${mark}`,
    `export const o = $s.body as Partial<$T>`,
  ),
  row(
    'a loop over a list of any',
    `export const f = (l: any[]) => {\n  let c: $T\n  for (c of l) $s.run(c) ${mark}\n}`,
    `export const f = (l: $T[]) => {\n  let c: $T\n  for (c of l) $s.run(c)\n}`,
  ),
  row(
    'a loop over any, of a field',
    `export const f = (o: { c: $T }, l: any) => {\n  for (o.c of l) $s.run(o.c) ${mark}\n}`,
    `export const f = (o: { c: string }, l: any) => {\n  for (o.c of l) $s.log(o.c)\n}`,
  ),
  row(
    'a loop that waits for any',
    `export const f = async (l: any) => {\n  let c: $T\n  for await (c of l) $s.run(c) ${mark}\n}`,
    `export const f = async (l: any) => {\n  let c: string\n  for await (c of l) $s.log(c)\n}`,
  ),
  row(
    'a loop that unpacks any',
    `export const f = (l: any[]) => {\n  let c: $T\n  for ({ c } of l) $s.run(c) ${mark}\n}`,
    `export const f = (l: { c: $T }[]) => {\n  let c: $T\n  for ({ c } of l) $s.run(c)\n}`,
  ),
  row(
    'a copy by structuredClone',
    `export const f = (c: $T): $T => structuredClone(c) ${mark}`,
    `export const f = (c: $T) => structuredClone(c.userId)`,
  ),
]

/** Every row of them. */
export const silentRows: readonly Row[] = [...hiddenErrors, ...results, ...writes, ...calls, ...insideTypes]

/** Code beside them that is right as it stands. */
export const silentInnocent: readonly (readonly [name: string, text: string])[] = [
  ['a context below a directive', `export const f = (c: $T) => {\n  // @ts-ignore\n  $s.run(c)\n}`],
  ['a context that may be absent below a directive', `export const f = (c?: $T) => {\n  // @ts-ignore\n  $s.run(c)\n}`],
  ['nothing where it may be absent, below a directive', `// @ts-ignore\nexport const c: $T | undefined = undefined`],
  ['a directive two lines above', `// @ts-ignore\nexport const n: string = 1\nexport const f = (c: $T) => $s.run(c)`],
  [
    'an empty collection',
    `export const m: Map<string, $T> = new Map()\nexport const f = async (): Promise<Set<$T>> => new Set()`,
  ],
  ['a timer without values', `export const f = (c: $T) => setTimeout(() => $s.run(c), 1)`],
  ['a list of another function', `export const f = (l: any[]) => $s.log.apply(undefined, l)`],
  ['an empty list, asserted', `export const l = [] as $T[]\nexport const m = [] as readonly $T[]`],
  ['null or a context', `export const n = null as $T | null\nexport const u = undefined as $T | undefined`],
  ['a list that was filtered', `export const f = (l: ($T | undefined)[]) => l.filter(Boolean) as $T[]`],
  ['a list of a map', `export const f = (m: Map<string, $T>) => [...m.values()] as $T[]`],
  ['a list that may be changed', `export const f = (l: readonly $T[]) => l as $T[]`],
  ['a table of nothing', `export const t = Object.create(null) as Record<string, $T>`],
  [
    'a generic of any that takes it',
    'export interface Taker<X> { keep(value: X): void }\nexport const f = (k: Taker<any>): Taker<$T> => k',
  ],
  ['a loop that declares', `export const f = (l: $T[]) => {\n  for (const c of l) $s.run(c)\n}`],
  ['a void of a field', `export const f = (c: $T) => void (c as any).userId`],
]
