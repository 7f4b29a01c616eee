import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSyntax, type SyntaxNode } from '../../src/engine/syntax.ts'
import { collectFacts } from '../../src/scan/collect-facts.ts'
import { reachOf } from '../../src/scan/reach.ts'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const reached = (texts: Readonly<Record<string, string>>, target = '/a/context.ts') => {
  const files = new Map(
    Object.entries(texts).map(([file, text]) => [
      file,
      collectFacts(file, text, parseSyntax(file, text, { keepsParentheses: true }).program as unknown as SyntaxNode),
    ]),
  )
  const resolve = (_: string, module: string): string | undefined => {
    const path = `/a/${module.replace(/^\.\//, '')}.ts`
    return files.has(path) ? path : module === 'far' ? '/a/node_modules/far/index.d.ts' : undefined
  }
  const reach = reachOf(files, resolve, new Set([target]))
  return reach && [...reach].sort()
}
const context = { '/a/context.ts': 'export interface Context { userId: string }\n' }

describe('scan of a package that is linked', () => {
  test.each([
    ['the package that defines the type', 'core', {}],
    ['a package that gives its values on', 'kit', { dependencies: { core: '1.0.0' } }],
  ])('asks about the files that import %s, wherever it really stands', async (_, name, manifest) => {
    const tree = temporaryProject({
      // As in a build for two module systems: the manifest next to the code has no name.
      'core/package.json': '{ "name": "core", "exports": { "types": "./dist/cjs/index.d.ts" } }',
      'core/dist/cjs/package.json': '{ "type": "commonjs" }',
      'core/dist/cjs/index.d.ts': 'export interface Context { userId: string; runId: string }\n',
      'kit/package.json': JSON.stringify({ name: 'kit', exports: { types: './index.d.ts' }, ...manifest }),
      'kit/index.d.ts':
        "import type { Context } from '../core/dist/cjs/index'\nexport declare const run: (c: Context) => void\n",
      'app/package.json': '{ "name": "app" }',
      'app/tsconfig.json': strictConfig,
      'app/src/use.ts': {
        core: "import type { Context } from 'core'\nexport const c = {} as unknown as Context\n",
        kit: "import { run } from 'kit'\nrun(JSON.parse(''))\n",
      }[name]!,
      'app/src/named.ts': "import type { Context } from 'core'\nexport type Named = Context\n",
    })
    mkdirSync(join(tree, 'app/node_modules'))
    for (const one of ['core', 'kit']) symlinkSync(join(tree, one), join(tree, 'app/node_modules', one))
    const { findings } = await scan({ root: join(tree, 'app'), types: ['Context'] })
    expect(findings.map(({ file, kind }) => `${file} ${kind}`)).toEqual([
      `src/use.ts ${name === 'core' ? 'cast-double' : 'any-flow'}`,
    ])
  })
})

test('scan of a package asks about files that import another one whose types only a compiler finds', async () => {
  const root = temporaryProject({
    'package.json': '{ "dependencies": { "core": "1", "kit": "1" } }',
    'tsconfig.json': strictConfig,
    'node_modules/core/package.json': '{ "name": "core", "types": "index.d.ts" }',
    'node_modules/core/index.d.ts': 'export interface Context { userId: string; runId: string }\n',
    'node_modules/kit/package.json': '{ "name": "kit", "typesVersions": { "*": { "*": ["./types/*"] } } }',
    'node_modules/kit/types/index.d.ts':
      "import type { Context } from 'core'\nexport declare const run: (c: Context) => void\n",
    'src/named.ts': "import type { Context } from 'core'\nexport type Named = Context\n",
    'src/use.ts': "import { run } from 'kit'\nrun(JSON.parse(''))\n",
  })
  const { findings } = await scan({ root, types: ['Context'] })
  expect(findings.map(({ file, kind }) => `${file} ${kind}`)).toEqual(['src/use.ts any-flow'])
})

describe('scan of a tree without its packages', () => {
  const project = (more: Readonly<Record<string, string>> = {}): string =>
    temporaryProject({
      'tsconfig.json': strictConfig,
      'package.json': '{ "dependencies": { "wanted": "1", "beside": "workspace:*", "@at/wanted": "^2" } }',
      'src/context.ts': 'export interface Context { userId: string; runId: string }\n',
      'src/use.ts': "import type { Context } from './context'\nexport const c = {} as unknown as Context\n",
      ...more,
    })
  const asked = async (more: Readonly<Record<string, string>>): Promise<number> => {
    let files = 0
    await scan({
      root: project(more),
      types: ['Context'],
      onProgress: ({ phase, total }) => void (phase === 'types' && (files = Math.max(files, total))),
    })
    return files
  }

  test.each([
    ['wanted', 2],
    ['wanted/sub', 2],
    ['@at/wanted', 2],
    ['node:fs', 2],
    ['beside', 3],
    ['unnamed', 3],
    ['@/wanted', 3],
    ['./wanted', 3],
  ])('asks about a file that imports %s: %d files in all', async (module, files) => {
    expect(await asked({ 'src/other.ts': `export * from '${module}'\n` })).toBe(files)
  })

  test('asks about every file where one declares what such a package gives', async () => {
    const shim = "declare module 'wanted' {\n  export const c: import('../src/context').Context\n}\n"
    expect(await asked({ 'src/shim.d.ts': shim, 'src/other.ts': "export { c } from 'wanted'\n" })).toBe(4)
  })
})

