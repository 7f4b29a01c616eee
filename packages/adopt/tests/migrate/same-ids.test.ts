// What a class does about ids that are missing, empty or placeholders holds after the move.
import { describe, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const show = 'export const show = (c: RequestContext): string => [c.userId, c.threadId, c.runId].join()\n'
const classOf = (body: string, more = ''): string =>
  `${more}export class RequestContext {\n  readonly userId: string\n  readonly threadId?: string\n` +
  `  readonly runId?: string\n${body}\n}\n${show}`
const positional = (threadId: string): string =>
  `constructor(userId: string, threadId: string${threadId.includes('?') ? ' | undefined' : ''}, runId: string) {\n` +
  `    this.userId = userId; this.threadId = ${threadId.replace('?', '')}; this.runId = runId\n  }`
const head = "import { RequestContext, show } from './context.js'\n"
const literal = `export interface RequestContext { userId: string; threadId: string; runId: string }\n${show}`

describe('a value that falls back on a placeholder', () => {
  test.each([
    ["userId: ids.get(userId) ?? ''", 'no user is given: the value is a placeholder'],
    ["userId: ids.get(userId) || 'default'", 'no user is given: the value is a placeholder'],
    ["userId: ids.has(userId) ? userId : ''", 'no user is given: the value is a placeholder'],
    ["userId, threadId: ids.get(userId) ?? ''", 'the field threadId is a placeholder'],
  ])('keeps its site: %s', async (value, reason) => {
    const made = value.includes('threadId') ? value : `${value}, threadId: 'thread_1'`
    const text =
      "import { show, type RequestContext } from './context.js'\nconst ids = new Map<string, string>()\n" +
      `export const handle = (userId: string): string => {\n  const c: RequestContext = { ${made}, runId: 'run_1' }\n` +
      '  return show(c)\n}\n'
    const { before, after, result, reasons } = await runProgram(literal, text)
    expect(after).toEqual(before)
    expect([result.moved, reasons]).toEqual([0, [reason]])
  })
})

describe('a class that makes an id where the text given is empty', () => {
  const text = (threadId: string): string =>
    `${head}const open = (userId: string, threadId: string): RequestContext =>\n` +
    `  new RequestContext(userId, ${threadId}, 'run_1')\n` +
    "export const handle = (userId: string): boolean => show(open(userId, '')).length > 20\n"

  test('moves, and the text is tested as the class tested it', async () => {
    const context = classOf(positional("threadId || ['thread', Math.random(), 'of', userId.length].join('_')"))
    const made = classOf(positional('threadId || String(Math.random())'))
    expect((await runProgram(context, text('threadId'))).result.moved).toBe(0)
    const { before, after, result, textOf } = await runProgram(made, text('threadId'))
    expect([before, after, result.moved]).toEqual([true, true, 1])
    expect(textOf('src/sites.ts')).toContain('threadId: threadId ? parseThreadId(threadId) : undefined')
  })

  test('stays where the class gives a text of its own', async () => {
    const { before, after, result, reasons } = await runProgram(
      classOf(positional("threadId || 'thread_of_the_class'")),
      text('threadId'),
    )
    expect([before, after, result.moved]).toEqual([true, true, 0])
    expect(reasons.join()).toContain('the field threadId may be empty, and the class has a default for it')
  })
})

describe('an id that the class demands', () => {
  const demanding = classOf(
    'constructor(userId: string, threadId?: string, runId?: string) {\n' +
      "    if (!threadId) throw new Error('no thread')\n    if (runId === undefined) throw new Error('no run')\n" +
      '    this.userId = userId; this.threadId = threadId; this.runId = runId\n  }',
  )
  const call = (made: string): string =>
    `${head}const open = (userId: string, runId?: string): RequestContext => ${made}\n` +
    'export const handle = (userId: string): string => show(open(userId))\n'

  test('and that is not given keeps the site', async () => {
    const { before, after, result, reasons } = await runProgram(
      demanding,
      call("new RequestContext(userId, undefined, 'run_1')"),
    )
    expect([before, after, result.moved]).toEqual(['Error: no thread', 'Error: no thread', 0])
    expect(reasons.join()).toContain('no threadId is given, and the class refuses that (at src/context.ts:')
  })

  test('is still demanded where it may be absent', async () => {
    const { before, after, result } = await runProgram(demanding, call("new RequestContext(userId, 'thread_1', runId)"))
    expect([before, result.moved]).toEqual(['Error: no run', 1])
    expect(after).toContain('An id is not usable (runId: missing)')
  })

  test('by a function, and that is not given, keeps the site', async () => {
    const more = "function needed(id?: string): string {\n  if (!id) throw new Error('no id')\n  return id\n}\n"
    const context = classOf(positional('needed(threadId?)'), more)
    const { before, after, result } = await runProgram(context, call("new RequestContext(userId, undefined, 'run_1')"))
    expect([before, after, result.moved]).toEqual(['Error: no id', 'Error: no id', 0])
  })
})

describe('ids that the class refuses and the factory takes', () => {
  const open = (id: string): string =>
    `${head}const open = (userId: string): RequestContext => new RequestContext(userId, 'thread_1', 'run_1')\n` +
    `export const handle = (userId: string): string => show(open(${id}))\n`

  test.each([
    ['a prefix', "if (['test_'].some((one) => userId.startsWith(one))) throw new Error('no')", "'test_42'"],
    ['one repeated character', "if (userId === 'xx') throw new Error('no')", "'xx'"],
    ['a word that begins so', "if (userId === 'mock_user') throw new Error('no')", "'mock_user'"],
  ])('keep the site where the constructor itself refuses %s', async (_, check, id) => {
    const context = classOf(positional('threadId').replace('this.userId', `${check}; this.userId`))
    const { before, after, result } = await runProgram(context, open(id))
    expect([before, after, result.moved]).toEqual(['Error: no', 'Error: no', 0])
  })

  test.each(['', 'export '])('are refused as before where a function of the tree refuses them: %s', async (word) => {
    const more =
      "const prefixes = ['test_']\n" +
      `${word}function checked(id: string): string {\n` +
      "  if (prefixes.some((one) => id.startsWith(one))) throw new Error('no')\n  return id\n}\n"
    const context = classOf(positional('checked(threadId)').replace('= userId', '= checked(userId)'), more)
    const refused = await runProgram(context, open("'test_42'"))
    expect([refused.before, refused.after, refused.result.moved]).toEqual(['Error: no', 'Error: no', 1])
    expect(refused.textOf('src/sites.ts')).toContain("vouchForUser(checked(userId), { reason: 'migrated")
    expect(refused.textOf('src/sites.ts')).toContain("threadId: parseThreadId('thread_1')")
    expect(refused.textOf('src/context.ts')).toContain('export function checked(id: string)')
    const taken = await runProgram(context, open('userId'))
    expect([taken.before, taken.after]).toEqual(['User_1,thread_1,run_1', 'User_1,thread_1,run_1'])
  })
})
