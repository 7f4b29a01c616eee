import { describe, expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const call = "new RequestContext({ userId, threadId: 'thread_1', runId: 'run_1' })"
const site = (made = call): string =>
  `import { RequestContext, show } from './context.js'\n` +
  `export const handle = (userId: string): string => show(${made})\n`
const classOf = (body: string, more = ''): string =>
  `${more}export class RequestContext {\n  readonly userId: string\n  readonly threadId: string\n` +
  `  readonly runId: string\n${body}\n}\n` +
  `export const show = (c: RequestContext): string => [c.userId, c.threadId, c.runId].join()\n`
const bag = 'constructor(fields: { userId: string; threadId: string; runId: string })'
const positional = "new RequestContext(userId, 'thread_1', 'run_1')"
const kept = 'this.userId = userId; this.threadId = threadId; this.runId = runId'
const three = `constructor(userId: string, threadId: string, runId: string) { ${kept};`
const keeps = 'this.userId = fields.userId; this.threadId = fields.threadId; this.runId = fields.runId'

describe('a new of a class whose constructor does more than keep its arguments', () => {
  test.each([
    ['refuses a user', `${bag} { if (fields.userId.startsWith('User')) throw new Error('no'); ${keeps} }`],
    ['refuses one of a list', `${bag} { if (['root', 'User_1'].includes(fields.userId)) throw new Error(); ${keeps} }`],
    ['asks a function', `${bag} { check(fields.userId); ${keeps} }`, 'const check = (_: string): void => {}\n'],
    ['changes a value', `${bag} { ${keeps.replace('fields.userId', 'fields.userId.toLowerCase()')} }`],
    [
      'takes what a call gives',
      `${three} Object.assign(this, more()) }`,
      "const more = (): object => ({ runId: 'run_2' })\n",
      positional,
    ],
    [
      'refuses by what a call gives',
      `${three} if (more().requestId === 'x') throw new Error('no') }`,
      "const more = (): { requestId: string } => ({ requestId: 'x' })\n",
      positional,
    ],
    ['counts', `static made = 0; ${bag} { ${keeps}; RequestContext.made++ }`],
    [
      'checks by a function that changes its value',
      `${bag} { ${keeps.replace('fields.userId', 'checked(fields.userId)')} }`,
      "function checked(id: string): string {\n  if (id === '') throw new Error()\n  return id.toLowerCase()\n}\n",
    ],
    [
      'checks by a function that refuses a user',
      `${bag} { ${keeps.replace('fields.userId', 'checked(fields.userId)')} }`,
      "function checked(id: string): string {\n  if (id === 'User_1') throw new Error()\n  return id\n}\n",
    ],
    [
      'registers itself where a field begins',
      `private nr = made.push(this.constructor.name); ${bag} { ${keeps} }`,
      'export const made: string[] = []\n',
    ],
  ])('stays, with the reason: %s', async (_, body, more?: string, made?: string) => {
    const { before, after, result, reasons } = await runProgram(classOf(body, more), site(made))
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons.join()).toContain('the constructor does more than keep its arguments (at src/context.ts:')
  })

  test('stays where a class that it extends does more', async () => {
    const more =
      "class Base {\n  constructor() {\n    if (closed) throw new Error('closed')\n  }\n}\nexport let closed = true\n"
    const text = classOf(`${bag} { super(); ${keeps} }`, more).replace('class RequestContext', '$& extends Base')
    const { before, after, result } = await runProgram(text, site())
    expect([before, result.moved]).toEqual(['Error: closed', 0])
    expect(after).toEqual(before)
  })

  test('moves where it copies a record that has no place', async () => {
    const body =
      'readonly blob: object\n' +
      three.replace('runId: string', 'runId: string, blob?: object').replace(';', '; this.blob = { ...blob, v: 1 };')
    const { before, after, result } = await runProgram(classOf(`${body} }`), site(positional))
    expect([after, result.moved]).toEqual([before, 1])
  })

  test('moves where it only checks that ids are there and known, as the factory does', async () => {
    const more =
      "const known = ['userId', 'threadId', 'runId']\n" +
      "const unset = new Set(['placeholder', 'default', 'test_user'])\n" +
      'function checked(id: string | undefined): string {\n' +
      "  if (id === undefined || id.trim() === '') throw new Error('missing')\n" +
      "  if (unset.has(id.toLowerCase())) throw new Error('placeholder')\n  return id\n}\n"
    const body =
      `${bag} { for (const name of Object.keys(fields)) if (!known.includes(name)) throw new TypeError(name); ` +
      "if (!fields.runId) throw new Error('no run'); " +
      `${keeps.replace('fields.userId', 'checked(fields.userId)')}; Object.freeze(this) }`
    const { before, after, result } = await runProgram(classOf(body, more), site())
    expect(after).toEqual(before)
    expect(result.moved).toBe(1)
  })
})

