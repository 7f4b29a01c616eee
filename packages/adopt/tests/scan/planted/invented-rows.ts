// Contexts that come from nothing where no assertion names the type: a place that takes a text too, a template's tag,
// what stands behind overloads, a class of a type that nothing puts into it.
import { mark, type Row } from './rows.ts'

const row = (name: string, violator: string, twin: string): Row => ({ name, violator, twin })

const unions: readonly Row[] = [
  row(
    'any to a context or a text, argument',
    `const take = (c: $T | string) => c\nexport const u = take(JSON.parse('1')) ${mark}`,
    `const take = (c: $T | string) => c\nexport const u = take('u')`,
  ),
  row(
    'any to a context, a number or nothing, in a variable',
    `export const c: $T | number | undefined = JSON.parse('1') ${mark}`,
    `export const c: $T | number | undefined = $s.createCtx('u')`,
  ),
  row(
    'any to a context or a text, returned',
    `export const f = (b: any): $T | 'none' => b ${mark}`,
    `export const f = (b: any): $T | 'none' => (b ? 'none' : $s.createCtx('u'))`,
  ),
  row(
    'any to a holder or a text',
    `export const h: $s.Holder | string = JSON.parse('1') ${mark}`,
    `export const h: $s.Holder | string = { c: $s.createCtx('u') }`,
  ),
]

const tag = 'const tag = (parts: TemplateStringsArray, name: unknown, c: $T) => parts.join(`${name}${c.userId}`)\n'
const tags: readonly Row[] = [
  row(
    'any in a tagged template',
    `${tag}export const f = (b: any) => tag\`a\${b}b\${b}\` ${mark}`,
    `${tag}export const f = (b: any) => tag\`a\${b}b\${$s.createCtx('u')}\``,
  ),
  row(
    'a literal in a tagged template',
    `${tag}export const t = tag\`\${1}\${{ userId: 'u', threadId: 't', runId: 'r' }}\` ${mark}`,
    `${tag}export const t = tag\`\${{ userId: 'u', threadId: 't', runId: 'r' }}\${$s.createCtx('u')}\``,
  ),
]

const heads = 'export function make(): $T\nexport function make(user: string): $T\n'
const overloads: readonly Row[] = [
  row(
    'any behind overloads',
    `${heads}export function make(user?: string): any {\n  return JSON.parse(user ?? '1') ${mark}\n}`,
    `${heads}export function make(user?: string): any {\n  return $s.createCtx(user ?? 'u')\n}`,
  ),
  row(
    'any behind one head, inferred',
    `export function make(user: string): $T\nexport function make(user: string) {\n` +
      `  return JSON.parse(user) ${mark}\n}`,
    `export function make(user: string): $T\nexport function make(user: string) {\n  return $s.createCtx(user)\n}`,
  ),
  row(
    'any behind overloads of a method, as a promise',
    `export class M {\n  make(): Promise<$T>\n  make(user: string): Promise<$T>\n` +
      `  async make(user?: string): Promise<any> {\n    return JSON.parse(user ?? '1') ${mark}\n  }\n}`,
    `export class M {\n  make(): Promise<$T>\n  make(user: string): Promise<$T>\n` +
      `  async make(user?: string): Promise<any> {\n    return $s.createCtx(user ?? 'u')\n  }\n}`,
  ),
  row(
    'a literal behind overloads',
    `${heads}export function make(user?: string): object {\n  return { userId: user } ${mark}\n}`,
    `${heads}export function make(user?: string): object {\n  return $s.createCtx(user ?? 'u')\n}`,
  ),
]

const classes: readonly Row[] = [
  row(
    'a class that invents its type',
    `class Kept<T> {\n  get(): T {\n    return {} as T\n  }\n}\nexport const c = new Kept<$T>().get() ${mark}`,
    'class Kept<T> {\n  constructor(private readonly c: T) {}\n  get(): T {\n    return this.c\n  }\n}\n' +
      `export const c = new Kept($s.createCtx('u')).get()`,
  ),
  row(
    'a class that invents its second type, as a promise, inferred from the place',
    'class Kept<K, T> {\n  constructor(readonly key: K) {}\n' +
      '  async load(): Promise<T> {\n    return {} as T\n  }\n}\n' +
      `export const k: Kept<string, $T> = new Kept('a') ${mark}`,
    'class Kept<K, T> {\n  readonly all: T[] = []\n  constructor(readonly key: K) {}\n' +
      '  put(c: T): void {\n    this.all.push(c)\n  }\n' +
      '  async load(): Promise<T> {\n    return this.all[0]!\n  }\n}\n' +
      `export const k: Kept<string, $T> = new Kept('a')`,
  ),
]

export const inventedRows: readonly Row[] = [...unions, ...tags, ...overloads, ...classes]

export const inventedInnocent: readonly (readonly [name: string, text: string])[] = [
  ['any to a context or another object', `export const c: $T | Error = JSON.parse('1')`],
  ['any to a text or a number', `export const c: string | number = JSON.parse('1')\nexport type A = $T`],
  ['any in a template without a tag', `export const f = (b: any) => \`\${b}\`\nexport type A = $T`],
  [
    'any in a template of another tag',
    'const tag = (parts: TemplateStringsArray, ...all: unknown[]) => parts.join(String(all))\n' +
      `export const f = (b: any, c: $T) => tag\`\${b}\${c}\``,
  ],
  [
    'a text behind overloads',
    'export function of(c: $T): $T\nexport function of(c: string): string\n' +
      'export function of(c: $T | string) {\n  return typeof c === "string" ? String(c) : c\n}',
  ],
  [
    'a literal for another head',
    'export function of(c: $T): $T\nexport function of(c: string): { text: string }\n' +
      'export function of(c: $T | string): object {\n  return typeof c === "string" ? { text: c } : c\n}',
  ],
  [
    'a call of a function with one head',
    `export const run = (b: any): any => (b ? run(null) : b)\nexport const c: $T = $s.createCtx(String(run(1)))`,
  ],
  [
    'a function with one head that gives one or the other, called twice',
    'export const f = (b: any, c: $T) => (b ? { user: b } : { user: c })\n' +
      `export const both = [f(1, $s.createCtx('u')), f(2, $s.createCtx('u'))]`,
  ],
  [
    'a function with one head that gives a literal or a context, called twice',
    'export const f = (b: boolean, c: $T) => ({ who: b ? { userId: "u" } : c })\n' +
      `export const both = [f(true, $s.createCtx('u')), f(false, $s.createCtx('u'))]`,
  ],
  [
    'a class with an empty place for it',
    'class Slot<T> {\n  private c: T | undefined\n  get(): T | undefined {\n    return this.c\n  }\n}\n' +
      'export const s = new Slot<$T>()',
  ],
  [
    'a class that its callers fill',
    'class Slot<T> {\n  current!: T\n  get(): T {\n    return this.current\n  }\n}\nexport const s = new Slot<$T>()',
  ],
  [
    'a class that inherits the way in',
    'class Base<T> {\n  protected readonly all: T[] = []\n  add(c: T): void {\n    this.all.push(c)\n  }\n}\n' +
      'class Last<T> extends Base<T> {\n  last(): T {\n    return this.all.at(-1)!\n  }\n}\n' +
      'export const s = new Last<$T>()',
  ],
  ['a map and a set', `export const m = new Map<string, $T>()\nexport const s = new Set<$T>()`],
]