describe('reachOf', () => {
  test.each([
    ['an import of a type', "import type { Context } from './context'\n"],
    ['a re-export', "export * from './context'\n"],
    ['a dynamic import', "export const load = () => import('./context')\n"],
    ['an import type', "export type Held = import('./context').Context\n"],
    ['require', "const c = require('./context')\nexport { c }\n"],
    ['import with equals', "import c = require('./context')\nexport { c }\n"],
    ['an import over several lines', "import type {\n  Context,\n} from './context'\n"],
  ])('follows %s, and what imports that file', async (_, text) => {
    const files = { ...context, '/a/b.ts': text, '/a/c.ts': "import './b'\n", '/a/d.ts': "import 'far'\nexport {}\n" }
    expect(reached(files)).toEqual(['/a/b.ts', '/a/c.ts', '/a/context.ts'])
  })

  test('takes a file in whose import does not resolve: where it leads is not known', () => {
    expect(reached({ ...context, '/a/b.ts': "import 'alias/lost'\n", '/a/c.ts': 'export {}\n' })).toEqual([
      '/a/b.ts',
      '/a/context.ts',
    ])
  })

  test.each([
    ['a global augmentation', "import type { Context } from './context'\ndeclare global {\n  var held: Context\n}\n"],
    [
      'a module augmentation',
      "import type { Context } from './context'\ndeclare module 'far' {\n  interface Request { context: Context }\n}\n",
    ],
  ])('counts every file once %s carries the type', async (_, text) => {
    expect(reached({ ...context, '/a/b.ts': text, '/a/c.ts': 'export {}\n' })).toBeUndefined()
  })

  test.each([
    ['a type of the file', 'type Held = Context\ndeclare global {\n  var held: Held\n}\n'],
    ['an import type', "declare global {\n  var held: import('./context').Context\n}\n"],
    ['a typeof', 'declare const one: Context\ndeclare global {\n  var held: typeof one\n}\n'],
    ['a namespace of the file', 'namespace N {\n  export type C = Context\n}\ndeclare global {\n  var h: N.C\n}\n'],
    ['an import with equals', "import all = require('./context')\ndeclare global {\n  var h: all.Context\n}\n"],
    ['the default import', "import Default from './context'\ndeclare module 'far' {\n  const h: Default\n}\n"],
    ['an exported type', 'export interface Held { c: Context }\ndeclare global {\n  var held: Held\n}\n'],
    ['a block beside one of texts', 'declare global {\n  var t: string\n}\ndeclare global {\n  var h: Context\n}\n'],
  ])('counts every file once a block names %s', (_, text) => {
    const files = { '/a/b.ts': `import type { Context } from './context'\n${text}`, '/a/c.ts': 'export {}\n' }
    expect(reached({ ...context, ...files })).toBeUndefined()
  })

  test.each([
    [
      'a field of the library',
      'declare global {\n  interface Window { layers: unknown[]; log: (text: string) => void }\n}\n',
    ],
    ['a setting', 'declare global {\n  namespace NodeJS {\n    interface ProcessEnv { PORT?: string }\n  }\n}\n'],
    ['a file of another sort', "declare module '*.svg' {\n  const address: string\n  export default address\n}\n"],
  ])('follows imports alone where a block declares nothing but %s', (_, text) => {
    const files = { '/a/b.ts': `import type { Context } from './context'\n${text}`, '/a/c.ts': 'export {}\n' }
    expect(reached({ ...context, ...files })).toEqual(['/a/b.ts', '/a/context.ts'])
  })

  test('counts every file when a block holds the definition itself', () => {
    const text = 'export {}\ndeclare global {\n  interface Context { userId: string }\n}\n'
    expect(reached({ '/a/context.ts': text, '/a/c.ts': 'export {}\n' })).toBeUndefined()
  })

  test('counts every file when the definition itself is global', () => {
    expect(
      reached({ '/a/context.ts': 'interface Context { userId: string }\n', '/a/c.ts': 'export {}\n' }),
    ).toBeUndefined()
  })
})
