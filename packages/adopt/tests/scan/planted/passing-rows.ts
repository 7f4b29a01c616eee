// Values that pass through generators, getters, decorators, class heads, merged declarations and library calls.
import { mark, type Row } from './rows.ts'

const row = (name: string, violator: string, twin: string): Row => ({ name, violator, twin })
/** `@` is an any in the violator and a context in the twin. */
const any = (name: string, code: string): Row =>
  row(name, code.replaceAll('@', '$s.load()'), code.replaceAll('@', `$s.createCtx('u')`).replace(` ${mark}`, ''))
/** `@` is the type in the violator and another one in the twin. */
const typed = (name: string, code: string): Row =>
  row(name, code.replaceAll('@', '$T'), code.replaceAll('@', '$s.Req').replace(` ${mark}`, ''))

const received = 'export function* g(): Generator<string, void, '

const generators: readonly Row[] = [
  row(
    'what next() was called with, in a variable',
    `${received}any> {\n  const c: $T = yield 'a' ${mark}\n  $s.run(c)\n}`,
    `${received}$T> {\n  const c: $T = yield 'a'\n  $s.run(c)\n}`,
  ),
  row(
    'what next() was called with, as argument',
    `${received}any> {\n  $s.run(yield 'a') ${mark}\n}`,
    `${received}$T> {\n  $s.run(yield 'a')\n}`,
  ),
  row(
    'what an inner generator ends with',
    `function* inner(): Generator<string, any> {\n  return $s.load()\n}\n` +
      `export function* g(): Generator<string> {\n  $s.run(yield* inner()) ${mark}\n}`,
    `function* inner(): Generator<string, $T> {\n  return $s.createCtx('u')\n}\n` +
      'export function* g(): Generator<string> {\n  $s.run(yield* inner())\n}',
  ),
  any(
    'any sent to a generator',
    `function* g(): Generator<string, void, $T> {\n  $s.run(yield 'a')\n}\ng().next(@) ${mark}`,
  ),
  any('any that a generator ends with', `export function* g(): Generator<string, $T> {\n  return @ ${mark}\n}`),
]

const members: readonly Row[] = [
  any('a getter of a typed object', `export const o: { readonly c: $T } = { get c() { return @ } } ${mark}`),
  row(
    'a getter of a class that gives any',
    `class B {\n  get c(): any {\n    return $s.load()\n  }\n}\nexport const h: { c: $T } = new B() ${mark}`,
    `class B {\n  get c(): $T {\n    return $s.createCtx('u')\n  }\n}\nexport const h: { c: $T } = new B()`,
  ),
  any('a static block', `export class K {\n  static c: $T\n  static {\n    this.c = @ ${mark}\n  }\n}`),
  any('an accessor field', `export class K {\n  accessor c: $T = @ ${mark}\n}`),
  any('the key of an enum', `enum K { A = 'a' }\nexport const o: Record<K, $T> = { [K.A]: @ } ${mark}`),
  any('a symbol as key', `const key = Symbol()\nconst o: { [key]?: $T } = {}\no[key] = @ ${mark}`),
  any(
    'the argument of a decorator',
    'const give = (c: $T) => (_: undefined, context: ClassFieldDecoratorContext) => $s.log(c, context)\n' +
      `export class K {\n  §give(@) n = 1 ${mark}\n}`,
  ),
  typed(
    'a decorated field without a value',
    'const inject = (_: undefined, context: ClassFieldDecoratorContext) => $s.log(context)\n' +
      `export class K {\n  §inject c!: @ ${mark}\n}`,
  ),
].map(({ name, violator, twin }) => row(name, violator.replaceAll('§', '@'), twin.replaceAll('§', '@')))

