// Values that reach the type by a call or an assignment past it, each form with a twin that is right.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'

const forms: readonly (readonly [name: string, wrong: string, right: string])[] = [
  ['a member of any', '(service as any).run(body)', '(service as any).run(ctx)'],
  ['a member of any by its text', "(service as any)['run'](body)", "(service as any)['run'](ctx)"],
  ['a member of any, given a literal', "(<any>service).run({ userId: 'u' })", '(<any>service).run(held.ctx)'],
  ['a static member of any', '(Service as any).go(body)', '(Service as any).go(ctx)'],
  ['a second parameter of a member of any', "(service as any).both('a', body)", '(service as any).both(body, ctx)'],
  ['call', 'run.call(undefined, body)', 'run.call(undefined, ctx)'],
  ['call of a member', 'service.run.call(service, body)', 'service.run.call(service, ctx)'],
  ['bind', 'run.bind(undefined, body)', 'run.bind(undefined, ctx)'],
  ['Reflect.apply', 'Reflect.apply(run, undefined, [body])', 'Reflect.apply(run, undefined, [ctx])'],
  ['a function asserted to Function', '(run as Function)(body)', '(run as Function)(ctx)'],
  ['a field of any', '(service as any).last = body', '(service as any).last = ctx'],
  ['a list of any', '(service as any).list = [body]', '(service as any).list = [ctx]'],
  ['a method that takes no context', '(service as any).run(body)', '(service as any).log(body)'],
  ['a method of the library', 'run.call(undefined, body)', 'String.prototype.trim.call(body)'],
  ['nothing', '(service as any).run(body)', '(service as any).run(undefined)'],
  ['an object of any type', '(service as any).run(body)', '(body as any).run(body)'],
  ['a list of any, given the function', 'anys.map(run)', 'ctxs.map(run)'],
  ['a list of any, given a method', 'anys.forEach(service.run)', 'ctxs.forEach(service.run)'],
  [
    'a list of any, given a bound method',
    'anys.some(service.run.bind(service))',
    'ctxs.some(service.run.bind(service))',
  ],
  ['a list of any, given a function of two', 'anys.reduce(both)', 'anys.reduce(neither)'],
  ['a map of any', 'new Map<string, any>().forEach(run)', 'new Map<string, Ctx>().forEach(run)'],
  ['a promise of any', 'promised.then(run)', 'promised.then(() => ctx).then(run)'],
  ['a promise of any, given a function that fails', 'promised.catch(run)', 'promised.catch(describe)'],
  ['what is any itself, called with the function', 'body.map(run)', 'body.log(run)'],
  ['what is any itself, called as a promise', 'body?.then(run)', 'body?.then(describe)'],
  ['a method of that name that keeps any value', 'anys.map(run)', 'keeper.map(run)'],
  ['a callback of any arguments', 'eachRest(run)', 'eachRest(describe)'],
  ['a method that gives what is unknown', 'listenLoosely({ on: run })', 'listenLoosely({ on: describe })'],
  ['a callback that gives any', 'eachOf(run)', 'eachCtx(run)'],
  ['a callback of any, an overload without a context', 'eachOf(run)', 'eachOf(either)'],
  ['a callback that gives any list', 'eachWith(run)', 'passedOn(run)'],
  ['a field of a literal that gives any', 'listen({ on: run })', 'listen({ on: describe })'],
  [
    'a function type that takes any',
    '{ const held: (c: any) => string = run; return held }',
    '{ const held: (c: Ctx) => string = run; return held }',
  ],
  ['call of a function that takes a text too', 'audit.call(undefined, body)', "audit.call(undefined, 'system')"],
  ['a member of any that takes a text too', "(service as any).audit('nightly')", "(service as any).audit('system')"],
  ['a function asserted to Function, given a text', "(audit as Function)('no')", "(audit as Function)('system')"],
  ['a timer, given what is any', 'setTimeout(audit, 0, body)', "setTimeout(audit, 0, 'system')"],
  ['Object.assign', 'Object.assign(service, { last: body })', 'Object.assign(service, { last: ctx })'],
  ['Object.assign of a shorthand', 'Object.assign(service, { last })', 'Object.assign(service, { other: last })'],
  ['Object.assign of any', 'Object.assign(service, body)', 'Object.assign(service, { last: ctx }, held)'],
  [
    'Object.assign of a second source',
    'Object.assign(service, {}, { last: body })',
    'Object.assign({}, service, body)',
  ],
  ['Object.assign to a context', 'Object.assign(ctx, body)', 'Object.assign({ name: 1 }, body)'],
  [
    'Object.assign of a literal',
    "Object.assign(service, { last: { userId: 'u' } })",
    "Object.assign(service, { name: 'u' })",
  ],
  ['Reflect.set', "Reflect.set(service, 'last', body)", "Reflect.set(service, 'last', ctx)"],
  [
    'Object.defineProperty',
    "Object.defineProperty(service, 'last', { value: body })",
    "Object.defineProperty(service, 'last', { value: ctx })",
  ],
  [
    'a member of another type',
    '(service as unknown as { run(c: unknown): string }).run(body)',
    '(service as unknown as { run(c: Ctx): string }).run(ctx)',
  ],
  [
    'a member of another type, any between',
    '(service as any as { run: (c: object) => string }).run({})',
    '(service as any as { log: (c: object) => string }).log({})',
  ],
  [
    'a member that takes anything, called',
    '(service as unknown as { run(...all: any[]): string }).run(body)',
    '(service as unknown as { run(...all: any[]): string }).run(ctx)',
  ],
  [
    'a field of another type',
    '(service as unknown as { last: unknown }).last = body',
    '(service as unknown as { last: unknown }).last = ctx',
  ],
  [
    'an object kept under another type',
    '{ const held = service as unknown as Loose; return held }',
    '{ const held = service as unknown as Strict; return held }',
  ],
]
const context = `export interface Ctx { readonly userId: string; readonly requestId: string }
export class Service {
  last: Ctx | undefined
  list: Ctx[] = []
  run(c: Ctx): string { return c.userId }
  both(name: string, c: Ctx): string { return name + c.userId }
  audit(who: Ctx | 'system'): void { void who }
  log(text: string): void { void text }
  static go(c: Ctx): string { return c.userId }
}
export const run = (c: Ctx): string => c.userId
export const audit = (who: Ctx | 'system'): void => { void who }
export declare const setTimeout: <All extends any[]>(run: (...all: All) => void, ms: number, ...all: All) => void
export interface Loose { run(c: unknown): string }
export interface Strict { run(c: Ctx): string }
export declare const both: (all: string, c: Ctx) => string
export declare const either: { (c: Ctx): string; (text: string): string }
export declare const neither: (all: string, text: string) => string
export declare const describe: (value: unknown) => string
export declare const eachOf: (take: (value: any) => string) => void
export declare const eachCtx: (take: (value: Ctx) => string) => void
export declare const eachWith: (take: (...all: any[]) => string) => void
export declare const passedOn: <F extends (...all: any[]) => string>(take: F) => F
export declare const eachRest: (take: (...all: any) => string) => void
export declare const keeper: { map(kept: any): void }
export declare const listenLoosely: (options: { on(value: unknown): string }) => void
export declare const listen: (options: { on: (value: any) => string }) => void
`
const codeOf = (code: string): string =>
  `import {
  audit, both, describe, eachCtx, eachOf, eachRest, eachWith, either, keeper, listen, listenLoosely, neither, passedOn,
  run, Service, setTimeout, type Ctx, type Loose, type Strict,
} from './context.js'
export const tried = (
  service: Service, ctx: Ctx, held: { ctx: Ctx }, body: any, last: any,
  anys: any[], ctxs: Ctx[], promised: Promise<any>,
): unknown => {
  ${code.startsWith('{') ? code : `return ${code}`}
}
`

