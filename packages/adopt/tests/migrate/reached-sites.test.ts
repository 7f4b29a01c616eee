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

const listed = `const c: RequestContext = { userId, threadId: 'thread_1', runId: 'run_1' }`
const open = `const open = (userId: string): RequestContext => ({ userId, threadId: 'thread_1', runId: 'run_1' })\n`

describe('a site whose value reaches a write behind what holds it', () => {
  test.each([
    ['a list', `const list = [open(userId)]\n  list[0]!.runId = 'x'\n  return show(list[0]!)`],
    [
      'a list that is filled',
      `const list: RequestContext[] = []\n  list.push(open(userId))
  list[0]!.runId = 'x'\n  return show(list[0]!)`,
    ],
    ['a loop', `const list = [open(userId)]\n  for (const c of list) c.runId = 'x'\n  return show(list[0]!)`],
    ['a callback', `const list = [open(userId)]\n  list.forEach((c) => { c.runId = 'x' })\n  return show(list[0]!)`],
    ['a function as a callback', `const list = [open(userId)]\n  list.forEach(stamp)\n  return show(list[0]!)`],
    [
      'a callback behind others',
      `const list = [open(userId)].filter((c) => c.runId !== '')
  list.map((c) => c).forEach((c) => { c.runId = 'x' })\n  return show(list[0]!)`,
    ],
    [
      'Object.assign',
      `const list = [open(userId)]\n  Object.assign(list[0]!, { runId: 'x' })\n  return show(list[0]!)`,
    ],
    ['Reflect.set', `const list = [open(userId)]\n  Reflect.set(list[0]!, 'runId', 'x')\n  return show(list[0]!)`],
    ['a call that makes it', `return show(Object.assign(open(userId), { runId: 'x' }))`],
    ['a callback of the tree', `const c = open(userId)\n  apply(c, (one) => { one.runId = 'x' })\n  return show(c)`],
    [
      'a map',
      `const map = new Map<string, RequestContext>()\n  map.set('a', open(userId))
  map.get('a')!.runId = 'x'\n  return show(map.get('a')!)`,
    ],
    [
      'the values of a map',
      `const map = new Map([['a', open(userId)]])
  for (const c of map.values()) c.runId = 'x'\n  return show(map.get('a')!)`,
    ],
    ['a member', `const holder = { c: open(userId) }\n  holder.c.runId = 'x'\n  return show(holder.c)`],
    [
      'a member that is set',
      `const holder: { c?: RequestContext } = {}\n  holder.c = open(userId)
  holder.c.runId = 'x'\n  return show(holder.c)`,
    ],
    ['a pattern', `const { c } = { c: open(userId) }\n  c.runId = 'x'\n  return show(c)`],
    ['a pattern of a list', `const [c] = [open(userId)]\n  c!.runId = 'x'\n  return show(c!)`],
    ['a member of a class', `const desk = new Desk(open(userId))\n  desk.stamp()\n  return show(desk.c)`],
    ['a name in a pattern of a parameter', `const c = open(userId)\n  stampIn({ c })\n  return show(c)`],
    [
      'Object.values',
      `const by = { a: open(userId) }\n  for (const c of Object.values(by)) c.runId = 'x'\n  return show(by.a)`,
    ],
  ])('stays, with the place: %s', async (_, body) => {
    const text = `class Desk {\n  constructor(readonly c: RequestContext) {}\n  stamp(): void { this.c.runId = 'x' }\n}
function stamp(c: RequestContext): void { c.runId = 'x' }
const stampIn = ({ c }: { c: RequestContext }): void => { c.runId = 'x' }
const apply = (c: RequestContext, change: (one: RequestContext) => void): void => change(c)
void [Desk, stamp, stampIn, apply]
${open}export const handle = (userId: string): string => {\n  ${body}\n}\n`
    const { before, after, result, reasons } = await runProgram(context, head + text)
    expect(before).toBe('User_1thread_1x')
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons.join()).toContain('a field of it is written to at src/sites.ts:')
  })

  test('does not keep another site: a list of something else is written to', async () => {
    const text = `${open}const rows = [{ runId: '' }]\nrows.forEach((row) => { row.runId = 'x' })
export const handle = (userId: string): string => show(open(userId))\n`
    const { before, after, result } = await runProgram(context, head + text)
    expect([after, result.moved]).toEqual([before, 1])
  })
})

