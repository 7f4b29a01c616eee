// Ways past a type that need no assertion where the value goes: a method that takes anything in place of the context,
// a field that a library function writes, a function with several signatures.
import { mark, type Row } from './rows.ts'

const row = (name: string, violator: string, twin: string): Row => ({ name, violator, twin })
const marked = (code: string): string => `${code} ${mark}`
/** The same code with the type that takes anything, and with the one that takes a context. */
const loose = (name: string, code: string): Row =>
  row(name, code.replaceAll('@', 'Loose').replace('!!', mark), code.replaceAll('@', 'Strict').replace(' !!', ''))

const looseMethods: readonly Row[] = [
  loose('a service as a type that takes unknown, in a variable', `const h: $s.@ = $s.service !!\nexport const u = h`),
  loose(
    'a service as a type that takes unknown, new',
    `const h: $s.@ = new $s.Service($s.createCtx('u')) !!\nexport const u = h`,
  ),
  row(
    'a service as a type that takes any, in a variable',
    `export const h: { start(c: any): string } = $s.service ${mark}`,
    `export const h: { start(c: $T): string } = $s.service`,
  ),
  row(
    'a service as a type that takes an object',
    `export const h: { start(c: object): string } = $s.service ${mark}`,
    `export const h: { stop(c: object): string } = { stop: () => 'x' }`,
  ),
  row(
    'a service as a type that takes what looks alike',
    `export const h: { start(c: { userId: string }): string } = $s.service ${mark}`,
    `export const h: { start(c: $T): string } = $s.service`,
  ),
  row(
    'a service as a type that takes a context or a text',
    `export const h: { start(c: $T | string): string } = $s.service ${mark}`,
    `export const h: { start(c: $T): string } = $s.service`,
  ),
  row(
    'a service as a type that takes any list',
    `export const h: { start(...all: unknown[]): string } = $s.service ${mark}`,
    `export const h: { start(...all: $T[]): string } = $s.service`,
  ),
  loose('a service as a type that takes unknown, argument', `$s.use@($s.service) !!`),
  loose('a service as a type that takes unknown, returned', `export const f = (): $s.@ => $s.service !!`),
  loose('a service as a type that takes unknown, property', `export const o: { h: $s.@ } = { h: $s.service } !!`),
  loose('a service as a type that takes unknown, element', `export const l: $s.@[] = [$s.service] !!`),
  loose('a list of services', `export const f = (all: InstanceType<typeof $s.Service>[]): $s.@[] => all !!`),
  loose(
    'a promise of a service',
    `export const f = (p: Promise<InstanceType<typeof $s.Service>>): Promise<$s.@> => p !!`,
  ),
  loose('a service for a type parameter', `$s.register@($s.service) !!`),
  row(
    'an untyped object with a method',
    `const o = { start(c: $T) { return c.userId } }\nexport const h: $s.Loose = o ${mark}`,
    `const o = { start(c: $T) { return c.userId } }\nexport const h: $s.Strict = o`,
  ),
  row(
    'a method that is written at the place',
    `export const h: $s.Loose = { start(c: $T) { return c.userId } } ${mark}`,
    `export const h: $s.Strict = { start(c: $T) { return c.userId } }`,
  ),
  row(
    'an arrow that is written at the place',
    `export const h: $s.Loose = { start: (c: $T) => c.userId } ${mark}`,
    `export const h: $s.Strict = { start: (c: $T) => c.userId }`,
  ),
  row(
    'a generic of unknown',
    `export const f = (k: $s.Keeper<$T>): $s.Keeper<unknown> => k ${mark}`,
    `export const f = (k: $s.Keeper<$T>): $s.Keeper<$T> => k`,
  ),
  row(
    'a generic of any',
    `export const f = (k: $s.Keeper<$T>) => {\n  const kept: $s.Keeper<any> = k ${mark}\n  return kept\n}`,
    `export const f = (k: $s.Keeper<any>) => {\n  const kept: $s.Keeper<any> = k\n  return kept\n}`,
  ),
  row(
    'a generic of the library',
    `export const f = (r: FinalizationRegistry<$T>): { register(o: object, held: unknown): void } => r ${mark}`,
    `export const f = (r: FinalizationRegistry<$T>): { unregister(o: object): void } => r`,
  ),
  row(
    'a class that implements it',
    `export class A implements $s.Loose {\n  start(c: $T): string { ${mark}\n    return c.userId\n  }\n}`,
    `export class A implements $s.Strict {\n  start(c: $T): string {\n    return c.userId\n  }\n}`,
  ),
  row(
    'a class that extends it',
    `export class A extends $s.LooseJob {\n  override handle(c: $T): void { ${mark}\n    void c\n  }\n}`,
    `export class A extends $s.StrictJob {\n  override handle(c: $T): void {\n    void c\n  }\n}`,
  ),
  row(
    'a class that implements an interface beside it',
    'interface Beside {\n  start(c: unknown): string\n}\nexport class A implements Beside {\n' +
      `  start(c: $T): string { ${mark}\n    return c.userId\n  }\n}`,
    'interface Beside {\n  start(c: $T): string\n}\nexport class A implements Beside {\n' +
      '  start(c: $T): string {\n    return c.userId\n  }\n}',
  ),
  row(
    'a class that extends one beside it',
    'abstract class Beside {\n  abstract start(c: object): string\n}\nexport class A extends Beside {\n' +
      `  start(c: $T): string { ${mark}\n    return c.userId\n  }\n}`,
    'abstract class Beside {\n  abstract start(c: $T): string\n}\nexport class A extends Beside {\n' +
      '  start(c: $T): string {\n    return c.userId\n  }\n}',
  ),
  row(
    'a method that is written at a place with a type beside it',
    `export const h: { start(c: any): string } = { start(c: $T) { return c.userId } } ${mark}`,
    `export const h: { start(c: $T): string } = { start(c: $T) { return c.userId } }`,
  ),
  row(
    'a class that extends it, two above',
    `abstract class B extends $s.LooseJob {}\nexport class A extends B {\n  handle(c: $T): void { ${mark}\n` +
      '    void c\n  }\n}',
    'abstract class B extends $s.LooseJob {}\nexport class A extends B {\n  handle(c: unknown): void {\n' +
      '    void c\n  }\n}',
  ),
]

