import { describe, expect, test } from 'vitest'
import type { ScanOptions, ScanResult } from '../../src/scan/scan-result.ts'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const definition = 'export interface Context { userId: string; threadId: string; runId: string; note?: string }\n'
const consumer =
  "import type { Context } from './context'\nexport const run = (context: Context): string => context.userId\n"
const heading = "import type { Context } from './context'\nimport { run } from './run'\n"

/** Scans a tree whose use.ts holds the given lines; findings of use.ts as `kind: text`. */
const scanUse = async (
  use: string,
  more: Record<string, string> = {},
  options: Partial<ScanOptions> = {},
): Promise<{ result: ScanResult; sites: string[] }> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': definition,
    'src/run.ts': consumer,
    'src/use.ts': heading + use,
    ...more,
  })
  const result = await scan({ root, types: ['src/context.ts#Context'], ...options })
  return {
    result,
    sites: result.findings
      .filter(({ file, kind }) => file === 'src/use.ts' && kind !== 'factory')
      .map(({ kind, text, heldBy }) => `${kind} ${heldBy}: ${text}`),
  }
}

const literal = "{ userId: 'u', threadId: 't', runId: 'r' }"

describe('scan', () => {
  test.each([
    ['an annotated variable', `export const c: Context = ${literal}`, [`literal-annotation tsc: ${literal}`]],
    ['an assignment', `let c: Context\nc = ${literal}\nexport { c }`, [`literal-annotation tsc: ${literal}`]],
    [
      'a declared return type',
      `export function f(): Context { return ${literal} }`,
      [`literal-return tsc: ${literal}`],
    ],
    [
      'an arrow with a contextual return type',
      `export const f: () => Context = () => (${literal})`,
      [`literal-return tsc: ${literal}`],
    ],
    [
      'a return in an async function',
      `export async function f(): Promise<Context> { return ${literal} }`,
      [`literal-return tsc: ${literal}`],
    ],
    [
      'a resolved promise',
      `export function f(): Promise<Context> { return Promise.resolve(${literal}) }`,
      [`literal-return tsc: ${literal}`],
    ],
    ['an argument', `run(${literal})`, [`literal-argument tsc: ${literal}`]],
    ['an array argument', `const all: Context[] = []\nall.push(${literal})`, [`literal-argument tsc: ${literal}`]],
    ['a fallback', `export const f = (c?: Context) => run(c ?? ${literal})`, [`literal-argument tsc: ${literal}`]],
    [
      'a spread',
      `const ids = { userId: 'u', threadId: 't' }\nrun({ ...ids, runId: 'r' })`,
      ["literal-argument tsc: { ...ids, runId: 'r' }"],
    ],
    [
      'a conditional, twice',
      `export const f = (b: boolean): Context => (b ? ${literal} : ${literal.replace("'u'", "'v'")})`,
      [`literal-return tsc: ${literal}`, `literal-return tsc: ${literal.replace("'u'", "'v'")}`],
    ],
    [
      'a property',
      `export const job: { name: string; context: Context } = { name: 'n', context: ${literal} }`,
      [`literal-property tsc: ${literal}`],
    ],
    ['a class field', `export class Desk { context: Context = ${literal} }`, [`literal-property tsc: ${literal}`]],
    [
      'satisfies',
      `export const c = ${literal} satisfies Context`,
      [`literal-satisfies tsc: ${literal} satisfies Context`],
    ],
    [
      'a default parameter',
      `export const f = (c: Context = ${literal}) => run(c)`,
      [`literal-default tsc: ${literal}`],
    ],
    [
      'a default in destructuring',
      `export function f({ c = ${literal} }: { c?: Context }) { return run(c) }`,
      [`literal-default tsc: ${literal}`],
    ],
    [
      'an untyped variable that is passed on, once',
      `const c = ${literal}\nrun(c)\nrun(c)`,
      [`literal-untyped tsc: ${literal}`],
    ],
    [
      'an inferred return that flows',
      `const make = () => (${literal})\nrun(make())`,
      [`literal-inferred-return tsc: ${literal}`],
    ],
    [
      'an inferred return that flows through await',
      `const make = async () => (${literal})\nexport const f = async () => run(await make())`,
      [`literal-inferred-return tsc: ${literal}`],
    ],
    ['as', `export const c = JSON.parse('{}') as Context`, ["cast check: JSON.parse('{}') as Context"]],
    ['angle brackets', `export const f = (x: unknown) => <Context>x`, ['cast check: <Context>x']],
    [
      'a double cast',
      `export const f = (x: number) => x as unknown as Context`,
      ['cast-double check: x as unknown as Context'],
    ],
    ['a cast to an array', `export const f = (x: unknown) => x as Context[]`, ['cast check: x as Context[]']],
    ['a cast of a literal', `export const c = { userId: 'u' } as Context`, ["cast check: { userId: 'u' } as Context"]],
    ['any as an argument', `run(JSON.parse('{}'))`, ["any-flow check: JSON.parse('{}')"]],
    ['any in an annotation', `declare const raw: any\nexport const c: Context = raw`, ['any-flow check: raw']],
    [
      'an awaited any',
      `declare const load: () => Promise<any>\nexport const f = async () => run(await load())`,
      ['any-flow check: await load()'],
    ],
    [
      'an awaited value that was any before, once',
      `declare const raw: any\nexport const f = async () => run(await raw)`,
      ['any-flow check: await raw'],
    ],
    [
      'an alias of the type',
      `type Mine = Context | undefined\nexport const c: Mine = ${literal}`,
      [`literal-annotation tsc: ${literal}`],
    ],
    [
      'a bound type parameter',
      `declare function wrap<C extends Context>(c: C): C\nwrap(${literal})`,
      [`literal-argument tsc: ${literal}`],
    ],
  ])('finds %s', async (_, use, expected) => {
    expect((await scanUse(use)).sites).toEqual(expected)
  })

  test.each([
    [
      'a cast of the type itself, or of the type or null',
      'export const f = (c: Context | null) => [c as Context, run(c as Context)]',
    ],
    [
      'a literal of another type with the same fields',
      'interface Other { userId: string; threadId: string; runId: string }\nexport const o: Other[] = []\n' +
        "o.push({ userId: 'u', threadId: 't', runId: 'r' })",
    ],
    ['a literal that goes nowhere', `export const c = ${literal}`],
    ['a partial', "export const p: Partial<Context> = { userId: 'u' }"],
    ['any in a place that takes anything', 'declare const raw: any\nconsole.log(raw)\nexport const x: unknown = raw'],
    ['as const', `export const c = ${literal} as const`],
    ['text and comments', '// new Context(), {} as Context\nexport const s = "{} as Context"'],
  ])('passes over %s', async (_, use) => {
    const { sites } = await scanUse(use)
    expect(sites.filter((site) => !site.startsWith('definition'))).toEqual([])
  })

  test('tells a downcast from a cast, and a cast to a subclass of the source', async () => {
    const { sites } = await scanUse('import type { Base } from "./base"\nexport const f = (b: Base) => b as Context', {
      'src/base.ts': 'export interface Base { userId: string }\n',
      'src/context.ts':
        "import type { Base } from './base'\n" +
        'export interface Context extends Base { threadId: string; runId: string }\n',
    })
    expect(sites).toEqual(['cast-downcast check: b as Context'])
  })
})
