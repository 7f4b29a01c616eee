// What is asked of the compiler, counted: a round asks what its edits can affect, a site is asked for its type once.
import { afterEach, describe, expect, test } from 'vitest'
import { loadEngine } from '../../src/engine/load-engine.ts'
import { newModuleResolver } from '../../src/engine/module-resolver.ts'
import { openChecker } from '../../src/engine/open-checker.ts'
import { readSourceTree } from '../../src/engine/source-tree.ts'
import type { Checker, CheckerProject } from '../../src/engine/checker.ts'
import type { ChangeUnit } from '../../src/migrate/change-unit.ts'
import { madeBy } from '../../src/migrate/left-units.ts'
import { proveUnits } from '../../src/migrate/prove-units.ts'
import { diagnose, openWorkspace } from '../../src/migrate/workspace.ts'
import type { Workspace } from '../../src/migrate/workspace.ts'
import type { SyntaxNode } from '../../src/engine/syntax.ts'
import { valueAtTop } from '../../src/scan/written-values.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

let checker: Checker | undefined
afterEach(async () => checker?.close())

type Counted = { readonly workspace: Workspace; readonly asked: string[][]; readonly types: string[] }

async function openCounted(files: Readonly<Record<string, string>>, isWhole = false): Promise<Counted> {
  const root = temporaryProject({ 'tsconfig.json': strictConfig, ...files })
  const tree = readSourceTree(root, {})
  checker = await openChecker({ root }, tree)
  const resolver = newModuleResolver((await loadEngine('oxc-resolver')) as typeof import('oxc-resolver'), tree)
  const asked: string[][] = []
  const types: string[] = []
  const counted = (project: CheckerProject): CheckerProject => ({
    ...project,
    diagnostics: (own) => {
      asked.push(own.map((file) => file.slice(root.length + 1)).sort())
      return project.diagnostics(own)
    },
    contextualTypes: (nodes) => {
      types.push(...nodes.map(({ file, start }) => `${file}:${start}`))
      return project.contextualTypes(nodes)
    },
  })
  const opened = checker
  const counting: Checker = {
    ...opened,
    get projects() {
      return opened.projects.map(counted)
    },
  }
  return { workspace: openWorkspace(root, counting, {}, isWhole ? undefined : resolver), asked, types }
}

const files = {
  'src/first.ts': 'export const first: number = 1\n',
  'src/second.ts': "import { first } from './first'\nexport const second = first + 1\n",
  'src/third.ts': "export * from './second'\n",
  'src/other.ts': 'export const other: number = 3\n',
  'src/user.ts': "import { other } from './other'\nexport const text: string = String(other)\n",
}
const setting = (file: string, from: string, to: string): ChangeUnit => {
  const start = files[file as keyof typeof files].indexOf(from)
  return { file, purpose: 'site', edits: [{ start, end: start + from.length, print: () => to }], wants: [] }
}
const units = [setting('src/first.ts', '1', "'one'"), setting('src/other.ts', '3', '4')]

describe('proveUnits', () => {
  test('asks the files that an edit can affect, and only those of the next one in the next round', async () => {
    const { workspace, asked } = await openCounted(files)
    const base = diagnose(workspace, new Map())
    asked.length = 0
    const { kept, dropped } = proveUnits(workspace, { fixed: [] }, units, base)
    expect([kept.map(({ file }) => file), [...dropped.keys()].map(({ file }) => file)]).toEqual([
      ['src/other.ts'],
      ['src/first.ts'],
    ])
    // The second is the search for the unit that adds the error.
    const next = ['src/first.ts', 'src/second.ts', 'src/third.ts']
    expect(asked).toEqual([Object.keys(files).sort(), ['src/first.ts'], next])
  })

  test('gives what asking all files gives', async () => {
    const outcomes = []
    for (const isWhole of [true, false]) {
      const { workspace } = await openCounted(files, isWhole)
      const { kept, dropped } = proveUnits(workspace, { fixed: [] }, units, diagnose(workspace, new Map()))
      outcomes.push([kept, [...dropped]])
      await checker?.close()
    }
    expect(outcomes[1]).toEqual(outcomes[0])
  })

  test('asks all where what an edited file declares is seen without an import', async () => {
    const { workspace, asked } = await openCounted({
      ...files,
      'src/first.ts': `${files['src/first.ts']}declare global {\n  interface Everywhere {\n    id: string\n  }\n}\n`,
    })
    const base = diagnose(workspace, new Map())
    asked.length = 0
    proveUnits(workspace, { fixed: [] }, [setting('src/first.ts', '1', '2')], base)
    expect(asked).toEqual([Object.keys(files).sort()])
  })

  test('asks a file that imports an edited one by an edit of its own', async () => {
    const { workspace } = await openCounted(files)
    const text = "import { other } from './other'\nexport const first: number = other\n"
    const { affectedBy } = workspace
    expect([...affectedBy(['src/other.ts'], new Map([['src/first.ts', text]]))!].sort()).toEqual(
      Object.keys(files).sort(),
    )
    expect([...affectedBy(['src/other.ts'], new Map())!].sort()).toEqual(['src/other.ts', 'src/user.ts'])
  })
})

describe('the type that a site makes', () => {
  test('is asked once, however many classes there are', async () => {
    const text = 'type T = { id: string }\nexport const made: T = { id: "" }\n'
    const { workspace, types } = await openCounted({ 'src/made.ts': text })
    const site = {
      file: 'src/made.ts',
      start: text.indexOf('{ id: ""'),
      end: text.length - 1,
      kind: 'literal',
    } as never
    const made = [1, 2, 3].map(() => [...madeBy(workspace, site)])
    expect(made.map((one) => one.length)).toEqual([1, 1, 1])
    expect(types).toHaveLength(1)
  })
})

describe('valueAtTop', () => {
  test('reads the top of a file once, however many calls ask', () => {
    let reads = 0
    const literal = { type: 'Literal', start: 0, end: 0 } as unknown as SyntaxNode
    const id = (name: string): unknown => ({ type: 'Identifier', name })
    const declare = (name: string): unknown => ({
      type: 'VariableDeclaration',
      kind: 'const',
      declarations: [{ type: 'VariableDeclarator', id: id(name), init: literal }],
    })
    const program = {
      type: 'Program',
      get body() {
        reads++
        return [declare('a'), declare('b')]
      },
    } as unknown as SyntaxNode
    expect(['a', 'b', 'none', 'a'].map((name) => valueAtTop(name, program))).toEqual([
      literal,
      literal,
      undefined,
      literal,
    ])
    expect(reads).toBeLessThanOrEqual(2)
  })
})