const write = (name: string, code: string, twin: string): Row =>
  row(
    name,
    `export const f = (c: $T, v: string, k: string) => ${marked(code)}`,
    `export const f = (c: $T, v: string, k: string) => ${twin}`,
  )

/** Writes into a context, past its type. */
export const writeRows: readonly Row[] = [
  write('Object.assign of a literal', `Object.assign(c, { userId: v })`, `Object.assign({}, c, { userId: v })`),
  write('Object.assign of another', `Object.assign(c, $s.createCtx(v))`, `Object.assign({ v }, $s.createCtx(v))`),
  write('Object.assign of a spread list', `Object.assign(c, ...[{ userId: v }])`, `Object.assign({ c }, { v })`),
  write('Object.assign by its text', `Object['assign'](c, { userId: v })`, `Object['keys'](c)`),
  write(
    'Object.assign of the global object',
    `globalThis.Object.assign(c, { userId: v })`,
    `globalThis.Object.assign({ v }, { c })`,
  ),
  write('Object.assign to a held one', `Object.assign({ c }.c, { userId: v })`, `Object.assign({ c }, { v })`),
  write('Object.assign behind !', `Object.assign(c!, { userId: v })`, `Object.keys(c!)`),
  row(
    'Object.assign under another name',
    `const { assign } = Object\nexport const f = (c: $T, v: string) => assign(c, { userId: v }) ${mark}`,
    `const { assign } = Object\nexport const f = (c: $T, v: string) => assign({ v }, { c })`,
  ),
  row(
    'Object.assign kept in a constant',
    `const put = Object.assign\nexport const f = (c: $T, v: string) => put(c, { userId: v }) ${mark}`,
    `const put = Object.assign\nexport const f = (c: $T, v: string) => put({ v }, { c })`,
  ),
  write('Reflect.set', `Reflect.set(c, 'userId', v)`, `Reflect.get(c, 'userId')`),
  write('Reflect.set of a computed key', `Reflect.set(c, k, v)`, `Reflect.set({ c }, k, v)`),
  write('Reflect.deleteProperty', `Reflect.deleteProperty(c, 'runId')`, `Reflect.has(c, 'runId')`),
  write('Reflect.setPrototypeOf', `Reflect.setPrototypeOf(c, { v })`, `Reflect.getPrototypeOf(c)`),
  write(
    'Object.defineProperty',
    `Object.defineProperty(c, 'userId', { value: v })`,
    `Object.defineProperty({}, 'c', { value: c })`,
  ),
  write(
    'Object.defineProperty with a getter',
    `Object.defineProperty(c, k, { get: () => v })`,
    `Object.defineProperty({ v }, k, { get: () => c })`,
  ),
  write(
    'Object.defineProperties',
    `Object.defineProperties(c, { userId: { value: v } })`,
    `Object.defineProperties({ v }, { c: { value: c } })`,
  ),
  write('Object.setPrototypeOf', `Object.setPrototypeOf(c, { v })`, `Object.getPrototypeOf(c)`),
  write('a field past its type', `{ (c as any).userId = v }`, `{ (c as any as { userId: string }).userId.at(0) }`),
  write(
    'a field of another type',
    `{ (c as { -readonly [K in keyof $T]: $T[K] }).userId = v }`,
    `{ ({ ...c } as { -readonly [K in keyof $T]: string }).userId = v }`,
  ),
]

