import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const tree = (more: Record<string, string>): string =>
  temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': 'export class Context { constructor(readonly userId: string, readonly runId: string) {} }\n',
    ...more,
  })
const fast = async (more: Record<string, string>) => {
  const result = await scan({ root: tree(more), types: ['Context'], questions: 'fast' })
  return {
    result,
    sites: result.findings
      .filter(({ kind }) => !kind.startsWith('definition'))
      .map(({ file, kind, text }) => `${file} ${kind} ${text}`),
  }
}

describe('scan with the fast questions', () => {
  test.each([
    [
      'an import',
      "import { Context } from './context'\nexport const c = new Context('u', 'r')\n",
      ["src/use.ts new new Context('u', 'r')"],
    ],
    [
      'a renamed import',
      "import { Context as C } from './context'\nexport const c = new C('u', 'r')\n",
      ["src/use.ts new new C('u', 'r')"],
    ],
    [
      'a namespace',
      "import * as all from './context'\nexport const c = new all.Context('u', 'r')\n",
      ["src/use.ts new new all.Context('u', 'r')"],
    ],
    [
      'a cast through a namespace and an array',
      "import type * as all from './context'\nexport const f = (x: unknown) => x as all.Context[]\n",
      ['src/use.ts cast x as all.Context[]'],
    ],
    [
      'a double cast',
      "import type { Context } from './context'\nexport const f = (x: number) => <Context><unknown>x\n",
      ['src/use.ts cast-double <Context><unknown>x'],
    ],
  ])('follows %s', async (_, use, expected) => {
    expect((await fast({ 'src/use.ts': use })).sites).toEqual(expected)
  })

  test('follows a barrel that renames, and a default export under any name', async () => {
    const barrel = {
      'src/barrel.ts': "export { Context as RunContext } from './context'\n",
      'src/all.ts': "export * from './barrel'\n",
    }
    expect(
      (
        await fast({
          ...barrel,
          'src/use.ts': "import { RunContext as R } from './all'\nexport const c = new R('u', 'r')\n",
        })
      ).sites,
    ).toEqual(["src/use.ts new new R('u', 'r')"])
    const byDefault = { 'src/other.ts': "import { Context } from './context'\nexport default Context\n" }
    expect(
      (
        await fast({
          ...byDefault,
          'src/use.ts': "import Anything from './other'\nexport const c = new Anything('u', 'r')\n",
        })
      ).sites,
    ).toEqual(["src/use.ts new new Anything('u', 'r')"])
  })

  test('follows an alias of the type', async () => {
    const alias = { 'src/alias.ts': "import type { Context } from './context'\nexport type Mine = Context\n" }
    expect(
      (
        await fast({
          ...alias,
          'src/use.ts': "import type { Mine } from './alias'\nexport const f = (x: unknown) => x as Mine\n",
        })
      ).sites,
    ).toEqual(['src/use.ts cast x as Mine'])
  })

  test('takes nothing of the same name from another module', async () => {
    const other =
      'class Context { constructor(readonly cpu: number) {} }\n' +
      'export const c = [new Context(1), JSON.parse("1") as Context]\n'
    expect(
      (
        await fast({
          'src/use.ts': other,
          'src/far.ts': "import { Context } from 'far'\nexport const d = new Context()\n",
        })
      ).sites,
    ).toEqual([])
  })

  test('runs no compiler, proves nothing equal, and never calls a tree clean', async () => {
    const { result } = await fast({
      'src/copy.ts': 'export class Context { constructor(readonly userId: string, readonly runId: string) {} }\n',
    })
    expect(result.compiler).toBeUndefined()
    expect(result.duplicates.map(({ kind, proof }) => [kind, proof])).toEqual([['definition-overlap', undefined]])
    expect([result.partial, result.reasons.length]).toEqual([true, 1])
  })
})
