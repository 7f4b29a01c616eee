import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { MigrateResult } from '../../src/migrate/migrate-options.ts'
import { openCase, readSources } from './migrate-case.ts'
import type { OpenCase } from './migrate-case.ts'

let open: OpenCase | undefined
afterEach(() => open?.remove())

const fields = `  userId: string;
  threadId: string;
  constructor(userId: string, threadId: string) {
    this.userId = userId;
    this.threadId = threadId;
  }
`
const plain = `export class UserExecutionContext {\n${fields}}\n`
const sites = `import { UserExecutionContext } from './context.js';
export const read = (context: UserExecutionContext): string => context.userId;
export const made = (userId: string): string => read(new UserExecutionContext(userId, 'thread_1'));
`
const leftCall = "export const left = (): string => read(new UserExecutionContext('', 'thread_1'));\n"
const leftLiteral = "export const left = (): string => read({ userId: '', threadId: 'thread_1' });\n"
const moved = "read(createForUser(vouchForUser(userId, { reason: 'migrated from src/sites.ts:3' })"

async function run(
  context: string,
  text: string,
): Promise<{ readonly result: MigrateResult; readonly context: string; readonly sites: string }> {
  open = openCase('construction-stays')
  rmSync(join(open.root, 'src', 'context.ts'))
  writeFileSync(join(open.root, 'src', 'context.ts'), context)
  writeFileSync(join(open.root, 'src', 'sites.ts'), text)
  const scan = { root: open.root, types: ['UserExecutionContext'] }
  const result = await open.run({ write: true, scan })
  expect([result.unsettled, result.diagnosticsBefore, result.diagnosticsAfter]).toEqual([[], 0, 0])
  const texts = readSources(open.root)
  return { result, context: texts['src/context.ts']!, sites: texts['src/sites.ts']! }
}

describe('a class that is still made by what is left', () => {
  test.each([
    ['a constructor call', leftCall, "read(new UserExecutionContext('', 'thread_1'))"],
    ['a literal', leftLiteral, "read({ userId: '', threadId: 'thread_1' })"],
  ])('stays as it is for %s, and what fits it moves', async (_, left, kept) => {
    const { result, context, sites: after } = await run(plain, sites + left)
    expect(context).toContain(plain)
    expect(after).toContain(kept)
    expect(after).toContain(moved)
    expect([result.moved, result.left.length]).toEqual([1, 1])
    expect(result.definitionsLeft).toEqual([
      {
        definition: 'src/context.ts#UserExecutionContext',
        reason:
          'a construction of it stays and needs its class: no user is given: the value is a placeholder ' +
          '(src/sites.ts:4)',
      },
    ])
  })

  const former = /export class FormerUserExecutionContext \{[^]*export type \{ UserExecutionContext \}/
  test.each([
    ['it is asked for by instanceof', plain, 'value instanceof UserExecutionContext', /class FormerUserExecution/],
    ['its fields are written to', plain, "(value.userId = String(value)) === ''", former],
    [
      'its fields are written to past their type',
      plain
        .replace('userId: string;', 'readonly userId: string;')
        .replace('threadId: string;', 'readonly threadId: string;'),
      "Object.assign(value, { userId: 'other' }) === undefined",
      /class FormerUserExecution/,
    ],
    [
      'an optional field would be read somewhere else',
      plain.replace('threadId: string;', 'threadId: string;\n  metadata?: Record<string, unknown>;'),
      "value.metadata?.['a'] === undefined",
      /class FormerUserExecution/,
    ],
    [
      'the compiler would hold another site back',
      plain.replace('{\n', '{\n  count(): number {\n    return 1;\n  }\n'),
      'value === undefined',
      /class FormerUserExecution/,
    ],
  ])('stays under another name when %s', async (_, declared, use, expected) => {
    const asked = `export const asked = (value: UserExecutionContext): boolean => ${use};\n`
    const { result, context, sites: after } = await run(declared, sites + leftCall + asked)
    expect(context).toMatch(expected)
    expect(after).toContain("read(new FormerUserExecutionContext('', 'thread_1') as unknown as UserExecutionContext)")
    expect(after).toContain(moved)
    expect(result.definitionsLeft).toEqual([
      {
        definition: 'src/context.ts#UserExecutionContext',
        reason:
          'its class stays as FormerUserExecutionContext, because constructions of it stay: no user is given: ' +
          'the value is a placeholder (src/sites.ts:4)',
      },
    ])
  })

  test('stays as it is although a value that stays is written to', async () => {
    const written = `export function left(userId: string): string {
  const context = new UserExecutionContext(userId, 'thread_1');
  if (userId !== '') context.threadId = 'thread_2';
  return read(context);
}
`
    const { context, sites: after } = await run(plain, sites + written)
    expect(context).toContain(plain)
    expect(after).toContain(moved)
    expect(after).toContain(
      "  const context = new UserExecutionContext(userId, 'thread_1');\n  if (userId !== '') context",
    )
  })

  test('goes when only a literal is left and the class would hold a site back', async () => {
    const counting = plain
      .replace('{\n', '{\n  count?: number;\n')
      .replace('threadId: string;', 'threadId: string;\n  runs = 1;')
    const literal = "export const left = (): string => read({ userId: '', threadId: 'thread_1', runs: 1 });\n"
    const { result, sites: after } = await run(counting, sites + literal)
    expect(after).toContain(moved)
    expect(after).toContain("read({ userId: '', threadId: 'thread_1', runs: 1 } as unknown as Sealed")
    expect(result.definitionsMoved).toEqual(['src/context.ts#UserExecutionContext'])
  })
})