const invented: readonly Row[] = [
  typed(
    'a function that gives a generic one',
    `const own = () => <X>(): X => $s.mock<X>()\nexport const c = own()<@>() ${mark}`,
  ),
  typed('a generic function with its argument, not called', `const own = $s.mock<@> ${mark}\nexport const c = own()`),
  typed('a field of a new generic', `class Kept<X> {\n  value!: X\n}\nexport const c = new Kept<@>().value ${mark}`),
  typed(
    'a class that extends a generic that invents',
    `class Kept<X> {\n  find(): X {\n    return {} as X\n  }\n}\nexport class Own extends Kept<@> {} ${mark}`,
  ),
  row(
    'a class that does the work of the generic that it extends, beside one that does not',
    'abstract class Kept<X> {\n  abstract find(): X\n  twice(): X {\n    return this.find()\n  }\n}\n' +
      `export class Own extends Kept<$T> {\n  find() {\n    return $s.load() as $T ${mark}\n  }\n}`,
    'abstract class Kept<X> {\n  abstract find(): X\n  twice(): X {\n    return this.find()\n  }\n}\n' +
      `export class Own extends Kept<$T> {\n  find() {\n    return $s.createCtx('u')\n  }\n}`,
  ),
  typed('a class that is only declared', `declare class K {\n  c: @ ${mark}\n}\nexport const c = new K().c`),
  typed(
    'a field that an interface adds to a class',
    `export interface Kept {\n  c: @ ${mark}\n}\nexport class Kept {}\nexport const c = new Kept().c`,
  ),
  typed(
    'a function asserted to be a guard',
    `export const is = ((x: unknown) => !!x) as (x: unknown) => x is @ ${mark}`,
  ),
  row(
    'a copy by Object.assign',
    `export const f = (c: $T) => $s.run(Object.assign({}, c)) ${mark}`,
    `export const f = (c: $T) => $s.log(Object.assign({ at: 1 }, c))`,
  ),
  row(
    'a copy by Object.assign, with a change',
    `export const f = (c: $T) => $s.run(Object.assign({}, c, { userId: 'x' })) ${mark}`,
    `export const f = (c: $T) => $s.log({ ...c, userId: 'x' })`,
  ),
  row(
    'a copy by Object.assign, into a literal',
    `export const f = (c: $T) => $s.run(Object.assign({ at: 1 }, c)) ${mark}`,
    `export const f = (c: $T) => $s.log(Object.assign({ at: 1 }, c))`,
  ),
]

const caught: readonly Row[] = [
  row(
    'a caught error',
    `try {\n  $s.log(1)\n} catch (error: any) {\n  $s.run(error.ctx) ${mark}\n}`,
    'try {\n  $s.log(1)\n} catch (error: any) {\n  $s.log(error.ctx)\n}',
  ),
  any('any in a resolved promise with a type', `export const p = Promise.resolve<$T>(@) ${mark}`),
  row(
    'what Reflect.get gives',
    `export const f = (o: any) => $s.run(Reflect.get(o, 'c')) ${mark}`,
    `export const f = (o: { c: $T }) => $s.run(Reflect.get(o, 'c'))`,
  ),
  row(
    'what Object.setPrototypeOf gives',
    `export const f = (c: $T) => $s.run(Object.setPrototypeOf({}, c)) ${mark}`,
    `export const f = (c: $T) => $s.log(Object.setPrototypeOf({}, c))`,
  ),
  row(
    'the arguments of a function',
    `export function f() {\n  return $s.run(arguments[0]) ${mark}\n}`,
    'export function f() {\n  return $s.log(arguments[0])\n}',
  ),
  row(
    'a list that takes its type from what is pushed',
    `const all = []\nall.push($s.load())\n$s.runAll(all) ${mark}`,
    `const all = []\nall.push($s.createCtx('u'))\n$s.runAll(all)`,
  ),
  row(
    'a literal as default export',
    `export default { userId: 'u', threadId: 't', runId: 'r' } satisfies $T ${mark}`,
    `export default { headers: {} } satisfies $s.Req`,
  ),
  row(
    'any that satisfies the type',
    `const c = $s.load() satisfies $T ${mark}\n$s.run(c)`,
    `const c = $s.createCtx('u') satisfies $T\n$s.run(c)`,
  ),
  {
    ...row(
      'a spread of attributes',
      `export const x = <$s.Panel {...$s.load()} /> ${mark}`,
      `export const x = <$s.Panel {...{ c: $s.createCtx('u') }} />`,
    ),
    tsx: true,
  },
]

export const passingRows: readonly Row[] = [...generators, ...members, ...invented, ...caught]

export const passingInnocent: readonly (readonly [name: string, text: string])[] = [
  ['a getter with a type', `export const o: { readonly c: $T } = { get c(): $T { return $s.createCtx('u') } }`],
  ['an interface that adds to a class what may be absent', 'export interface Kept { c?: $T }\nexport class Kept {}'],
  [
    'an interface that says what a class has',
    `export interface Kept { c: $T }\nexport class Kept {\n  c: $T = $s.createCtx('u')\n}`,
  ],
  ['a declared class that is given it', 'declare class K {\n  c: $T\n  constructor(c: $T)\n}\nexport type A = K'],
  ['a function with a guard as parameter', 'export const f = (is: (x: unknown) => x is $T) => is(1)'],
  ['a function that is called where it stands', `export const c = (() => $s.createCtx('u'))()`],
  [
    'a class that extends a generic that is given one',
    'class Kept<X> {\n  constructor(readonly x: X) {}\n  get(): X {\n    return this.x\n  }\n}\n' +
      'export class Own extends Kept<$T> {}',
  ],
]
