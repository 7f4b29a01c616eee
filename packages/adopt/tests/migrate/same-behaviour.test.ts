import { describe, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const ids = 'export interface RequestContext {\n  userId: string\n  threadId: string\n  runId: string\n'
const show = '}\nexport const show = (c: RequestContext): string => [c.userId, c.threadId, c.runId].join()\n'
const head = "import { show, type RequestContext } from './context.js'\n"

describe('a context that is spread', () => {
  const optional = ids.replaceAll(/(threadId|runId)/g, '$1?')
  const more = '  tenantId?: string\n  sessionId?: string\n  permissions?: readonly string[]\n'
  const showAll = show.replace('c.runId]', 'c.runId, c.tenantId, c.sessionId, c.permissions]')
  const made =
    "const c: RequestContext = { userId, tenantId: 't', threadId: 'thread_1', runId: 'run_1', " +
    "permissions: ['read'], sessionId: 's' }"

  test('gives the tenant, the session and the permissions as well', async () => {
    const fork = "export const fork = (c: RequestContext): RequestContext => ({ ...c, threadId: 'fork_1' })\n"
    const handle = `export const handle = (userId: string): string => {\n  ${made}\n  return show(fork(c))\n}\n`
    const { before, after, result } = await runProgram(optional + more + showAll, head + fork + handle)
    expect(before).toBe('User_1,fork_1,run_1,t,s,read')
    expect(after).toEqual(before)
    expect(result.moved).toBe(2)
  })

  test.each([
    ['from outside', optional + showAll.replace(', c.tenantId, c.sessionId, c.permissions', ''), 'User_2'],
    ['with all that belongs to the first', optional + more + showAll, 'User_2'],
  ])('hands nothing of its user to another one %s: the site stays', async (_, context, other) => {
    const fork = `export const fork = (c: RequestContext, userId: string): RequestContext => ({ ...c, userId })\n`
    const own = context.includes('tenantId') ? made : made.replace(/tenantId: 't', |, permissions.*(?= })/g, '')
    const ask = `return show(fork(c, '${other}'))`
    const handle = `export const handle = (userId: string): string => {\n  ${own}\n  ${ask}\n}\n`
    const { before, result, reasons } = await runProgram(context, head + fork + handle)
    expect(before).toContain(other)
    expect(result.moved).toBe(1)
    expect(reasons.join()).toContain('another user takes the place of the one whose context is spread')
  })

  test('moves with the rights that it gives the other user itself', async () => {
    const fork =
      'export const fork = (c: RequestContext, userId: string): RequestContext =>\n' +
      "  ({ ...c, userId, tenantId: 't2', sessionId: 's2', permissions: ['write'] })\n"
    const ask = "return show(fork(c, 'User_2'))"
    const handle = `export const handle = (userId: string): string => {\n  ${made}\n  ${ask}\n}\n`
    const { before, after, result } = await runProgram(optional + more + showAll, head + fork + handle)
    expect(before).toBe('User_2,thread_1,run_1,t2,s2,write')
    expect(after).toEqual(before)
    expect(result.moved).toBe(2)
  })

  test.each([
    ['undefined', '(c: RequestContext): RequestContext => ({ ...c, runId: undefined })', 'is taken out of the context'],
    [
      'what may be undefined',
      '(c: RequestContext, runId?: string): RequestContext => ({ ...c, runId })',
      'may be absent behind the context',
    ],
    [
      'an optional member',
      '(c: RequestContext, a: { runId?: string } = {}): RequestContext => ({ ...c, ...a })',
      'may be absent behind the context',
    ],
    [
      'a field under a condition',
      '(c: RequestContext, a?: string): RequestContext => ({ ...c, ...(a && { runId: a }) })',
      'may be absent behind the context',
    ],
  ])('keeps its site where %s follows', async (_, arrow, reason) => {
    const handle = `export const handle = (userId: string): string => {\n  ${made}\n  return show(change(c))\n}\n`
    const text = `${head}export const change = ${arrow}\n${handle}`
    const { reasons } = await runProgram(optional + more + showAll, text)
    expect(reasons.join()).toContain(reason)
  })
})

