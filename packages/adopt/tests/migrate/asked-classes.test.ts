import { describe, expect, test } from 'vitest'
import { classOf, made, program, show } from './class-program.ts'
import { runProgram } from './run-program.ts'

const declared = `type Class<T> = new (...given: any[]) => T
type Asked = { toBeDefined(): void; toBe(value: unknown): void }
export declare const z: { instanceof<T>(of: Class<T>): { parse(value: unknown): T } }
export declare const expect: (value: unknown) => Asked
export declare const vi: { spyOn(of: object, name: string): unknown }
export declare const check: (value: unknown, of: unknown) => boolean
export declare const IsInstance: (of: Class<unknown>) => any
export declare const isOfLast: (value: unknown) => boolean
export declare class Foreign { readonly userId: string; constructor(userId: string) }
export declare class Duck { static [Symbol.hasInstance](value: unknown): boolean }
`
const code = `let last
const refuse = () => { throw new Error('no instance') }
export const z = { instanceof: (of) => ({ parse: (value) => (value instanceof of ? value : refuse()) }) }
export const expect = () => ({ toBeDefined() {}, toBe() {} })
export const vi = { spyOn() {} }
export const check = (value, of) => value instanceof (typeof of === 'function' ? of : (of.of ?? of[0]))
export const IsInstance = (of) => { last = of; return () => {} }
export const isOfLast = (value) => value instanceof last
export class Foreign { constructor(userId) { this.userId = userId } }
export class Duck { static [Symbol.hasInstance](value) { return Object.keys(value).includes('userId') } }
`
const files = { 'src/library.d.ts': declared, 'src/library.js': code }
const library = "import { check, Duck, expect, Foreign, IsInstance, isOfLast, vi, z } from './library.js'\n"
const own = 'void [check, Duck, expect, Foreign, IsInstance, isOfLast, vi, z]\n'
const run = (lines: string, more = '', context = classOf('')): ReturnType<typeof runProgram> =>
  runProgram(context, program(made, lines, library + own + more), { files })

describe('a class that code of others is given', () => {
  test.each([
    ['z.instanceof', 'return z.instanceof(RequestContext).parse(c) === c', ''],
    [
      'a namespace',
      'return z.instanceof(models.RequestContext).parse(c) === c',
      "import * as models from './context.js'\n",
    ],
    [
      'an object of classes',
      'return z.instanceof(registry.RequestContext).parse(c) === c',
      'const registry = { RequestContext }\n',
    ],
    ['a key of an object', 'return check(c, kinds.of)', 'const kinds = { of: RequestContext }\n'],
    ['another name', 'return check(c, Kept)', 'const Kept = RequestContext\n'],
    ['an object', 'return check(c, { of: RequestContext })', ''],
    ['a list', 'return check(c, [RequestContext])', ''],
    [
      'a decorator that takes instances alone',
      'return isOfLast(c)',
      'export class Holder { @IsInstance(RequestContext) context?: RequestContext }\n',
    ],
  ])('keeps its sites: %s', async (_name, lines, more) => {
    const { before, after, reasons } = await run(lines, more)
    expect(before).toBe(true)
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('its class is handed on as a value at src/sites.ts:')
  })

  test.each([
    ['is defined', 'expect(RequestContext).toBeDefined()'],
    ['is a function', "expect(RequestContext).toBe(vi)\n  vi.spyOn(RequestContext, 'name')"],
  ])('lets its sites move where only the class %s', async (_name, ask) => {
    const { before, after, result } = await run('return show(c)', `export const t = (): void => {\n  ${ask}\n}\n`)
    expect([after, result.moved]).toEqual([before, 1])
  })
})

describe('an instanceof', () => {
  const other = 'class Other { constructor(readonly userId: string) {} }\n'
  const kindOf = (of: string): string => `const kind = (v: unknown): string => (v instanceof ${of} ? 'is' : 'no')\n`

  test.each([
    ['of another class of the tree', other + kindOf('Other')],
    ['of a class of a library', kindOf('Foreign')],
  ])('%s lets the sites move: none was one', async (_name, more) => {
    const { before, after, result } = await run('return show(c) + kind(c)', more)
    expect(before).toBe('User_1,thread_1,run_1no')
    expect([after, result.moved]).toEqual([before, 1])
  })

  test.each([
    ['of a class that answers for itself', kindOf('Duck'), ''],
    ['of a class below one that does', `class Drake extends Duck {}\n${kindOf('Drake')}`, ''],
    ['of what a name holds', `const of: new (...given: any[]) => unknown = Kept\n${kindOf('of')}`, ''],
    ['of a class above', kindOf('Base'), ' extends Base'],
  ])('%s keeps the sites', async (_name, more, base) => {
    const context = `export class Base {}\n${classOf('', base)}export const Kept = RequestContext\n`
    const { before, after, result } = await run(
      'return kind(c)',
      `import { Base, Kept } from './context.js'\nvoid [Base, Kept]\n${more}`,
      context,
    )
    expect(before).toBe('is')
    expect([after, result.moved]).toEqual([before, 0])
  })
})

describe('a getter of a class', () => {
  const bag = '{ userId: string; threadId: string; runId: string }'
  const getters = (slot: string): string =>
    ['userId', 'threadId', 'runId'].map((name) => `  get ${name}(): string { return this.${slot}${name} }\n`).join('')
  const inBag = "new RequestContext({ userId, threadId: 'thread_1', runId: 'run_1' })"
  const classWith = (members: string): string => `export class RequestContext {\n${members}}\n${show}`
  const each = '(private readonly _userId: string, private _threadId: string, private readonly _runId: string)'

  test.each([
    ['a parameter that it keeps', `  constructor(private readonly props: ${bag}) {}\n${getters('props.')}`, inBag],
    [
      'a copy of it',
      `  readonly #all: ${bag}\n  constructor(all: ${bag}) { this.#all = Object.freeze({ ...all }) }\n` +
        getters('#all.'),
      inBag,
    ],
    ['a parameter for each field', `  constructor${each} {}\n${getters('_')}`, made],
  ])('moves with the field it gives: %s', async (_name, members, value) => {
    const { before, after, result } = await runProgram(classWith(members), program(value, 'return show(c)'))
    expect(before).toBe('User_1,thread_1,run_1')
    expect([after, result.moved]).toEqual([before, 1])
  })

  const change = "  set(): this { this.props.runId = 'run_9'; return this }\n"
  const handOut = `  get all(): ${bag} { return this.props }\n`
  test.each([
    [
      'is changed by a method',
      `  constructor(private readonly props: ${bag}) {}\n${change}${getters('props.')}`,
      inBag,
    ],
    ['is handed out', `  constructor(private readonly props: ${bag}) {}\n${handOut}${getters('props.')}`, inBag],
    [
      'is changed by its maker',
      `  constructor(private readonly props: ${bag}) {}\n${getters('props.')}`,
      'new RequestContext(given)',
    ],
    ['is another field', `  constructor${each} {}\n${getters('_').replace('_userId', '_runId')}`, made],
    ['is set again', `  constructor${each} { this._threadId = 'thread_9' }\n${getters('_')}`, made],
  ])('keeps the site where what it gives %s', async (_name, members, value) => {
    const lines = "given.runId = 'run_8'\n  ;(c as { set?(): unknown }).set?.()\n  return show(c)"
    const given = "const given = { userId: 'User_1', threadId: 'thread_1', runId: 'run_1' }\n"
    const { before, after, result } = await runProgram(classWith(members), program(value, lines, given))
    expect([after, result.moved]).toEqual([before, 0])
  })
})