describe('a call or an assignment past a type', () => {
  let root: string
  let found: Set<string>
  let places: string[]
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'detours-'))
    mkdirSync(join(root, 'src'))
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
    writeFileSync(
      join(root, 'tsconfig.json'),
      '{ "compilerOptions": { "target": "es2022", "lib": ["es2022"], "module": "nodenext", "strict": true, ' +
        '"types": [], "noEmit": true }, "include": ["src"] }',
    )
    writeFileSync(join(root, 'src/context.ts'), context)
    forms.forEach(([, wrong, right], index) => {
      writeFileSync(join(root, `src/wrong-${index}.ts`), codeOf(wrong))
      writeFileSync(join(root, `src/right-${index}.ts`), codeOf(right))
    })
    writeFileSync(join(root, 'src/inline.ts'), codeOf('anys.map((one: Ctx) => one.userId)'))
    const { findings } = await scan({ root, types: ['Ctx'] })
    places = findings
      .filter(({ file }) => file === 'src/inline.ts')
      .map(({ line, column, kind }) => `${line}:${column} ${kind}`)
    found = new Set(
      findings.filter(({ kind }) => /^(any-flow|cast-double|context-write)$/.test(kind)).map(({ file }) => file),
    )
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  test('is one site where the function is written: its parameter', () => {
    expect(places).toEqual(['9:20 any-flow'])
  })

  test.each(forms.map(([name], index) => [name, index] as const))('is a site: %s', (_, index) => {
    expect(found.has(`src/wrong-${index}.ts`)).toBe(true)
  })

  test.each(forms.map(([name], index) => [name, index] as const))(
    'is none, where the value is right: %s',
    (_, index) => {
      expect(found.has(`src/right-${index}.ts`)).toBe(false)
    },
  )
})
