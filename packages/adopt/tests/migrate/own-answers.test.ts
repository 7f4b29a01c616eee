import { describe, expect, test } from 'vitest'
import { classOf, made, program, show, written } from './class-program.ts'
import { runProgram } from './run-program.ts'

describe('a class whose instances answer for themselves', () => {
  test.each([
    ['toString()', '  toString(): string { return `of ${this.userId}` }\n', 'return `${c}` + show(c)'],
    ['toJSON()', '  toJSON(): object { return { of: this.userId } }\n', 'return note({ c })'],
    ['valueOf()', '  valueOf(): number { return this.userId.length }\n', 'return +c + show(c).length'],
    ['a symbol', '  [Symbol.toPrimitive](): string { return this.userId }\n', 'return `${c}`'],
    ['what for…of takes', '  *[Symbol.iterator](): Generator<string> { yield this.userId }\n', 'return [...c].join()'],
    ['a member that the new context has too', "  get namespace(): string { return 'own' }\n", 'return c.namespace'],
    ['a field of such a name', '  readonly depth: number = 7\n', 'return c.depth'],
  ])('keeps its constructions: %s', async (_name, member, lines) => {
    const more = 'const note = (value: unknown): string => JSON.stringify(value)\n'
    const { before, after, result, reasons } = await runProgram(classOf(member), program(made, lines, more))
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons.join()).toMatch(/the class has (?:its own|a member under a symbol)|written as JSON/)
  })

  test('keeps them where a class above has the answer', async () => {
    const base = 'class Base { toString(): string { return "base" } }\n'
    const { before, after } = await runProgram(base + classOf('', ' extends Base'), program(made, 'return `${c}`'))
    expect(before).toBe('base')
    expect(after).toBe(before)
  })

  const holding = (getter: string): string => `export class RequestContext {
  #user: string
  constructor(userId: string, public readonly threadId: string, public readonly runId: string) { this.#user = userId }
  get userId(): string { ${getter} }
}
${show}`

  test('keeps them where the user is computed', async () => {
    const { before, after, reasons } = await runProgram(
      holding('return this.#user.toLowerCase()'),
      program(made, 'return show(c)'),
    )
    expect(before).toBe('user_1,thread_1,run_1')
    expect(after).toBe(before)
    expect(reasons).toEqual(['the class has its own userId at src/context.ts:4, and the new context another'])
  })

  test('moves them where a getter gives what the constructor was given', async () => {
    const { before, after, result } = await runProgram(holding('return this.#user'), program(made, 'return show(c)'))
    expect(after).toEqual(before)
    expect(result.moved).toBe(1)
  })
})

describe('a value that is asked for itself', () => {
  test.each([
    ['a template', 'return `${c}`'],
    ['a sum of texts', "return 'c: ' + c"],
    ['String()', 'return String(c)'],
    ['its text', 'return c.toString()'],
    ['the text of a list', 'return [c, 1].join()'],
  ])('stays where it is written by %s', async (_name, lines) => {
    const { before, after, reasons } = await runProgram(classOf(''), program(written, lines))
    expect(before).toContain('[object Object]')
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('it is written as text at src/sites.ts:4')
  })

  test.each([
    ['its name', 'return c.constructor.name'],
    ['its class', 'const { constructor: own } = c\n  return own.name'],
    ['its class, in another function', 'return nameOf(c)'],
    ['what its class is', 'return c.constructor === RequestContext'],
    ['what its prototype is', 'return RequestContext.prototype.isPrototypeOf(c)'],
    ['its class by another name', 'return isOf(c, RequestContext)'],
  ])('stays where %s is asked', async (_name, lines) => {
    const more =
      'const nameOf = (value: object): string => value.constructor.name\n' +
      'const isOf = (value: unknown, of: new (...given: never[]) => unknown): boolean => value instanceof of\n'
    const { before, after, reasons } = await runProgram(classOf(''), program(made, lines, more))
    expect(after).toEqual(before)
    expect(reasons.join()).toMatch(/its class is (?:asked for|handed on)/)
  })

  test('stays as a literal beside an instanceof, where the instance moves', async () => {
    const sites = `import { RequestContext, show } from './context.js'
const toText = (value: unknown): string => (value instanceof RequestContext ? show(value) : 'another')
export const handle = (userId: string): unknown => {
  const one: RequestContext = ${made}
  const other: RequestContext = ${written}
  return [toText(one), toText(other)]
}
`
    const { before, after, result, reasons } = await runProgram(classOf(''), sites)
    expect(before).toEqual(['User_1,thread_1,run_1', 'another'])
    expect(after).toEqual(before)
    expect([result.moved, reasons.length]).toEqual([1, 1])
  })

  test('is still of its class where an instance of it stays', async () => {
    const sites = `import { RequestContext, show } from './context.js'
const toText = (value: unknown): string => (value instanceof RequestContext ? show(value) : 'another')
export const handle = (userId: string): unknown => [toText(${made}), toText(new RequestContext('', 't', 'r'))]
`
    const { before, after, result } = await runProgram(classOf(''), sites)
    expect(before).toEqual(['User_1,thread_1,run_1', ',t,r'])
    expect(after).toEqual(before)
    expect(result.moved).toBe(1)
  })
})

describe('a member that the new context always has', () => {
  const ids = 'export interface RequestContext {\n  userId: string\n  threadId: string\n  runId: string\n'
  test.each([
    ['a member of the new context alone', '  operation?: string\n', "return c.operation ?? 'none'"],
    ['a list', '  permissions?: readonly string[]\n', "return c.permissions?.includes('read') ?? true"],
    ['an id that is made', '  requestId?: string\n', "return c.requestId ?? 'none'"],
  ])('keeps the site that does not give it: %s', async (_name, member, lines) => {
    const sites = program(written, lines).replace('RequestContext, show', 'type RequestContext')
    const { before, after, reasons } = await runProgram(`${ids}${member}}\n`, sites)
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('and the sealed context always has one')
  })

  test('is none where an empty record stands for it', async () => {
    const sites = program(written, 'const { locale } = c.agentContext ?? {}\n  return String(locale)')
    const { before, after, result } = await runProgram(
      `${ids}  agentContext?: Record<string, unknown>\n}\n`,
      sites.replace('RequestContext, show', 'type RequestContext'),
    )
    expect(after).toEqual(before)
    expect(result.moved).toBe(1)
  })
})

test('a class with a static block stays: what it does would be lost', async () => {
  const block = "  static table = new Map<string, string>()\n  static { RequestContext.table.set('a', 'b') }\n"
  const { before, after } = await runProgram(classOf(block), program(made, "return RequestContext.table.get('a')"))
  expect(before).toBe('b')
  expect(after).toBe(before)
})