describe('a dropped value', () => {
  const context = `${ids}  requestId: string\n${show}let current = 'request_1'
export const startRequest = (id: string): void => { current = id }
export const currentRequestId = (): string => current
`
  test('that a call without arguments hands in is reported', async () => {
    const text = `import { currentRequestId, show, startRequest, type RequestContext } from './context.js'
const open = (userId: string): RequestContext =>
  ({ userId, threadId: 'thread_1', runId: 'run_1', requestId: currentRequestId() })
export const handle = (userId: string): string => { startRequest('trace_42'); return show(open(userId)) }
`
    const { before, after, result } = await runProgram(context, text)
    expect(after).toEqual(before)
    expect(result.dropped.map(({ field }) => field)).toEqual(['requestId'])
  })

  test('whose maker keeps a list keeps its site, whatever the maker is called', async () => {
    const text = `${head}const issued: string[] = []
function uuid(): string {
  const id = \`request_\${issued.length}\`
  issued.push(id)
  return id
}
const open = (userId: string): RequestContext =>
  ({ userId, threadId: 'thread_1', runId: 'run_1', requestId: uuid() })
export const handle = (userId: string): string => show(open(userId)) + issued.length
`
    const { before, after, reasons } = await runProgram(context, text)
    expect(before).toBe('User_1,thread_1,run_11')
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('has effects')
  })
})

describe('a text that is no id', () => {
  test.each([
    '`support/${userId}`',
    "'nightly run'",
    "'nightly ' + userId",
    `'${'x'.repeat(129)}'`,
    "[userId].at(1) ?? 'nightly run'",
    "[userId].at(1) || 'nightly run'",
    "userId === '' ? 'nightly run' : 'thread_1'",
  ])('keeps its site: %s', async (value) => {
    const text =
      `${head}export const handle = (userId: string): string => ` +
      `show({ userId, threadId: ${value}, runId: 'run_1' })\n`
    const { before, after, reasons } = await runProgram(ids + show, text)
    expect(after).toEqual(before)
    expect(reasons).toEqual(['the field threadId is no id: the new context refuses its characters'])
  })
})

describe('an optional id', () => {
  const optional = ids.replace('threadId', 'threadId?').replace('runId', 'runId?') + '}\n'
  test.each([
    ['a condition', "(c: RequestContext): string => (c.threadId ? 'resume' : 'new')"],
    ['a name', "(c: RequestContext): string => { const { threadId } = c; return threadId === undefined ? 'new' : '' }"],
    ['a default', "(c: RequestContext): string => c.threadId ?? 'new'"],
  ])('that is absent keeps its site where %s tests it', async (_, begin) => {
    const { before, after, reasons } = await runProgram(
      `${optional}export const begin = ${begin}\n`,
      "import { begin } from './context.js'\nexport const handle = (userId: string): string => begin({ userId })\n",
    )
    expect(before).toBe('new')
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('no threadId may be given here, src/context.ts:')
  })
})

describe('a pattern that takes the rest', () => {
  test('is not read from the context: the rest would hold the field again', async () => {
    const context = `export interface Logger { info(text: string): void }\n${ids}  logger: Logger\n}\n`
    const text = `import type { Logger, RequestContext } from './context.js'
const logger: Logger = { info: () => {} }
export const open = (userId: string): RequestContext => ({ userId, threadId: 'thread_1', runId: 'run_1', logger })
const keys = (row: Record<string, unknown>): string => Object.keys(row).filter((key) => key !== 'context').join()
export const save = ({ userId, ...rest }: RequestContext): string => userId + ':' + keys(rest)
export const handle = (userId: string): string => save(open(userId))
`
    const { before, after, result } = await runProgram(context, text, { steps: ['makers', 'readers', 'fields'] })
    expect(before).toBe('User_1:threadId,runId,logger')
    expect(after).toEqual(before)
    expect(result.readsLeft.map(({ reason }) => reason).join()).toContain('the pattern takes the rest as well')
  })
})

describe('a value whose making is looked at', () => {
  const made = "  const c: RequestContext = { userId, threadId: 'thread_1', runId: 'run_1' }\n"
  const run = (more: string, lines: string): ReturnType<typeof runProgram> =>
    runProgram(ids + show, `${head}${more}export const handle = (userId: string): unknown => {\n${made}${lines}\n}\n`)

  test.each([
    ['Reflect.ownKeys', '', '  return Reflect.ownKeys(c)'],
    ['Object.hasOwn', '', "  return Object.hasOwn(c, 'userId')"],
    ['hasOwnProperty', '', "  return c.hasOwnProperty('userId')"],
    ['hasOwnProperty, by call', '', "  return Object.prototype.hasOwnProperty.call(c, 'userId')"],
    ['a descriptor', '', "  return Object.getOwnPropertyDescriptor(c, 'userId')?.value"],
    ['Object.create', '', '  return show(Object.create(c) as RequestContext)'],
    ['Object.isFrozen', '', '  return Object.isFrozen(c)'],
    ['a function of an object', 'const size = (x: object): number => Object.keys(x).length\n', '  return size(c)'],
    [
      'a loop over an object',
      'const size = (x: object): number => { let n = 0; for (const _ in x) n++; return n }\n',
      '  return size(c)',
    ],
    [
      'a narrowed value',
      "const size = (x: unknown): number => (typeof x === 'object' && x ? Object.values(x).length : 0)\n",
      '  return size(c)',
    ],
    [
      'a copy of a type parameter',
      'const copy = <T extends RequestContext>(x: T): T => ({ ...x })\n',
      '  return show(copy(c))',
    ],
    [
      'a list of parameters',
      'const text = (...all: unknown[]): string => all.map((one) => JSON.stringify(one)).join()\n',
      "  return text('at', c)",
    ],
  ])('keeps its site: %s', async (_name, more, lines) => {
    const { before, after } = await run(more, lines)
    expect(after).toEqual(before)
  })

  test.each([
    ['a list', "  ;[c.threadId] = ['thread_2']"],
    ['an object', "  ;({ a: c.threadId, b: { c: c.runId } } = { a: 'thread_2', b: { c: 'run_2' } })"],
    ['the head of a loop', "  for (c.threadId of ['thread_2', 'thread_3']);"],
  ])('keeps its site where the pattern of %s writes to it', async (_name, lines) => {
    const { before, after, reasons } = await run('', `${lines}\n  return show(c)`)
    expect(before).not.toContain('thread_1')
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('frozen')
  })

  test('moves where an attribute is read by a pattern', async () => {
    const { before, after, result } = await run(
      '',
      '  const all = { [c.threadId]: 1 }\n  const { thread_1: n } = all\n  return n',
    )
    expect(after).toEqual(before)
    expect(result.moved).toBe(1)
  })
})

