import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const files = {
  'package.json':
    '{ "name": "app", "dependencies": { "react": "*", "@acme/ui": "*" }, "devDependencies": { "@types/estree": "*" } }',
  'tsconfig.json': strictConfig,
  'src/context.ts': 'export interface Context { userId: string; runId: string }\n',
  'src/make.ts': "import type { Context } from './context'\nexport const take = (c: Context): string => c.userId\n",
  'src/plain.ts': 'export const plain = 1\n',
  'src/promises.ts': "export * from './make'\n",
  'libs/core/package.json': '{ "name": "@acme/core", "main": "dist/absent.js" }',
  'libs/core/deep/take.ts': "export * from '../../../src/make'\n",
}
const lostIn = async (more: Record<string, string>) => {
  const { partial, reasons, trust } = await scan({ root: temporaryProject({ ...files, ...more }), types: ['Context'] })
  return { partial, reasons, lost: trust.filesUnresolved }
}
const reason = (file: string, module: string): string =>
  '1 file imports from names of this code base that do not resolve and may lead to Context: ' +
  `their sites are not counted (. 1; first: ${file} imports '${module}'). ` +
  'Name the tsconfig whose paths lead there, or declare what is a package.'

describe('imports that do not resolve and may lead to the type', () => {
  test.each([
    ['by an alias', '@/make'],
    ['by an alias with an ending', '~/make.js'],
    ['by an alias to a directory above', '#app/src/make'],
    ['by an alias that stands for one file', '@context'],
    ['by an alias whose name a package of types has', '@estree'],
    ['by a path from an unknown directory', 'src/make'],
    ['by a name that nothing declares', '@app/make'],
    ['by a subpath of a package of the tree', '@acme/core/take'],
    ['by a package of the tree without its built form', '@acme/core'],
  ])('make a scan partial: %s', async (_, module) => {
    const use = `import { take } from '${module}'\ntake({} as any)\n`
    expect(await lostIn({ 'src/use.ts': use })).toEqual({
      partial: true,
      reasons: [reason('src/use.ts', module)],
      lost: 1,
    })
  })

  test.each([
    ['a declared package', 'react'],
    ['a subpath of a declared package', '@acme/ui/make'],
    ['a package of which only types are declared', 'estree/make'],
    ['a package that nothing declares', 'far-away'],
    ['a module of the runtime', 'node:test'],
    ['a module of the runtime without its scheme', 'timers/promises'],
    ['a virtual module', 'virtual:app/make'],
    ['an alias of a style', '@/make.css'],
    ['an alias of a file that does not lead to the type', '@/plain'],
    ['an alias of a file that is not there', '@/absent'],
    ['an alias of a file that is not there, named like one that is', '@/.made/make'],
    ['a relative file that is not there', './absent/make'],
  ])('are not: %s', async (_, module) => {
    const use = `import { take } from '${module}'\ntake({} as any)\n`
    expect(await lostIn({ 'src/use.ts': use })).toEqual({ partial: false, reasons: [], lost: 0 })
  })

  test('are found where a module is imported on demand, and not in mere texts', async () => {
    const demanded = "export const later = () => import('@/make').then(({ take }) => take({} as any))\n"
    const text = "export const line = `read from 'make' and from '${String(1)}/make'`\n"
    expect((await lostIn({ 'src/use.ts': demanded })).lost).toBe(1)
    expect((await lostIn({ 'src/use.ts': text })).lost).toBe(0)
  })

  test('are found behind one another, and told by package', async () => {
    const { reasons, lost } = await lostIn({
      'src/use.ts': "export { take } from '@/make'\n",
      'libs/core/far.ts': "import { take } from '@/use'\ntake({} as any)\n",
      'libs/core/name.ts': "import type { Context } from '@/context'\nexport const c: Context = {} as any\n",
    })
    expect(lost).toBe(3)
    expect(reasons).toEqual([
      expect.stringMatching(/^1 file imports Context from a module that does not resolve: .* \(libs\/core 1;/),
      expect.stringMatching(
        /^2 files import from names of this .* \(\. 1, libs\/core 1; first: libs\/core\/far\.ts imports '@\/use'\)\./,
      ),
    ])
  })

  test('are counted by file, and the first of a file is named', async () => {
    const use = "import { take } from '@/make'\nexport * from '@/promises'\ntake({} as any)\n"
    expect(await lostIn({ 'src/use.ts': use })).toEqual({
      partial: true,
      reasons: [reason('src/use.ts', '@/make')],
      lost: 1,
    })
  })

  test('are those of the part of the tree that the alias stands in, where it holds the name', async () => {
    const { lost } = await lostIn({
      'libs/core/make.ts': 'export const take = (): string => "core"\n',
      'libs/core/use.ts': "import { take } from '@/make'\ntake()\n",
    })
    expect(lost).toBe(0)
  })

  test('are told apart by where the same alias stands', async () => {
    const use = "import { take } from '@/make'\ntake({} as any)\n"
    const { reasons, lost } = await lostIn({
      'libs/core/make.ts': 'export const take = (): string => "core"\n',
      'libs/core/use.ts': use,
      'src/use.ts': use,
    })
    expect([reasons, lost]).toEqual([[reason('src/use.ts', '@/make')], 1])
  })

  test.each([
    ['are not those of a package that a manifest above the scanned directory declares', {}, 0],
    ['are those of one that only a manifest above the repository declares', { 'app/.git/HEAD': 'ref: x\n' }, 1],
  ])('%s', async (_, more, lost) => {
    const root = temporaryProject({
      'package.json': '{ "dependencies": { "next": "*" } }',
      'app/tsconfig.json': strictConfig,
      'app/src/context.ts': files['src/context.ts'],
      'app/src/server.ts':
        "import type { Context } from './context'\nimport { after } from 'next/server'\nafter({} as Context)\n",
      ...more,
    })
    expect((await scan({ root: `${root}/app`, types: ['Context'] })).trust.filesUnresolved).toBe(lost)
  })
})
