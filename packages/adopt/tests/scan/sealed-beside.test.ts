// The sealed type of this package is watched beside the type that is named, from the first file that imports it.
import { expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import type { ScanOptions } from '../../src/scan/scan-result.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'

const sitesIn = async (files: Readonly<Record<string, string>>, more: Partial<ScanOptions> = {}): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': 'export class Context { constructor(readonly userId: string, readonly logger: Console) {} }\n',
    ...files,
  })
  installPackages(root)
  const { findings } = await scan({ root, types: ['Context'], ...more })
  return findings.map(({ file, kind, type }) => `${file}: ${kind} of ${type}`)
}

const merged = { 'src/merged.ts': "export type { UserExecutionContext as Merged } from 'user-execution-context'\n" }

test('a cast to the sealed type, under the name of a definition that was merged into it', async () => {
  const use = "import type { Merged } from './merged.js'\nexport const c = { userId: 'u' } as unknown as Merged\n"
  expect(await sitesIn({ ...merged, 'src/use.ts': use })).toEqual(['src/use.ts: cast-double of UserExecutionContext'])
})

test('a cast to the sealed type where it is imported, and the named type as before', async () => {
  const use =
    "import type { UserExecutionContext } from 'user-execution-context'\nimport { Context } from './context.js'\n" +
    "export const forged = { userId: 'u' } as unknown as UserExecutionContext\n" +
    "export const made = new Context('u', console)\n"
  const both = ['src/use.ts: cast-double of UserExecutionContext', 'src/use.ts: new of Context']
  expect(await sitesIn({ 'src/use.ts': use })).toEqual(both)
  expect(await sitesIn({ 'src/use.ts': use }, { questions: 'fast' })).toEqual(both)
})

test('nothing in code that has the package and does not import it', async () => {
  const use =
    "export type UserExecutionContext = { userId: string }\nexport const c: UserExecutionContext = { userId: 'u' }\n"
  expect(await sitesIn({ 'src/use.ts': use })).toEqual([])
})