describe('an empty tenant', () => {
  test('keeps its site: the new context refuses it', async () => {
    const context = `${ids}  tenantId?: string\n${show}`
    const text = `${head}export const handle = (userId: string): string =>
  show({ userId, threadId: 'thread_1', runId: 'run_1', tenantId: '' })\n`
    const { before, after, reasons } = await runProgram(context, text)
    expect(after).toEqual(before)
    expect(reasons.join()).toContain('tenantId is an empty text')
  })
})

describe('fields that are set right behind the statement that makes the value', () => {
  const handle = (lines: string, more = ''): string =>
    `${head}${more}export const handle = (userId: string): string => {\n${lines}}\n`
  const made = "  const c: RequestContext = { userId, threadId: 'thread_0', runId: 'run_0' }\n"

  test('are given when it is made', async () => {
    const text = handle(`${made}  c.threadId = 'thread_1'\n  c.runId = userId\n  c.runId = 'run_1'\n  return show(c)\n`)
    const { before, after, result, textOf } = await runProgram(ids + show, text)
    expect(before).toBe('User_1,thread_1,run_1')
    expect([after, result.moved]).toEqual([before, 1])
    expect(textOf('src/sites.ts')).toMatch(
      /parseThreadId\('thread_1'\), runId: parseRunId\('run_1'\) \}\)\n  return show/,
    )
  })

  test.each([
    ['one is behind another statement', `${made}  void show(c)\n  c.runId = 'run_1'\n  return show(c)\n`],
    ['one is computed', `${made}  c.runId = String(userId.length)\n  return show(c)\n`],
    ['one reads the value', `${made}  c.runId = c.threadId\n  return show(c)\n`],
    ['one is under a condition', `${made}  if (userId !== '') c.runId = 'run_1'\n  return show(c)\n`],
    ['one is set again later', `${made}  c.runId = 'run_1'\n  void show(c)\n  c.runId = 'run_2'\n  return show(c)\n`],
    ['another made the value', "  const c = open(userId)\n  c.runId = 'run_1'\n  return show(c)\n"],
    ['the value may be another', `${made.replace('= {', '= known ?? {')}  c.runId = 'run_1'\n  return show(c)\n`],
  ])('keep the site where %s', async (_, lines) => {
    const more =
      "const open = (userId: string): RequestContext => ({ userId, threadId: 'thread_1', runId: 'run_0' })\n" +
      'const known: RequestContext | undefined = [open].length > 1 ? open("") : undefined\n'
    const { before, after, textOf } = await runProgram(ids + show, handle(lines, more))
    expect(after).toEqual(before)
    expect(textOf('src/sites.ts')).not.toMatch(/const c: RequestContext = (?:known \?\? )?createForUser/)
  })

  test('keep the site whose class would have refused the first value', async () => {
    const context = `export class RequestContext {
  constructor(public userId: string, public threadId: string, public runId: string) {
    if (!threadId) throw new Error('no thread')
  }
}
export const show = (c: RequestContext): string => c.userId
`
    const make = "  const c = new RequestContext(userId, '', 'run_1')\n  c.threadId = 'thread_1'\n  return show(c)\n"
    const text = `${head.replace('type ', '')}export const handle = (userId: string): string => {\n${make}}\n`
    const { before, after } = await runProgram(context, text)
    expect(before).toContain('no thread')
    expect(after).toEqual(before)
  })
})