const overloads: readonly Row[] = [
  row(
    'the second signature, called past its type',
    `export const f = (b: any) => ($s.service as any).pick(b) ${mark}`,
    `export const f = (b: any) => ($s.service as any).pick(b, $s.createCtx('u'))`,
  ),
  row(
    'the second signature, by call',
    `export const f = (b: any) => $s.pick.call(undefined, b) ${mark}`,
    `export const f = () => $s.pick.call(undefined, $s.createCtx('u'))`,
  ),
  row(
    'the second signature, by Reflect.apply',
    `export const f = (b: any) => Reflect.apply($s.pick, undefined, [b]) ${mark}`,
    `export const f = (b: any) => Reflect.apply($s.pick, undefined, [b, $s.createCtx('u')])`,
  ),
  row(
    'the first signature, by Reflect.apply',
    `export const f = (b: any) => Reflect.apply($s.pick, undefined, ['n', b]) ${mark}`,
    `export const f = () => Reflect.apply($s.pick, undefined, ['n', $s.createCtx('u')])`,
  ),
  row(
    'a later argument, called past its type',
    `export const f = (b: any) => ($s.runEach as Function)($s.createCtx('u'), b) ${mark}`,
    `export const f = () => ($s.runEach as Function)($s.createCtx('u'), $s.createCtx('v'))`,
  ),
  row(
    'the second signature, the function asserted to take anything',
    `export const c = ($s.pick as (c: unknown) => string)($s.body) ${mark}`,
    `export const c = ($s.pick as (c: $T) => string)($s.createCtx('u'))`,
  ),
  row(
    'the second signature, the object asserted',
    `export const h = $s.service as unknown as { pick(c: unknown): string } ${mark}`,
    `export const h = $s.service as unknown as { pick(c: $T): string }`,
  ),
  row(
    'the second signature of the type that is asserted',
    `export const h = $s.service as unknown as { start(c: $T): string; start(c: unknown): string } ${mark}`,
    `export const h = $s.service as unknown as { start(c: $T): string; start(c: $T, n?: 1): string }`,
  ),
  row(
    'the second signature, given a list',
    `export const f = (l: [any]) => $s.pick(...l) ${mark}`,
    `export const f = (l: [$T]) => $s.pick(...l)`,
  ),
  row(
    'the second signature, given to a list of any',
    `export const f = (l: any[]) => l.map($s.pick) ${mark}`,
    `export const f = (l: $T[]) => l.map((c) => $s.pick(c))`,
  ),
  row(
    'the second signature, as a type that takes unknown',
    `export const h: { pick(c: unknown): string } = $s.service ${mark}`,
    `export const h: { pick(c: $T): string } = $s.service`,
  ),
]

/** Every row of them. */
export const looseRows: readonly Row[] = [...looseMethods, ...writeRows, ...overloads]

/** Code beside them that is right as it stands. */
export const looseInnocent: readonly (readonly [name: string, text: string])[] = [
  ['a service as an object', `export const h: object = $s.service\nexport const g: unknown = $s.service`],
  ['a service as a type of fewer members', `export const h: { readonly user: string } = $s.service`],
  ['a service in a log', `$s.log($s.service, [$s.service])`],
  ['a field of the same name', `export const h: { start: unknown } = $s.service`],
  ['a service as one of several types', `export const f = (): $s.Strict | $s.Loose => $s.service`],
  [
    'a service as a type that takes more of it',
    `interface Admin extends $s.Carried {\n  admin: true\n}\nexport const h: { start(c: Admin): string } = $s.service`,
  ],
  [
    'a static method and a constructor beside it',
    'export abstract class B {\n  static make(c: unknown): unknown {\n    return c\n  }\n}\n' +
      'export class A extends B {\n  constructor(readonly c: $T) {\n    super()\n  }\n' +
      '  static override make(c: $T): unknown {\n    return c\n  }\n}',
  ],
  ['a mock of any arguments', `export const f = <F extends (...all: any[]) => unknown>(run: F): F => run\nf($s.run)`],
  ['a signature that takes anything', `export const h: { note(c: unknown): string } = $s.service`],
  ['a text for a function of both', `export const f = (t: string) => ($s.service as any).note(t)`],
  ['a list without contexts', `export const f = (l: [string, $T]) => $s.pick(...l)`],
  [
    'a class of its own',
    "class Own {\n  userId = ''\n  constructor(given: { userId: string }) {\n    Object.assign(this, given)\n" +
      "  }\n}\nexport const o = new Own({ userId: 'u' })",
  ],
  ['a frozen one', `export const f = (c: $T) => Object.freeze(c)`],
  [
    'entries of it',
    'export const f = (c: $T) => [Object.entries(c), Reflect.ownKeys(c), structuredCloneOf(c)]\n' +
      'const structuredCloneOf = (value: unknown) => value',
  ],
]
