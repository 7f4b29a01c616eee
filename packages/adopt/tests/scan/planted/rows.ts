// Violators as people write them, each with its repaired twin. `$T` is the context type, `$s.NAME` something of
// sinks.ts: both are imported in several ways. The line of the violator carries the mark.

/** One way around the factory, and the same code repaired. */
export type Row = {
  readonly name: string
  readonly violator: string
  readonly twin: string
  /** Written to a `.tsx` file. */
  readonly tsx?: true
}

export const mark = '/*!*/'

const ids = "{ userId: 'u', threadId: 't', runId: 'r' }"
const row = (name: string, violator: string, twin: string): Row => ({ name, violator, twin })

const anyWhereUsed: readonly Row[] = [
  row('as any, literal argument', `$s.run(${ids} as any) /*!*/`, `$s.run($s.createCtx('u'))`),
  row('as any, argument', `$s.run($s.body as any) /*!*/`, `$s.log($s.body as any)`),
  row(
    'as any, second argument',
    `$s.runNamed('n', $s.body as any) /*!*/`,
    `$s.runNamed($s.body as any, $s.createCtx('u'))`,
  ),
  row(
    'as any, constructor argument',
    `export const s = new $s.Service($s.body as any) /*!*/`,
    `export const s = new $s.Service($s.createCtx('u'))`,
  ),
  row(
    'as any, method argument',
    `export const f = (s: InstanceType<typeof $s.Service>) => s.start($s.body as any) /*!*/`,
    `export const f = (s: InstanceType<typeof $s.Service>) => s.start($s.createCtx('u'))`,
  ),
  row(
    'as any, empty literal in a variable',
    `export const c: $T = {} as any /*!*/`,
    `export const c: $T = $s.createCtx('u')`,
  ),
  row(
    'as any, variable',
    `export const c: $T = $s.body as any /*!*/`,
    `export const c: { id: string } = $s.body as any`,
  ),
  row(
    'angle brackets any, variable',
    `export const c: $T = <any>$s.body /*!*/`,
    `export const c: string = <any>$s.body`,
  ),
  row(
    'as any, nullable variable',
    `export const c: $T | undefined = $s.body as any /*!*/`,
    `export const c: $T | undefined = undefined`,
  ),
  row(
    'as any, assignment',
    `let c: $T = $s.createCtx('u')\nc = $s.body as any /*!*/\nexport const d = c`,
    `let c: $T = $s.createCtx('u')\nc = $s.createCtx('v')\nexport const d = c`,
  ),
  row(
    'as any, return',
    `export function f(): $T {\n  return $s.body as any /*!*/\n}`,
    `export function f(): $T {\n  return $s.createCtx('u')\n}`,
  ),
  row(
    'as any, arrow',
    `export const f = (): $T => $s.body as any /*!*/`,
    `export const f = (): $T => $s.createCtx('u')`,
  ),
  row(
    'as any, async return',
    `export async function f(): Promise<$T> {\n  return $s.body as any /*!*/\n}`,
    `export async function f(): Promise<$T> {\n  return $s.createCtx('u')\n}`,
  ),
  row(
    'as any, getter',
    `export const o = {\n  get c(): $T {\n    return $s.body as any /*!*/\n  },\n}`,
    `export const o = {\n  get c(): $T {\n    return $s.createCtx('u')\n  },\n}`,
  ),
  row(
    'as any, yield',
    `export function* f(): Generator<$T> {\n  yield $s.body as any /*!*/\n}`,
    `export function* f(): Generator<$T> {\n  yield $s.createCtx('u')\n}`,
  ),
  row(
    'as any, ternary',
    `export const f = (b: boolean): $T => (b ? $s.createCtx('u') : ($s.body as any)) /*!*/`,
    `export const f = (b: boolean): $T => (b ? $s.createCtx('u') : $s.createCtx('v'))`,
  ),
  row(
    'as any, ternary argument',
    `export const f = (b: boolean) => $s.run(b ? $s.createCtx('u') : ($s.body as any)) /*!*/`,
    `export const f = (b: boolean) => $s.run(b ? $s.createCtx('u') : $s.createCtx('v'))`,
  ),
  row(
    'as any, behind ??',
    `export const f = (c?: $T): $T => c ?? ($s.body as any) /*!*/`,
    `export const f = (c?: $T): $T => c ?? $s.createCtx('u')`,
  ),
  row(
    'as any, property of a typed object',
    `export const o: { c: $T } = { c: $s.body as any } /*!*/`,
    `export const o: { c: $T; d: string } = { c: $s.createCtx('u'), d: $s.body as any }`,
  ),
  row(
    'as any, property of an argument',
    `$s.runHolder({ c: $s.body as any }) /*!*/`,
    `$s.runHolder({ c: $s.createCtx('u'), n: $s.body as any })`,
  ),
  row(
    'as any, array element',
    `export const l: $T[] = [$s.body as any] /*!*/`,
    `export const l: $T[] = [$s.createCtx('u')]`,
  ),
  row(
    'as any, element of an array argument',
    `$s.runAll([$s.createCtx('u'), $s.body as any]) /*!*/`,
    `$s.runAll([$s.createCtx('u'), $s.createCtx('v')])`,
  ),
  row(
    'as any, tuple element',
    `export const l: [string, $T] = ['k', $s.body as any] /*!*/`,
    `export const l: [string, $T] = [$s.body as any, $s.createCtx('u')]`,
  ),
  row(
    'as any, default parameter',
    `export const f = (c: $T = {} as any) => c.userId /*!*/`,
    `export const f = (c: $T) => c.userId`,
  ),
  row(
    'as any, default in destructuring',
    `export const f = ({ c = {} as any }: { c?: $T }) => c /*!*/`,
    `export const f = ({ c = $s.createCtx('u') }: { c?: $T }) => c`,
  ),
  row(
    'as any, class field',
    `export class A {\n  c: $T = {} as any /*!*/\n}`,
    `export class A {\n  c: $T = $s.createCtx('u')\n}`,
  ),
  row(
    'as any, assigned member',
    `export const f = (o: { c: $T }) => {\n  o.c = $s.body as any /*!*/\n}`,
    `export const f = (o: { c: $T }) => {\n  o.c = $s.createCtx('u')\n}`,
  ),
]