describe('a default of a constructor', () => {
  const defaulted = (permissions: string, tenantId: string): string =>
    `export class RequestContext {\n  constructor(\n    readonly userId: string,\n    readonly threadId: string,\n` +
    `    readonly runId: string,\n    readonly permissions: readonly string[] = ${permissions},\n` +
    `    readonly tenantId: string | undefined = ${tenantId},\n  ) {}\n}\n` +
    'export const show = (c: RequestContext): string => [c.userId, c.permissions, c.tenantId].join()\n'
  const short = site("new RequestContext(userId, 'thread_1', 'run_1')")

  test('is written at the site that leaves it to the class', async () => {
    const { before, after, result, textOf } = await runProgram(defaulted("['read']", "'acme'"), short)
    expect(before).toBe('User_1,read,acme')
    expect(after).toEqual(before)
    expect(result.moved).toBe(1)
    expect(textOf('src/sites.ts')).toContain("permissions: ['read'], tenantId: 'acme'")
  })

  test('that is no id of the new context keeps the site', async () => {
    const text = defaulted("['read']", "'acme'").replace('runId: string', "runId: string = 'nightly run'")
    const sites = site("new RequestContext(userId, 'thread_1')")
    const { before, after, result, reasons } = await runProgram(text, sites)
    expect(before).toBe('User_1,read,acme')
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons[0]).toContain('the field runId is no id: the new context refuses its characters')
  })

  test.each(["...(all && { tenantId: 'globex' })", "...(!all && { tenantId: 'globex' })"])(
    'keeps a site that gives the field at times: %s',
    async (part) => {
      const text =
        'export class RequestContext {\n  readonly userId: string\n  readonly tenantId: string\n' +
        "  constructor({ userId, tenantId = 'acme' }: { userId: string; tenantId?: string }) " +
        '{ this.userId = userId; this.tenantId = tenantId }\n}\n' +
        'export const show = (c: RequestContext): string => [c.userId, c.tenantId].join()\n'
      const made = `new RequestContext({ userId, ${part} })`
      const { before, after, result } = await runProgram(text, `const all = [1].length > 0\n${site(made)}`)
      expect([result.moved, after]).toEqual([0, before])
    },
  )

  test('that is computed keeps the site', async () => {
    const more = "let tenant = 'acme'\n"
    const { before, after, result } = await runProgram(more + defaulted("['read']", 'tenant'), short)
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
  })

  test('keeps a site whose value may be absent', async () => {
    const maybe = site("new RequestContext(userId, 'thread_1', 'run_1', ['all'], [userId].find((one) => one === ''))")
    const { before, after, result, reasons } = await runProgram(defaulted("['read']", "'acme'"), maybe)
    expect(before).toBe('User_1,all,acme')
    expect(after).toEqual(before)
    expect(result.moved).toBe(0)
    expect(reasons[0]).toContain('the field tenantId may be absent, and the class has a default for it')
  })
})
