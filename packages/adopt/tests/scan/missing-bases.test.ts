import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const { compilerOptions } = JSON.parse(strictConfig)
const base = JSON.stringify({ compilerOptions })
const manifest = (more: object): string => JSON.stringify({ name: '@mono/tsconfig', ...more })
/** An app whose only import goes through an alias of its own tsconfig. */
const appWith = (extended: unknown, more: object = {}): Record<string, string> => ({
  'package.json': '{ "private": true, "workspaces": ["apps/*", "packages/*"] }',
  'apps/web/package.json': '{ "name": "web" }',
  'apps/web/tsconfig.json': JSON.stringify({
    extends: extended,
    compilerOptions: { paths: { '@/*': ['./src/*'] } },
    ...more,
  }),
  'apps/web/src/context.ts': 'export interface Context { userId: string; runId: string }\n',
  'apps/web/src/jobs/use.ts':
    "import type { Context } from '@/context'\nexport const c: Context = { userId: 'u', runId: 'r' }\n",
})
const shared = { 'packages/tsconfig/package.json': manifest({}), 'packages/tsconfig/base.json': base }
const aliased = JSON.stringify({ compilerOptions: { ...compilerOptions, paths: { '@/*': ['./src/*'] } } })

const scanned = async (files: Record<string, string>, more: object = {}) => {
  const { findings, canonical, skipped, partial, reasons, trust } = await scan({
    root: temporaryProject(files),
    types: ['Context'],
    ...more,
  })
  return {
    sites: findings.map(({ file, kind }) => `${file} ${kind}`),
    importedBy: canonical?.importedBy,
    skipped: skipped.map(({ file }) => file),
    unresolved: [trust.importsUnresolved, trust.unresolvedTypes],
    partial,
    reasons,
  }
}
const understood = {
  sites: ['apps/web/src/jobs/use.ts literal-annotation'],
  importedBy: 1,
  skipped: [],
  unresolved: [0, 0],
  partial: false,
  reasons: [],
}

describe('a tsconfig whose base is a package of the same tree, not linked anywhere', () => {
  test.each<[string, Record<string, string>]>([
    ['a file of it', { ...appWith('@mono/tsconfig/base.json'), ...shared }],
    ['a file of it without its ending', { ...appWith('@mono/tsconfig/base'), ...shared }],
    [
      'what its exports name',
      {
        ...appWith('@mono/tsconfig/web.json'),
        'packages/tsconfig/package.json': manifest({ exports: { './web.json': './kinds/web.json' } }),
        'packages/tsconfig/kinds/web.json': base,
      },
    ],
    [
      'what its exports name by pattern and condition',
      {
        ...appWith('@mono/tsconfig/web'),
        'packages/tsconfig/package.json': manifest({ exports: { './*': { default: './kinds/*.json' } } }),
        'packages/tsconfig/kinds/web.json': base,
      },
    ],
    [
      'the package alone',
      {
        ...appWith('@mono/tsconfig'),
        'packages/tsconfig/package.json': manifest({}),
        'packages/tsconfig/tsconfig.json': base,
      },
    ],
    [
      'the package alone, whose manifest names the file',
      {
        ...appWith('@mono/tsconfig'),
        'packages/tsconfig/package.json': manifest({ tsconfig: './web.json' }),
        'packages/tsconfig/web.json': base,
      },
    ],
    [
      'a base with a base of its own',
      {
        ...appWith('@mono/tsconfig/web.json'),
        ...shared,
        'packages/tsconfig/web.json': '{ "extends": "./base.json" }',
      },
    ],
    [
      'a base whose own base is a package of the tree',
      {
        ...appWith('../tsconfig.apps.json'),
        ...shared,
        'apps/tsconfig.apps.json': '{ "extends": "@mono/tsconfig/base.json" }',
      },
    ],
    [
      'one of several',
      { ...appWith(['@mono/tsconfig/base.json', './own.json']), ...shared, 'apps/web/own.json': '{}' },
    ],
  ])('resolves it: %s', async (_, files) => {
    expect(await scanned(files)).toEqual(understood)
  })

  test.each<[string, string, string, Record<string, string>]>([
    ['', '@mono/tsconfig/base.json', '', {}],
    [', where it begins with a byte order mark', '@mono/tsconfig/base.json', '\uFEFF', {}],
    [', where a directory has its name', '@mono/tsconfig/base', '', { 'packages/tsconfig/base/note.md': 'A note.' }],
  ])('takes the aliases that the base itself declares, relative to where it stands%s', async (_, name, mark, more) => {
    const files = {
      ...appWith(name, { compilerOptions: {} }),
      ...shared,
      ...more,
      'packages/tsconfig/base.json':
        mark + JSON.stringify({ compilerOptions: { ...compilerOptions, paths: { '@/*': ['../../apps/web/src/*'] } } }),
    }
    expect(await scanned(files)).toEqual(understood)
  })

  test.each(['typescript-6', 'typescript-7'])('gives %s its options', async (engine) => {
    const use = `import type { Context } from '@/context'
export let held: Context | undefined
try {
  held = undefined
} catch (caught) {
  held = caught
}
`
    const sitesUnder = async (strict: boolean): Promise<readonly string[]> => {
      const text = JSON.stringify({ compilerOptions: { ...compilerOptions, strict } })
      const files = { ...appWith('@mono/tsconfig/base.json'), ...shared, 'packages/tsconfig/base.json': text }
      return (await scanned({ ...files, 'apps/web/src/jobs/use.ts': use }, { engine })).sites
    }
    expect(await sitesUnder(false)).toEqual(['apps/web/src/jobs/use.ts any-flow'])
    expect(await sitesUnder(true)).toEqual([])
  })

  test('forgets what it kept once that base changes', async () => {
    const root = temporaryProject({
      ...appWith('@mono/tsconfig/base.json', { compilerOptions: {} }),
      ...shared,
      'packages/tsconfig/base.json': JSON.stringify({
        compilerOptions: { ...compilerOptions, paths: { '@/*': ['../../apps/web/src/*'] } },
      }),
    })
    const importers = async (): Promise<unknown> =>
      (await scan({ root, types: ['Context'], cache: join(root, '.cache') })).canonical?.importedBy
    expect(await importers()).toBe(1)
    writeFileSync(join(root, 'packages/tsconfig/base.json'), base)
    expect(await importers()).toBe(0)
  })

  test('takes what is installed before what stands in the tree', async () => {
    const files = {
      ...appWith('@mono/tsconfig/base.json', { compilerOptions: {} }),
      ...shared,
      'apps/web/node_modules/@mono/tsconfig/base.json': JSON.stringify({
        compilerOptions: { ...compilerOptions, paths: { '@/*': ['../../../src/*'] } },
      }),
    }
    expect(await scanned(files)).toEqual(understood)
  })
})