const anyInside: readonly Row[] = [
  row(
    'Promise<any> as argument',
    `$s.runPromise($s.loadLater()) /*!*/`,
    `$s.runPromise(Promise.resolve($s.createCtx('u')))`,
  ),
  row(
    'Promise<any> in a variable',
    `export const p: Promise<$T> = $s.loadLater() /*!*/`,
    `export const p: Promise<unknown> = $s.loadLater()`,
  ),
  row(
    'Promise<any> returned',
    `export function f(): Promise<$T> {\n  return $s.loadLater() /*!*/\n}`,
    `export function f(): Promise<$T> {\n  return Promise.resolve($s.createCtx('u'))\n}`,
  ),
  row(
    '{ c: any } as argument',
    `export const f = (o: { c: any }) => $s.runHolder(o) /*!*/`,
    `export const f = (o: { c: $T; n: any }) => $s.runHolder(o)`,
  ),
  row(
    '{ c: any } in a variable',
    `export const f = (o: { c: any }) => {\n  const held: { c: $T } = o /*!*/\n  return held\n}`,
    `export const f = (o: { c: $T; n: any }) => {\n  const held: { c: $T } = o\n  return held\n}`,
  ),
  row('array of any', `export const f = (l: any[]): $T[] => l /*!*/`, `export const f = (l: any[]): unknown[] => l`),
  row(
    'destructured object',
    `export const f = (t: string) => {\n  const { c }: { c: $T } = JSON.parse(t) /*!*/\n  return c\n}`,
    `export const f = (t: string) => {\n  const { c }: { c: string } = JSON.parse(t)\n  return c\n}`,
  ),
  row(
    'destructured array',
    `export const f = (t: string) => {\n  const [c]: $T[] = JSON.parse(t) /*!*/\n  return c\n}`,
    `export const f = (t: string) => {\n  const [c]: string[] = JSON.parse(t)\n  return c\n}`,
  ),
  row(
    'destructuring assignment',
    "export const f = (t: string) => {\n  let c: $T = $s.createCtx('u')\n  ;({ c } = JSON.parse(t)) /*!*/\n" +
      '  return c\n}',
    `export const f = (t: string) => {\n  let c: string\n  ;({ c } = JSON.parse(t))\n  return c\n}`,
  ),
  row(
    'destructuring assignment, renamed',
    "export const f = (t: string) => {\n  let c: $T = $s.createCtx('u')\n  ;({ d: c } = JSON.parse(t)) /*!*/\n" +
      '  return c\n}',
    `export const f = (t: string) => {\n  let c: string\n  ;({ d: c } = JSON.parse(t))\n  return c\n}`,
  ),
  row(
    'array destructuring assignment',
    `export const f = (t: string) => {\n  let c: $T = $s.createCtx('u')\n  ;[c] = JSON.parse(t) /*!*/\n  return c\n}`,
    `export const f = (t: string) => {\n  let c: string\n  ;[c] = JSON.parse(t)\n  return c\n}`,
  ),
  row(
    'spread arguments',
    `export const f = (l: any[]) => $s.runEach(...l) /*!*/`,
    `export const f = (l: $T[]) => $s.runEach(...l)`,
  ),
  row(
    'spread tuple',
    `export const f = (l: [any]) => $s.run(...l) /*!*/`,
    `export const f = (l: [$T]) => $s.run(...l)`,
  ),
  row(
    'spread of any',
    `export const f = (l: any) => $s.runEach(...l) /*!*/`,
    `export const f = (l: any) => $s.log(...(l as [any]))`,
  ),
  row(
    'object spread of { c: any }',
    `export const f = (o: { c: any }): { c: $T } => ({ ...o }) /*!*/`,
    `export const f = (o: { c: $T }): { c: $T } => ({ ...o })`,
  ),
  row(
    'object spread of any',
    `export const f = (o: any): { c: $T } => ({ ...o }) /*!*/`,
    `export const f = (o: any): { c: $T } => ({ ...o, c: $s.createCtx('u') })`,
  ),
  row('() => any as argument', `$s.runGetter(() => JSON.parse('{}')) /*!*/`, `$s.runGetter(() => $s.createCtx('u'))`),
  row('function that gives any as argument', `$s.runGetter($s.load) /*!*/`, `$s.runGetter(() => $s.createCtx('u'))`),
  row(
    'function that gives any in a variable',
    `export const f: () => $T = $s.load /*!*/`,
    `export const f: () => unknown = $s.load`,
  ),
  row(
    'function that gives any as property',
    `export const o: { get: (id: string) => $T } = { get: $s.load } /*!*/`,
    `export const o: { get: (id: string) => $T } = { get: $s.createCtx }`,
  ),
  row(
    'async () => any',
    `$s.runLoader(async () => JSON.parse('{}')) /*!*/`,
    `$s.runLoader(async () => $s.createCtx('u'))`,
  ),
  row(
    'constraint',
    `export const f = (v: any) => $s.runConstrained(v) /*!*/`,
    `export const f = (v: $T) => $s.runConstrained(v)`,
  ),
  row(
    'constraint of a class',
    `export const f = (v: any) => new $s.Box(v) /*!*/`,
    `export const f = (v: $T) => new $s.Box(v)`,
  ),
  row(
    'constraint as type argument',
    `export const f = (v: any) => $s.runConstrained<any>(v) /*!*/`,
    `export const f = (v: $T) => $s.runConstrained<$T>(v)`,
  ),
  row(
    'awaited any in a variable',
    `export const f = async () => {\n  const c: $T = await $s.loadLater() /*!*/\n  return c\n}`,
    `export const f = async () => {\n  const c: unknown = await $s.loadLater()\n  return c\n}`,
  ),
  row(
    'awaited any as argument',
    `export const f = async () => $s.run(await $s.loadLater()) /*!*/`,
    `export const f = async () => $s.log(await $s.loadLater())`,
  ),
  row(
    'awaited any returned',
    `export const f = async (): Promise<$T> => await $s.loadLater() /*!*/`,
    `export const f = async (): Promise<unknown> => await $s.loadLater()`,
  ),
  row(
    'Map of any',
    `export const m: Map<string, $T> = new Map<string, any>() /*!*/`,
    `export const m: Map<string, $T> = new Map<string, $T>()`,
  ),
  row(
    'Map of any as argument',
    `export const f = (m: Map<string, any>) => $s.runMap(m) /*!*/`,
    `export const f = (m: Map<string, $T>) => $s.runMap(m)`,
  ),
  row(
    'any set in a Map',
    `export const f = (m: Map<string, $T>, v: any) => m.set('k', v) /*!*/`,
    `export const f = (m: Map<string, $T>, k: any) => m.set(k, $s.createCtx('u'))`,
  ),
  row('Set of any', `export const m: Set<$T> = new Set<any>() /*!*/`, `export const m: Set<$T> = new Set<$T>()`),
  row(
    'any pushed',
    `export const f = (l: $T[], v: any) => l.push(v) /*!*/`,
    `export const f = (l: unknown[], v: any) => l.push(v)`,
  ),
  row(
    'Record of any',
    `export const f = (r: Record<string, any>): Record<string, $T> => r /*!*/`,
    `export const f = (r: Record<string, any>): Record<string, unknown> => r`,
  ),
  row(
    'any as Record',
    `export const f = (t: string): Record<string, $T> => JSON.parse(t) /*!*/`,
    `export const f = (t: string): Record<string, string> => JSON.parse(t)`,
  ),
  row(
    'any stored in a Record',
    `export const f = (r: Record<string, $T>, v: any) => {\n  r['k'] = v /*!*/\n}`,
    `export const f = (r: Record<string, unknown>, v: any) => {\n  r['k'] = v\n}`,
  ),
  row(
    'tuple of any',
    `export const f = (l: [any, number]): [$T, number] => l /*!*/`,
    `export const f = (l: [$T, any]): [$T, number] => l`,
  ),
  row(
    'any as tuple',
    `export const l: [$T, number] = JSON.parse('[]') /*!*/`,
    `export const l: [string, number] = JSON.parse('[]')`,
  ),
  row(
    'function type from any',
    `export const f: (id: string) => Promise<$T> = JSON.parse('1') /*!*/`,
    `export const f: (id: string) => Promise<string> = JSON.parse('1')`,
  ),
  row(
    'annotated callback parameter',
    `export const f = () => $s.loadLater().then((c: $T) => c.userId) /*!*/`,
    `export const f = () => $s.createLater('u').then((c: $T) => c.userId)`,
  ),
  row(
    'annotated callback of an any list',
    `export const f = (l: any[]) => l.map((c: $T) => c.userId) /*!*/`,
    `export const f = (l: $T[]) => l.map((c: $T) => c.userId)`,
  ),
  {
    name: 'JSX attribute',
    tsx: true,
    violator: `export const f = (v: any) => <$s.Panel c={v} /> /*!*/`,
    twin: `export const f = (v: $T) => <$s.Panel c={v} />`,
  },
  {
    name: 'JSX spread of any',
    tsx: true,
    violator: `export const f = (v: any) => <$s.Panel {...v} /> /*!*/`,
    twin: `export const f = (v: { c: $T }) => <$s.Panel {...v} />`,
  },
  {
    name: 'JSX spread of { c: any }',
    tsx: true,
    violator: `export const f = (v: { c: any }) => <$s.Panel {...v} /> /*!*/`,
    twin: `export const f = (v: { c: $T; key: any }) => <$s.Panel {...v} />`,
  },
]

