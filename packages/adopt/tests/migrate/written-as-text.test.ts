import { describe, expect, test } from 'vitest'
import { classOf, program, written } from './class-program.ts'
import { runProgram } from './run-program.ts'

describe('a value that the language writes as text', () => {
  test.each([
    ['text += value', "let text = 'c: '\n  text += c\n  return text"],
    ['map(String)', 'return [c].map(String)'],
    ['map(String) of a name', 'const all = [c]\n  return all.map(String).join()'],
    ['Array.from(…, String)', 'return Array.from([c], String)'],
    ['map(JSON.stringify)', 'const all = [c]\n  return all.map((one) => one).map(JSON.stringify as () => string)'],
    ['a list in String()', "return 'a'.concat(String([c]))"],
    ['a list in a sum', "return [c] + ''"],
    ['a list in a template', 'return `${[c]}`'],
    ['toString() of a list', 'const all = [c]\n  return all.toString()'],
    ['a key that is read', "return { '[object Object]': 7 }[c as unknown as '[object Object]']"],
    ['a key that is written', 'return Object.keys({ [c as unknown as string]: 1 })'],
    ['a loose comparison', "return (c as unknown) == '[object Object]'"],
    ['encodeURIComponent()', 'return encodeURIComponent(c as unknown as string)'],
    ['the text of an error', 'return new Error(c as unknown as string).message'],
  ])('stays: %s', async (_name, lines) => {
    const { before, after, reasons } = await runProgram(classOf(''), program(written, lines))
    expect(String(before)).toMatch(/object(?: |%20)Object|7|true|userId/)
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('it is written as text at src/sites.ts:')
  })

  test('moves beside texts of others', async () => {
    const lines = "let text = ''\n  text += userId\n  return [text, 1].map(String).join() + `${show(c)}`"
    const { before, after, result } = await runProgram(classOf(''), program(written, lines))
    expect(before).toBe('User_1,1User_1,thread_1,run_1')
    expect([after, result.moved]).toEqual([before, 1])
  })
})