describe('a tsconfig whose base is nowhere', () => {
  test.each(['@absent/tsconfig/base.json', './absent.json', '@mono/tsconfig/absent.json'])(
    'keeps its own aliases: %s',
    async (extended) => {
      const { sites, importedBy, skipped, partial } = await scanned({ ...appWith(extended), ...shared })
      expect({ sites, importedBy, skipped, partial }).toEqual({
        sites: understood.sites,
        importedBy: 1,
        skipped: ['apps/web/tsconfig.json'],
        partial: false,
      })
    },
  )

  test('keeps its baseUrl, and finds installed packages all the same', async () => {
    const files = appWith('@absent/tsconfig/base.json', { compilerOptions: { baseUrl: './src' } })
    const { sites, importedBy, unresolved } = await scanned({
      ...files,
      'apps/web/src/jobs/use.ts': `import 'far'\n${files['apps/web/src/jobs/use.ts']!.replace('@/context', 'context')}`,
      'apps/web/node_modules/far/package.json': '{ "name": "far", "types": "index.d.ts" }',
      'apps/web/node_modules/far/index.d.ts': 'export {}\n',
    })
    expect({ sites, importedBy, unresolved }).toEqual({ sites: understood.sites, importedBy: 1, unresolved: [0, 0] })
  })

  test('keeps the aliases of the tsconfig that it refers to', async () => {
    const files = {
      ...appWith('@absent/tsconfig/base.json', {
        compilerOptions: {},
        files: [],
        references: [{ path: './app.json' }],
      }),
      'apps/web/app.json': aliased,
    }
    expect(await scanned(files)).toMatchObject({ sites: understood.sites, importedBy: 1 })
  })

  test.each<[string, object]>([
    ['aliases', { compilerOptions: { paths: { '@/*': './src/*' } } }],
    ['references', { references: { path: './app.json' } }],
  ])('ends no scan by %s that are no list', async (_, more) => {
    const { skipped } = await scanned(appWith('@absent/tsconfig/base.json', more))
    expect(skipped).toEqual(['apps/web/tsconfig.json'])
  })

  test('is named where only the base of its base is nowhere', async () => {
    const files = { ...appWith('./own.json'), 'apps/web/own.json': '{ "extends": "@absent/tsconfig/base.json" }' }
    expect(await scanned(files)).toMatchObject({
      sites: understood.sites,
      importedBy: 1,
      skipped: ['apps/web/tsconfig.json'],
    })
  })

  test('ends where bases lead back to themselves', async () => {
    const files = { ...appWith('./own.json'), 'apps/web/own.json': '{ "extends": "./tsconfig.json" }' }
    expect((await scanned(files)).importedBy).toBe(1)
  })

  test('does not take a link that leads nowhere for a base', async () => {
    const root = temporaryProject(appWith('@mono/tsconfig/base.json'))
    mkdirSync(join(root, 'apps/web/node_modules/@mono'), { recursive: true })
    symlinkSync('../../../../nowhere', join(root, 'apps/web/node_modules/@mono/tsconfig'))
    const { skipped, canonical } = await scan({ root, types: ['Context'] })
    expect([skipped.map(({ file }) => file), canonical?.importedBy]).toEqual([['apps/web/tsconfig.json'], 1])
  })
})