const casts: readonly Row[] = [
  row('cast', `export const c = $s.body as $T /*!*/`, `export const c = $s.body as { id: string }`),
  row(
    'cast through unknown',
    `export const c = $s.text as unknown as $T /*!*/`,
    `export const c = $s.text as unknown as number`,
  ),
  row(
    'request cast to a type that holds it',
    `export const f = (req: unknown) => (req as $s.AuthedRequest).ctx /*!*/`,
    `export const f = (req: $s.AuthedRequest) => req.ctx`,
  ),
  row(
    'request cast to an intersection',
    `export const f = (req: $s.Req) => (req as $s.Req & { ctx: $T }).ctx /*!*/`,
    `export const f = (req: $s.Req & { ctx: $T }) => req.ctx`,
  ),
  row(
    'request cast to an inline type',
    `export const f = (req: $s.Req) => (req as unknown as { ctx: $T }).ctx /*!*/`,
    `export const f = (req: $s.Req) => (req as unknown as { id: string }).id`,
  ),
  row(
    'request cast, destructured',
    `export const f = (req: unknown) => {\n  const { ctx } = req as $s.AuthedRequest /*!*/\n  return ctx\n}`,
    `export const f = (req: $s.AuthedRequest) => {\n  const { ctx } = req\n  return ctx\n}`,
  ),
  row(
    'cast to a holder, optional',
    `export const f = (req: $s.Req) => (req as { ctx?: $T } & $s.Req).ctx /*!*/`,
    `export const f = (req: $s.Req & { ctx?: $T }) => req.ctx`,
  ),
  row('cast to an array', `export const l = $s.body as $T[] /*!*/`, `export const l = $s.body as string[]`),
  row(
    'cast to a readonly array',
    `export const l = $s.body as readonly $T[] /*!*/`,
    `export const l = $s.body as readonly string[]`,
  ),
  row(
    'cast to a Map',
    `export const m = $s.body as Map<string, $T> /*!*/`,
    `export const m = $s.body as Map<string, string>`,
  ),
  row(
    'cast to a tuple',
    `export const m = $s.body as [$T, string] /*!*/`,
    `export const m = $s.body as [string, string]`,
  ),
  row(
    'cast to a Promise',
    `export const m = $s.body as Promise<$T> /*!*/`,
    `export const m = $s.body as Promise<string>`,
  ),
  row(
    'cast to a function type',
    `export const m = ($s.load as () => $T)() /*!*/`,
    `export const m = ($s.load as () => string)()`,
  ),
  row(
    'cast to the type of the factory',
    `export const make = $s.load as unknown as typeof $s.createCtx /*!*/`,
    `export const make: typeof $s.createCtx = $s.createCtx`,
  ),
  row(
    'function cast to take anything',
    `export const c = ($s.run as (c: unknown) => string)($s.body) /*!*/`,
    `export const c = ($s.log as (c: unknown) => void)($s.body)`,
  ),
  row(
    'function cast to any',
    `export const c = ($s.run as any)($s.body) /*!*/`,
    `export const c = ($s.log as any)($s.body)`,
  ),
  row(
    'cast to an interface that extends it',
    `interface Admin extends $s.Carried {\n  admin: true\n}\nexport const c = $s.body as Admin /*!*/`,
    `interface Admin extends Partial<$s.Carried> {\n  admin: true\n}\nexport const c = $s.body as Admin`,
  ),
  row(
    'cast to an intersection',
    `export const c = $s.body as $T & { admin: true } /*!*/`,
    `export const c = $s.body as { id: string } & { admin: true }`,
  ),
  row(
    'cast to an alias of its own',
    `type Mine = $T\nexport const c = $s.body as Mine /*!*/`,
    `type Mine = $T\nexport const c: Mine = $s.createCtx('u')`,
  ),
  row(
    'cast to Parameters<>',
    `export const c = $s.body as Parameters<typeof $s.run>[0] /*!*/`,
    `export const c: Parameters<typeof $s.run>[0] = $s.createCtx('u')`,
  ),
  row(
    'arguments cast to Parameters<>',
    `export const f = (...l: unknown[]) => $s.run(...(l as Parameters<typeof $s.run>)) /*!*/`,
    `export const f = (...l: Parameters<typeof $s.run>) => $s.run(...l)`,
  ),
  row(
    'cast to ReturnType<>',
    `export const c = $s.body as ReturnType<typeof $s.createCtx> /*!*/`,
    `export const c: ReturnType<typeof $s.createCtx> = $s.createCtx('u')`,
  ),
  row(
    'cast to Awaited<ReturnType<>>',
    `export const c = $s.body as Awaited<ReturnType<typeof $s.createLater>> /*!*/`,
    `export const c: Awaited<ReturnType<typeof $s.createLater>> = $s.createCtx('u')`,
  ),
  row(
    'cast to an indexed access',
    `export const c = $s.body as $s.Holder['c'] /*!*/`,
    `export const c: $s.Holder['c'] = $s.createCtx('u')`,
  ),
  row(
    'literal of an indexed access',
    `export const c: $s.Holder['c'] = ${ids} /*!*/`,
    `export const c: $s.Holder['n'] = 1`,
  ),
  row(
    'any of Parameters<>',
    `export const c: Parameters<typeof $s.run>[0] = JSON.parse('{}') /*!*/`,
    `export const c: Parameters<typeof $s.log>[0] = JSON.parse('{}')`,
  ),
  row('as never as argument', `$s.run($s.body as never) /*!*/`, `$s.log($s.body as never)`),
  row(
    'as never in a variable',
    `export const c: $T = $s.body as never /*!*/`,
    `export const c: string = $s.body as never`,
  ),
  row(
    'undefined! in a variable',
    `export const c: $T = undefined! /*!*/`,
    `export const c: $T | undefined = undefined`,
  ),
  row('undefined! as argument', `$s.run(undefined!) /*!*/`, `$s.log(undefined!)`),
  row(
    'null! in a class field',
    `export class A {\n  c: $T = null! /*!*/\n}`,
    `export class A {\n  c: $T | null = null\n}`,
  ),
  row(
    'null as property',
    `export const o: { c: $T } = { c: null! } /*!*/`,
    `export const o: { c: $T | null } = { c: null }`,
  ),
]

