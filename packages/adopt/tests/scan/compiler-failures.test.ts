import type { Checker as Checker7, Type } from 'typescript/unstable/sync'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CheckedType, CheckerProject } from '../../src/engine/checker.ts'
import { partsOf } from '../../src/engine/compiler-panics.ts'
import { openChecker } from '../../src/engine/open-checker.ts'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const files = {
  'tsconfig.json': strictConfig,
  'src/context.ts': 'export interface Context { userId: string; runId: string }\n',
}
const importing = `import type { Context } from './context'
declare const held: Context | undefined
const literal = { userId: 'u', runId: 'r' }
`

// TypeScript 7.0.2 refuses every answer that a fresh empty tuple is a part of.
describe('scan of a fresh empty tuple', () => {
  test.each<[string, string, readonly string[]]>([
    ['alone', 'export const taken: Context | [] = []\n', []],
    ['beside the type', 'export const taken: Context | [] = held ?? []\n', []],
    ['beside a literal', 'export const taken: Context | [] = held ? literal : []\n', ['literal-untyped']],
    ['beside any', 'export const taken: { c: Context; e: [] } = { c: {} as any, e: [] }\n', ['any-flow']],
    ['as a type argument', 'export const taken: Promise<Context> | [][] = [[]]\n', []],
    ['as a property', 'export const taken: { c: Context; e: [] } = { c: literal, e: [] }\n', ['literal-untyped']],
    ['as an argument', 'const take = (c: Context, e: []): void => void [c, e]\ntake({} as any, [])\n', ['any-flow']],
    ['as a result', 'const take = (c: Context | (() => [])): void => void c\ntake(() => [])\n', []],
    [
      'under any key',
      'export const taken: Record<string, [] | Context> = { a: [], b: literal }\n',
      ['literal-untyped'],
    ],
    ['cast', 'export const taken = (held ?? ([] as [])) as Context\n', ['cast-downcast']],
  ])('goes on, and finds what stands beside it: %s', async (_, text, kinds) => {
    const root = temporaryProject({ ...files, 'src/use.ts': importing + text })
    const { findings, partial, reasons } = await scan({ root, types: ['Context'], engine: 'typescript-7' })
    const other = await scan({ root, types: ['Context'], engine: 'typescript-6' })
    expect({ kinds: findings.map(({ kind }) => kind), partial, reasons }).toEqual({
      kinds,
      partial: false,
      reasons: [],
    })
    expect(findings).toEqual(other.findings)
  })
})

describe('parts of a type that a fresh empty tuple is in', () => {
  type Ask = (project: CheckerProject, type: CheckedType) => readonly (CheckedType | undefined)[]
  const members: Ask = (project, type) => project.membersOf(type)
  const given: Ask = (project, type) => project.typeArgumentsOf(type)
  const properties: Ask = (project, type) => project.propertiesOf(type).map((one) => one.type)
  const results: Ask = (project, type) => project.callSignaturesOf(type).map(({ returns }) => returns)

  test.each<[string, string, Ask, readonly string[]]>([
    ['a union', 'const f: [] | { a: string } = held ?? []', members, ['[]', '{ a: string; }']],
    ['a list', 'const f: [][] = [[], []]', given, ['[]']],
    ['properties', "const f: { a: string; e: [] } = { a: 'a', e: [] }", properties, ['string']],
    ['a result', 'const f: () => [] = (): [] => []', results, ['[]']],
  ])('are given: %s', async (_, text, ask, expected) => {
    const declared = 'declare const held: { a: string } | undefined\n'
    const root = temporaryProject({ ...files, 'src/use.ts': `${declared}export ${text}\n` })
    const checker = await openChecker({ root, engine: 'typescript-7' })
    onTestFinished(() => checker.close())
    const project = checker.projects[0]!
    const start = declared.length + 'export '.length + text.indexOf(' = ') + 3
    const [type] = project.typesAt([{ file: `${root}/src/use.ts`, start, end: declared.length + 7 + text.length }])
    const parts = ask(project, type!).map((part) => part && project.textOf(part))
    expect(parts.toSorted()).toEqual(expected)
    expect(checker.failedNodes).toEqual([])
  })
})

describe('partsOf', () => {
  const checker = { getWidenedType: () => undefined } as unknown as Checker7
  const type = {} as Type

  test('tells of a type whose parts the compiler never gives', () => {
    const failures: string[] = []
    const ask = (): never[] => {
      throw new Error('panic: nothing is known')
    }
    expect(partsOf(checker, type, ask, () => failures.push('one'))).toEqual([])
    expect(failures).toEqual(['one'])
  })

  test('passes on what is no failure of the compiler', () => {
    const ask = (): never[] => {
      throw new Error('put off')
    }
    expect(() => partsOf(checker, type, ask, () => undefined)).toThrow('put off')
  })
})
