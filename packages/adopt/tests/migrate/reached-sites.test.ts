import { describe, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const context =
  'export interface RequestContext {\n  userId: string\n  threadId: string\n  runId: string\n}\n' +
  'export const show = (c: RequestContext): string => c.userId + c.threadId + c.runId\n'
const head = "import { show, type RequestContext } from './context.js'\n"
const made = "const c: RequestContext = { userId, threadId: 'thread_1', runId: 'run_1' }"

describe('a site whose value reaches a write elsewhere', () => {
  test.each([
    [
      'through a parameter of another type',
      `const stamp = (c: { threadId: string }): void => { c.threadId = 'stamped' }
export const handle = (userId: string): string => {\n  ${made}\n  stamp(c)\n  return show(c)\n}\n`,
    ],
    [
      'through two functions',
      `function stamp(c: RequestContext): void { c.threadId = 'stamped' }
function pass(c: RequestContext): RequestContext { stamp(c); return c }
export const handle = (userId: string): string => {\n  ${made}\n  return show(pass(c))\n}\n`,
    ],
    [
      'through another name',
      `export const handle = (userId: string): string => {
  ${made}\n  const same: { runId: string } = c\n  same.runId = 'run_2'\n  return show(c)\n}\n`,
    ],
    [
      'from a function that makes it',
      `const open = (userId: string): RequestContext => ({ userId, threadId: 'thread_1', runId: 'run_1' })
export const handle = (userId: string): string => {
  const c: { userId: string; threadId: string; runId: string } = open(userId)
  Object.assign(c, { runId: 'run_2' })\n  return show(c)\n}\n`,
    ],
  ])('stays, with the place: %s', async (_, text) => {
    const { before, after, result, reasons } = await runProgram(context, head + text)
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons.join()).toContain('a field of it is written to at src/sites.ts:')
  })

  test.each(["c['runId'] = 'x'", 'delete c.runId', 'delete c[key]', "c[key] = 'x'", "c[`runId`] += 'x'"])(
    'stays, however the field is named: %s',
    async (write) => {
      const text = `type Loose = { [name: string]: string; runId?: any }
const key: string = 'runId'
function stamp(c: Loose): void { ${write}; void key }
export const handle = (userId: string): string => {\n  ${made}\n  stamp(c as unknown as Loose)\n  return show(c)\n}\n`
      const { before, after, result, reasons } = await runProgram(context, head + text)
      expect(after).toEqual(before)
      expect(result.moved).toBe(0)
      expect(reasons.join()).toContain('a field of it is written to at src/sites.ts:')
    },
  )
})

describe('a site whose value is written as JSON', () => {
  test.each([
    [
      'a member',
      `export const handle = (userId: string): string => {
  ${made}\n  return JSON.stringify({ job: 'x', context: c })\n}\n`,
    ],
    [
      'a shorthand member',
      `export const handle = (userId: string): string => {
  ${made}\n  return JSON.stringify({ job: 'x', c })\n}\n`,
    ],
    [
      'a shorthand member that is a parameter',
      `const keyOf = (context: RequestContext): string => JSON.stringify({ context })
export const handle = (userId: string): string => {\n  ${made}\n  return keyOf(c)\n}\n`,
    ],
    [
      'a parameter',
      `const keyOf = (c: RequestContext): string => JSON.stringify(c)
const open = (userId: string): RequestContext => ({ userId, threadId: 'thread_1', runId: 'run_1' })
export const handle = (userId: string): string => keyOf(open(userId))\n`,
    ],
  ])('stays, with the place: %s', async (_, text) => {
    const { before, after, result, reasons } = await runProgram(context, head + text)
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons.join()).toContain('it is written as JSON at src/sites.ts:')
  })
})