const claims: readonly Row[] = [
  row('generic mock', `export const c = $s.mock<$T>() /*!*/`, `export const c = $s.mock<{ id: string }>()`),
  row(
    'generic container',
    `export const c = $s.container.get<$T>('x') /*!*/`,
    `export const c = $s.container.get<{ id: string }>('x')`,
  ),
  row(
    'generic cast function',
    `export const c = $s.castTo<$T>($s.body) /*!*/`,
    `export const c = $s.same<$T>($s.createCtx('u'))`,
  ),
  row(
    'generic cast function, inferred from a variable',
    `export const c: $T = $s.castTo($s.body) /*!*/`,
    `export const c: $T = $s.same($s.createCtx('u'))`,
  ),
  row(
    'generic container, inferred from an argument',
    `$s.run($s.container.get('x')) /*!*/`,
    `$s.log($s.container.get('x'))`,
  ),
  row(
    'generic promise',
    `export const c = $s.fetchAs<$T>('/me') /*!*/`,
    `export const c = $s.fetchAs<{ id: string }>('/me')`,
  ),
  row(
    'generic promise, inferred from a return',
    `export const f = (): Promise<$T> => $s.fetchAs('/me') /*!*/`,
    `export const f = (): Promise<{ id: string }> => $s.fetchAs('/me')`,
  ),
  row(
    'generic list',
    `export const c = $s.queryAll<$T>('select') /*!*/`,
    `export const c = new Set<$T>([$s.createCtx('u')])`,
  ),
  row(
    'generic answer that holds it',
    `export const f = async () => (await $s.request<$T>('/me')).data /*!*/`,
    `export const f = async () => (await $s.request<{ id: string }>('/me')).data`,
  ),
  row(
    'generic of its own',
    `const as = <X>(value: unknown): X => value as X\nexport const c = as<$T>($s.body) /*!*/`,
    `const as = <X>(value: X): X => value\nexport const c = as<$T>($s.createCtx('u'))`,
  ),
  row(
    'type guard',
    `export function isIt(value: unknown): value is $T { /*!*/\n  return typeof value === 'object'\n}`,
    `export function isIt(value: $T | undefined): value is $T {\n  return value !== undefined\n}`,
  ),
  row(
    'type guard, arrow',
    `export const isIt = (value: any): value is $T => value?.userId !== undefined /*!*/`,
    `export const isIt = (value: $T | null): value is $T => value !== null`,
  ),
  row(
    'type guard in a filter',
    `export const f = (l: unknown[]) => l.filter((v): v is $T => typeof v === 'object') /*!*/`,
    `export const f = (l: ($T | undefined)[]) => l.filter((v): v is $T => v !== undefined)`,
  ),
  row(
    'type guard, method',
    `export class A {\n  isIt(value: object): value is $T { /*!*/\n    return 'userId' in value\n  }\n}`,
    `export class A {\n  isIt(value: object): value is { id: string } {\n    return 'id' in value\n  }\n}`,
  ),
  row(
    'type guard of a holder',
    `export const isIt = (value: unknown): value is { c: $T } => value !== null /*!*/`,
    `export const isIt = (value: unknown): value is { c: string } => value !== null`,
  ),
  row(
    'assertion function',
    `export function assertIt(value: unknown): asserts value is $T { /*!*/\n  if (!value) throw new Error('no')\n}`,
    `export function assertIt(value: $T | undefined): asserts value is $T {\n  if (!value) throw new Error('no')\n}`,
  ),
  row(
    'definite variable',
    `let c!: $T /*!*/\nexport const f = () => c`,
    `let c: $T | undefined\nexport const f = () => c`,
  ),
  row('definite field', `export class A {\n  c!: $T /*!*/\n}`, `export class A {\n  c?: $T\n}`),
  row(
    'declared constant',
    `declare const c: $T /*!*/\nexport const f = () => c`,
    `declare const c: string\nexport const f = () => c`,
  ),
  row(
    'declared global',
    `declare global {\n  var ctx: $T /*!*/\n}\nexport const f = () => globalThis.ctx`,
    `declare global {\n  var maybe: $T | undefined\n}\nexport const f = () => globalThis.maybe`,
  ),
  row(
    'declared function',
    `declare function current(): $T /*!*/\nexport const f = () => current()`,
    `declare function current(c: $T): string\nexport const f = () => current($s.createCtx('u'))`,
  ),
  row(
    'declared class with a maker',
    `declare class Store {\n  static current(): $T /*!*/\n}\nexport const f = () => Store.current()`,
    `declare class Store {\n  static current(c: $T): string\n}\nexport const f = (c: $T) => Store.current(c)`,
  ),
  row(
    'declared class with a getter',
    `declare class Store {\n  static get current(): Promise<$T> /*!*/\n}\nexport const f = () => Store.current`,
    `declare class Store {\n  static get current(): $T | undefined\n}\nexport const f = () => Store.current`,
  ),
  row(
    'declared class with a field',
    `declare class Store {\n  static readonly c: $T /*!*/\n}\nexport const f = () => Store.c`,
    `declare class Store {\n  static readonly c?: $T\n}\nexport const f = () => Store.c`,
  ),
]

