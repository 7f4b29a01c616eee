import { describe, expect, test } from 'vitest'
import { classOf, made, program } from './class-program.ts'
import { runProgram } from './run-program.ts'

describe('a static member that lives on', () => {
  const isOne = '  static is(value: unknown): boolean { return value instanceof RequestContext }\n'
  test.each([
    ['checks for its class', isOne, 'return [RequestContext.is(c), RequestContext.is({})]'],
    ['asks by this', isOne.replace('of RequestContext', 'of this'), 'return RequestContext.is(c)'],
    [
      'asks in a field',
      '  static is = (value: unknown): boolean => value instanceof RequestContext\n',
      'return RequestContext.is(c)',
    ],
    [
      'calls another from a field',
      "  static tag(id: string): string { return 'x' + id }\n" +
        '  static of = (id: string): string => RequestContext.tag(id)\n',
      'return RequestContext.of(userId)',
    ],
  ])('does what it did, and the site moves: it %s', async (_name, member, lines) => {
    const { before, after, result } = await runProgram(classOf(member), program(made, lines))
    expect([after, result.moved]).toEqual([before, 1])
    expect(result.definitionsLeft).toEqual([])
  })

  test('checks for its class where one of it stays', async () => {
    const lines = "return [c, new RequestContext('', 't', 'r'), {}].map((one) => RequestContext.is(one))"
    const { before, after, result } = await runProgram(classOf(isOne), program(made, lines))
    expect(before).toEqual([true, true, false])
    expect([after, result.moved]).toEqual([before, 1])
  })

  test.each([
    ['names it', '  static label(): string { return RequestContext.name }\n', 'return RequestContext.label()'],
    ['asks what it is', '  static kind(): string { return typeof RequestContext }\n', 'return RequestContext.kind()'],
    ['gives it', '  static own(): unknown { return this }\n', 'return RequestContext.own() === RequestContext'],
    [
      'reads it by a key',
      '  static a = 1\n  static of(k: "a"): number { return this[k] }\n',
      "return RequestContext.of('a')",
    ],
    ['begins with this', '  static a = 1\n  static b = this.a + 1\n', 'return RequestContext.b'],
    ['begins with its name', '  static a = 1\n  static b = RequestContext.a + 1\n', 'return RequestContext.b'],
    [
      'is overloaded',
      '  static of(a: string): string\n  static of(a: number): number\n  static of(a: any): any { return a }\n',
      "return [RequestContext.of('a'), RequestContext.of(1)]",
    ],
  ])('keeps its class where it %s', async (_name, member, lines) => {
    const { before, after, result } = await runProgram(classOf(member), program(made, lines))
    expect(after).toEqual(before)
    expect(result.definitionsLeft.length).toBe(1)
  })
})