describe('a site whose value is taken apart or handed out', () => {
  const outside = `declare module 'web' {
  export const send: (body: unknown) => string\n  export const reply: { json(body: any): string }
  export const app: { get(path: string, run: () => unknown): string }\n}\n`
  test.each([
    ['a variable that holds it, as JSON', `const body = { data: { c } }\n  return JSON.stringify(body)`],
    ['a list that holds it, as JSON', `const list = [c]\n  return JSON.stringify(list)`],
    ['Object.keys', `return Object.keys(c).join()`],
    ['Object.entries', `return Object.entries(c).join()`],
    ['a copy', `const row: Record<string, unknown> = { ...c }\n  return String(row['userId'])`],
    ['Object.assign', `return String((Object.assign({}, c) as { userId: string }).userId)`],
    ['for in', `const names = []\n  for (const name in c) names.push(name)\n  return names.join()`],
    ['the rest of a pattern', `const { userId: _, ...rest } = c\n  return JSON.stringify(rest)`],
    ['the rest of a parameter', `return rest(c)`],
    ['Object.assign to a name', `const row = { userId: '' }\n  Object.assign(row, c)\n  return row.userId`],
    ['structuredClone', `return structuredClone(c).userId`],
  ])('stays, with the place: %s', async (_, body) => {
    const text = `declare const structuredClone: <T>(value: T) => T
const rest = ({ userId: _, ...others }: RequestContext): string => String('permissions' in others)
void rest
export const handle = (userId: string): string => {\n  ${listed}\n  ${body}\n}\nvoid show\n`
    const { before, after, result, reasons } = await runProgram(context, head + text)
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons.join()).toMatch(/ at src\/sites\.ts:\d+, and (?:the|what)/)
  })

  test.each([
    'app.get(userId, () => c)',
    'app.get(userId, async () => { return { c } })',
    'reply.json(c)',
    'reply.json({ data: c })',
    'send({ c })',
    'wrap({ c })',
  ])('stays where code of others may print it: %s', async (call) => {
    const text = `import { app, reply, send } from 'web'
const wrap = (body: object): string => send(body)
export const handle = (userId: string): string => {\n  ${listed}\n  return ${call}\n}
void [show, wrap, send, reply, app]\n`
    const files = { 'src/web.d.ts': outside }
    const { result, reasons } = await runProgram(context, head + text, { files })
    expect(result.moved).toBe(0)
    expect(reasons.join()).toContain('is handed to')
  })

  test('moves where a field of it is handed out', async () => {
    const text = `import { reply, send } from 'web'
export const handle = (userId: string): string => {\n  ${listed}
  void [send, reply]\n  return userId === '' ? reply.json({ id: c.userId }) : show(c) + \`\${c.userId}\`\n}\n`
    const { result } = await runProgram(context, head + text, { files: { 'src/web.d.ts': outside } })
    expect(result.moved).toBe(1)
  })
})

test('a site stays where the callback of a promise writes to its value', async () => {
  const text = `const open = async (userId: string): Promise<RequestContext> =>
  ({ userId, threadId: 'thread_1', runId: 'run_1' })
export const handle = (userId: string): void => void open(userId).then((c) => { c.runId = 'x' })\nvoid show\n`
  const { result, reasons } = await runProgram(context, head + text)
  expect(result.moved).toBe(0)
  expect(reasons.join()).toContain('a field of it is written to at src/sites.ts:')
})