const refusedByTsc: readonly Row[] = [
  row(
    'Object.freeze in a variable',
    `export const c: $T = Object.freeze(${ids}) /*!*/`,
    `export const c: Readonly<{ userId: string }> = Object.freeze(${ids})`,
  ),
  row(
    'Object.freeze in a maker without a type',
    `const make = (userId: string) => Object.freeze({ userId, threadId: 't', runId: 'r' }) /*!*/\n` +
      `export const f = () => $s.run(make('u'))`,
    `const make = (userId: string) => Object.freeze({ userId, threadId: 't', runId: 'r' })\n` +
      `export const f = () => $s.log(make('u'))`,
  ),
  row(
    'Object.freeze of a constant in a maker without a type',
    `function make(userId: string) {\n  const made = { userId, threadId: 't', runId: 'r' } /*!*/\n` +
      `  return Object.freeze(made)\n}\nexport const f = (): $T => make('u')`,
    `function make(userId: string) {\n  const made = { userId, threadId: 't', runId: 'r' }\n` +
      `  return Object.freeze(made)\n}\nexport const f = () => make('u')`,
  ),
  row('Object.freeze as argument', `$s.run(Object.freeze(${ids})) /*!*/`, `$s.log(Object.freeze(${ids}))`),
  row(
    'Object.assign as argument',
    `export const f = (x: { userId: string; threadId: string }) => $s.run(Object.assign({ runId: 'r' }, x)) /*!*/`,
    `export const f = (x: { userId: string; threadId: string }) => $s.log(Object.assign({ runId: 'r' }, x))`,
  ),
  row(
    'Object.assign returned',
    `export const f = (x: { userId: string; threadId: string }): $T => Object.assign({ runId: 'r' }, x) /*!*/`,
    `export const f = (x: { userId: string }): object => Object.assign({ runId: 'r' }, x)`,
  ),
  row('parsed by a schema, argument', `$s.run($s.schema.parse($s.body)) /*!*/`, `$s.log($s.schema.parse($s.body))`),
  row(
    'parsed by a schema, variable',
    `export const c: $T = $s.schema.parse($s.body) /*!*/`,
    `export const c = $s.schema.parse($s.body)`,
  ),
  row(
    'parsed by a schema, returned',
    `export function f(): $T {\n  return $s.schema.parse($s.body) /*!*/\n}`,
    `export function f(): object {\n  return $s.schema.parse($s.body)\n}`,
  ),
  row(
    'parsed by a schema, property',
    `$s.runHolder({ c: $s.schema.parse($s.body) }) /*!*/`,
    `$s.runHolder({ c: $s.createCtx($s.schema.parse($s.body).userId) })`,
  ),
  row(
    'anonymous class as argument',
    `$s.run(new (class { userId = 'u'; threadId = 't'; runId = 'r' })()) /*!*/`,
    `$s.log(new (class { userId = 'u'; threadId = 't'; runId = 'r' })())`,
  ),
  row(
    'anonymous class in a variable',
    `export const c: $T = new (class { userId = 'u'; threadId = 't'; runId = 'r' })() /*!*/`,
    `export const c: object = new (class { userId = 'u'; threadId = 't'; runId = 'r' })()`,
  ),
  row(
    'named class as argument',
    `class Fake {\n  userId = 'u'\n  threadId = 't'\n  runId = 'r'\n}\n$s.run(new Fake()) /*!*/`,
    `class Real {\n  userId = 'u'\n}\n$s.log(new Real())`,
  ),
  row(
    'a look-alike passed on',
    `export const f = (like: $s.LookAlike) => $s.run(like) /*!*/`,
    `export const f = (like: $s.LookAlike) => $s.log(like)`,
  ),
  row(
    'a look-alike in a promise',
    `export const f = (like: Promise<$s.LookAlike>) => $s.runPromise(like) /*!*/`,
    `export const f = (like: Promise<$s.LookAlike>) => $s.log(like)`,
  ),
  row(
    'a look-alike returned by a function',
    `export const f = (make: () => $s.LookAlike) => $s.runGetter(make) /*!*/`,
    `export const f = (make: () => $T) => $s.runGetter(make)`,
  ),
  row(
    'a literal',
    `export const c: $T = ${ids} /*!*/`,
    `export const c: { userId: string } = ${ids.replace(/, thread.*/, ' }')}`,
  ),
  row(
    'a literal behind a spread',
    `export const f = (c: $T): $T => ({ ...c, userId: 'v' }) /*!*/`,
    `export const f = (c: $T) => ({ ...c, userId: 'v' })`,
  ),
]

