import { describe, expect, test } from 'vitest'
import { typedProgram, typeOf, written } from './class-program.ts'
import { runProgram } from './run-program.ts'

describe('a test of a field of another type', () => {
  const context = (more: string): string =>
    `${typeOf('  operation?: string\n')}export interface JobContext extends Ids { operation?: string${more} }
interface Ids { userId: string; threadId: string; runId: string }
export const nameOf = (job: JobContext): string => job.operation ?? 'none'\n`
  const run = (more: string, lines: string): ReturnType<typeof runProgram> =>
    runProgram(context(more), typedProgram(lines, "import { nameOf, type JobContext } from './context.js'\n"))

  test('says nothing of a value that is none', async () => {
    const { before, after, result } = await run('; job: string', 'return [c.userId, typeof nameOf] as JobContext[][]')
    expect([after, result.moved]).toEqual([before, 1])
  })

  test.each([
    ['fits where it is expected', '', 'return nameOf(c)'],
    ['is handed to it as anything', '; job: string', 'const any: any = c\n  return nameOf(any)'],
    ['is asserted to be one', '; job: string', 'return nameOf(c as unknown as JobContext)'],
  ])('keeps the site whose value %s', async (_name, more, lines) => {
    const { before, after, result } = await run(more, lines)
    expect(before).toBe('none')
    expect([after, result.moved]).toEqual([before, 0])
  })
})

describe('a question that an empty list answers as an absent one does', () => {
  const run = (lines: string): ReturnType<typeof runProgram> =>
    runProgram(typeOf('  permissions?: readonly string[]\n'), typedProgram(lines))
  const has = "c.permissions?.includes('read')"

  test.each([
    `return ${has} ? 'may' : 'no'`,
    `if (!${has}) return 'no'\n  return 'may'`,
    `return ${has} ?? false`,
    `return ${has} === true`,
    `return ${has} || 'other'`,
    `const may = ${has}\n  return may ? 'may' : 'no'`,
    `return [c].filter((one) => one.permissions?.includes('read')).length`,
    `return c.permissions && c.permissions.includes('read') ? 'may' : 'no'`,
    `const { permissions } = c\n  return permissions?.some((one) => one === 'read') ? 'may' : 'no'`,
    `return c.permissions?.filter((one) => one).length! > 0`,
    `return c.permissions?.find((one) => one === 'read')`,
    `return c.permissions?.join() || 'none'`,
  ])('lets the site move: %s', async (lines) => {
    const { before, after, result } = await run(lines)
    expect([after, result.moved]).toEqual([before, 1])
  })

  test.each([
    `return ${has}`,
    `return ${has} ?? true`,
    `return ${has} === undefined`,
    `return String(${has})`,
    `const may = ${has}\n  return { may }`,
    `switch (${has}) { case undefined: return 1; default: return 2 }`,
    `switch (undefined) { case ${has}: return 1; default: return 2 }`,
    `return c.permissions && c.permissions.includes('read')`,
    `return c.permissions?.length`,
    `return c.permissions?.length === 0`,
    `return c.permissions?.every((one) => one === 'read') ? 'may' : 'no'`,
    `return c.permissions?.indexOf('read') ? 'may' : 'no'`,
    `return c.permissions ? 'some' : 'none'`,
  ])('keeps it where one can be told from the other: %s', async (lines) => {
    const { before, after, result, reasons } = await run(lines)
    expect([after, result.moved]).toEqual([before, 0])
    expect(reasons.join()).toContain('and the sealed context always has one')
  })
})

describe('a record that is absent', () => {
  test.each([
    ['of which a member of a member is read', 'return c.metadata?.a.b', 0],
    ['of which each member may be absent', 'return c.metadata?.a?.b', 1],
  ])('%s', async (_name, lines, moved) => {
    const { before, after, result } = await runProgram(
      typeOf('  metadata?: Record<string, any>\n'),
      typedProgram(lines),
    )
    expect(before).toBe(undefined)
    expect([after, result.moved]).toEqual([before, moved])
  })
})

describe('an id that is absent', () => {
  test.each([
    ['a switch', "switch (c.threadId) { case undefined: return 'none'; default: return 'one' }", ''],
    ['a function that it is handed to', 'return of(c.threadId)', "const of = (id?: string) => id ?? 'none'\n"],
    ['a default of such a one', 'return of(c.threadId)', "const of = (id = 'none') => id\n"],
  ])('keeps the site where %s tests it', async (_name, lines, more) => {
    const { before, after, result } = await runProgram(
      typeOf('').replace('threadId', 'threadId?'),
      typedProgram(lines, more, written.replace("threadId: 'thread_1', ", '')),
    )
    expect(before).toBe('none')
    expect([after, result.moved]).toEqual([before, 0])
  })
})