/**
 * Code that is right as it stands and easily mistaken. Both columns of the other rows are one step apart; these stand
 * alone.
 */
export const innocent: readonly (readonly [name: string, text: string])[] = [
  ['Omit', `export const c: Omit<$T, 'runId'> = { userId: 'u', threadId: 't' }`],
  ['cast to Omit', `export const c = $s.body as Omit<$T, 'runId'>`],
  ['Pick', `export const c: Pick<$T, 'userId'> = { userId: 'u' }`],
  ['any to Pick', `export const c: Pick<$T, 'userId'> = JSON.parse('{}')`],
  ['Partial', `export const c: Partial<$T> = { userId: 'u' }`],
  ['cast to Partial', `export const c = $s.body as Partial<$T>`],
  ['a field of it', `export const c: $T['userId'] = JSON.parse('"u"')`],
  ['cast to a field of it', `export const c = $s.body as $T['userId']`],
  ['keyof', `export const c = $s.body as keyof $T`],
  ['mapped', `export const c: { [Key in keyof $T]: boolean } = { userId: true, threadId: true, runId: true } as any`],
  ['any to a union with unknown', `export const c: $T | unknown = JSON.parse('1')`],
  ['widening cast', `export const f = (c: $T) => c as unknown`],
  ['cast away from it', `export const f = (c: $T) => c as { userId: string }`],
  ['a function that takes it', `export const f: (c: $T) => string = (c) => c.userId`],
  ['any callback that takes it', `export const f = (handle: any) => $s.onContext(handle)`],
  [
    'empty collections',
    `export const m = new Map<string, $T>()\nexport const s = new Set<$T>()\nexport const l: $T[] = []`,
  ],
  ['empty generic state', `export const m = $s.stateOf<$T | undefined>(undefined)`],
  ['satisfies a function', `export const f = ((c) => c.userId) satisfies (c: $T) => string`],
  [
    'a declared class that is given it',
    'declare class Keeps {\n  constructor(c: $T)\n  readonly c: $T\n  static of(c: $T): Keeps\n}\n' +
      'export const f = (c: $T) => [new Keeps(c).c, Keeps.of(c)]',
  ],
  [
    'a class with several signatures',
    'export class Several {\n  static of(c: $T): $T\n  static of(c: $T, n: number): $T\n' +
      '  static of(c: $T): $T {\n    return c\n  }\n}',
  ],
  ['rest of it', `export const f = ({ userId, ...rest }: $T) => [userId, rest]`],
  [
    'passed on',
    'export const f = (c: $T) => $s.run(c)\nexport const g = (c?: $T) => (c ? $s.run(c) : undefined)\n' +
      'export const h = (c?: $T) => $s.run(c!)',
  ],
]

/** Every row. */
export const rows: readonly Row[] = [...anyWhereUsed, ...anyInside, ...casts, ...claims, ...refusedByTsc]
