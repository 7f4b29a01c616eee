import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadEngine } from '../../src/engine/load-engine.ts'
import type { ScanProgress } from '../../src/scan/scan-result.ts'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const files = {
  'tsconfig.json': strictConfig,
  'src/context.ts': 'export interface Context { userId: string; runId: string }\n',
  'src/use.ts': "import type { Context } from './context'\nexport const c: Context = { userId: 'u', runId: 'r' }\n",
}
const options = { types: ['src/context.ts#Context'] }
const refusal = async (root: string, more: object = {}): Promise<unknown> =>
  scan({ root, ...options, ...more }).then(
    () => 'no error',
    ({ code, exitCode, file, message }) => ({ code, exitCode, file, message }),
  )

describe('scan of bad input', () => {
  const skippedOf = async (root: string, more: object = {}) => {
    const { findings, skipped, partial } = await scan({ root, ...options, ...more })
    return { sites: findings.map(({ file, kind }) => `${file} ${kind}`), skipped, partial }
  }
  const sites = ['src/use.ts literal-annotation']
  const naming = "import type { Context } from './context'\nexport type Held = Context\n"

  test.each<[string, string | Buffer, string, boolean]>([
    ['a syntax error', 'export const a = 1\nexport function broken( {\n', 'line 3 does not parse', false],
    ['a syntax error beside the type', `${naming}export function broken( {\n`, 'does not parse', true],
    ['Latin-1', Buffer.from('// Gr\xfc\xdfe\nexport const a = 1\n', 'latin1'), 'it is not UTF-8', false],
    ['Latin-1 that imports the type', Buffer.from(`// Gr\xfc\xdfe\n${naming}`, 'latin1'), 'it is not UTF-8', true],
    ['UTF-16', Buffer.from(`\ufeff${naming}`, 'utf16le'), 'it is UTF-16', true],
    ['UTF-16, big end first', Buffer.from([0xfe, 0xff, 0, 65]), 'it is UTF-16', false],
    [
      '3,500 nested parentheses',
      `export const a = ${'('.repeat(3500)}1${')'.repeat(3500)}\n`,
      'nested too deeply',
      false,
    ],
    ['20,000 nested lists', `export const a = ${'['.repeat(20000)}${']'.repeat(20000)}\n`, 'nested too deeply', false],
    ['30,000 signs before a number', `export const a = ${'- '.repeat(30000)}1\n`, 'nested too deeply', false],
    ['an import two files away', "import { far } from './far'\nexport function broken( {\n", 'does not parse', true],
  ])(
    'passes over %s, names the file, and says whether it concerns the type',
    async (_, text, reason, concerns) => {
      const root = temporaryProject({ ...files, 'src/far.ts': "export const far = 1\nexport * from './use'\n" })
      writeFileSync(join(root, 'src/odd.ts'), text)
      expect(await skippedOf(root)).toEqual({
        sites,
        skipped: [{ file: 'src/odd.ts', reason: expect.stringContaining(reason), concerns }],
        partial: false,
      })
      expect(await skippedOf(root, { exclude: ['src/odd.*'] })).toEqual({ sites, skipped: [], partial: false })
    },
    60_000,
  )

  test('reads only what include names', async () => {
    const root = temporaryProject({ ...files, 'other/use.ts': files['src/use.ts'].replace('./', '../src/') })
    expect((await skippedOf(root)).sites).toEqual(['other/use.ts literal-annotation', ...sites])
    expect((await skippedOf(root, { include: ['src/**'] })).sites).toEqual(sites)
    expect((await skippedOf(root, { include: ['{src,other}/**'], exclude: ['**/other/**'] })).sites).toEqual(sites)
  })

  test('analyses under a tsconfig whose base is not there, and under one beside a broken one', async () => {
    const { include } = JSON.parse(strictConfig)
    const root = temporaryProject({
      ...files,
      'tsconfig.json': JSON.stringify({ extends: './absent.json', include }),
      'lib/tsconfig.json': '{ "include": [',
      'lib/a.ts': 'export const a = 1\n',
    })
    expect(await skippedOf(root)).toEqual({
      sites,
      skipped: [
        { file: 'lib/tsconfig.json', reason: expect.stringContaining('not a valid tsconfig'), concerns: false },
        { file: 'tsconfig.json', reason: expect.stringContaining('./absent.json, which is not there'), concerns: true },
      ],
      partial: false,
    })
    const packaged = temporaryProject({ ...files, 'tsconfig.json': '{ "extends": "@tsconfig/absent/tsconfig.json" }' })
    expect((await skippedOf(packaged)).skipped).toHaveLength(1)
  })

  test('passes over a definition that stands twice in one file', async () => {
    const twice = 'export class Context { userId = ""; runId = "" }\n'
    const root = temporaryProject({ ...files, 'src/context.ts': twice + twice })
    expect((await skippedOf(root)).sites).toContain('src/use.ts literal-annotation')
  })

  test('says that it lists a directory without a tsconfig, and reads no file of it', async () => {
    const { 'tsconfig.json': _, ...bare } = files
    const said: ScanProgress[] = []
    const root = temporaryProject({ ...bare, 'src/more/deep.ts': 'export {}\n' })
    expect(await refusal(root, { onProgress: (one: ScanProgress) => said.push(one) })).toMatchObject({
      code: 'TSCONFIG_ABSENT',
    })
    expect(said.map(({ phase, total }) => [phase, total])).toEqual(said.map(() => ['files', 0]))
    expect(said.at(-1)?.done).toBe(3)
  })

  test('names a missing tsconfig, and a broken one when there is no other', async () => {
    const { 'tsconfig.json': _, ...bare } = files
    expect(await refusal(temporaryProject(bare))).toMatchObject({ code: 'TSCONFIG_ABSENT', exitCode: 2 })
    expect(await refusal(temporaryProject(files), { configFiles: ['tsconfig.absent.json'] })).toMatchObject({
      code: 'TSCONFIG_ABSENT',
      message: expect.stringContaining('tsconfig.absent.json'),
    })
    expect(await refusal(temporaryProject({ ...files, 'tsconfig.json': '{ "include": [' }))).toMatchObject({
      code: 'TSCONFIG_UNREADABLE',
    })
  })

  test('names a directory without TypeScript', async () => {
    const root = temporaryProject({ 'tsconfig.json': '{}', 'readme.md': 'x' })
    expect(await refusal(root)).toMatchObject({ code: 'NO_TYPESCRIPT', file: root })
  })

  test('passes over links that lead back, names them, and follows no link out of the tree', async () => {
    const root = temporaryProject(files)
    symlinkSync('..', join(root, 'src/up'))
    symlinkSync('loop.ts', join(root, 'src/loop.ts'))
    expect(await skippedOf(root)).toEqual({
      sites,
      skipped: ['src/loop.ts', 'src/up'].map((file) => ({
        file,
        reason: 'the link leads back to itself',
        concerns: false,
      })),
      partial: false,
    })
  })

  test('names a file that changed while it was analysed', async () => {
    const root = temporaryProject(files)
    const onProgress = ({ phase, done }: { phase: string; done: number }): void =>
      void (
        phase === 'callers' &&
        done === 0 &&
        writeFileSync(join(root, 'src/use.ts'), 'export const changed = true\n')
      )
    expect(await refusal(root, { onProgress })).toMatchObject({ code: 'FILE_CHANGED', file: join(root, 'src/use.ts') })
  })

  test('accepts a file that was only touched', async () => {
    const root = temporaryProject(files)
    const onProgress = ({ phase, done }: { phase: string; done: number }): void =>
      void (phase === 'callers' && done === 0 && writeFileSync(join(root, 'src/use.ts'), files['src/use.ts']))
    expect(await refusal(root, { onProgress })).toBe('no error')
  })

  test('stops when it is told to', async () => {
    const controller = new AbortController()
    const phases: string[] = []
    const onProgress = ({ phase }: { phase: string }): void => {
      phases.push(phase)
      if (phase === 'types') controller.abort(new Error('stopped'))
    }
    await expect(
      scan({ root: temporaryProject(files), ...options, signal: controller.signal, onProgress }),
    ).rejects.toThrow('stopped')
    expect(phases).not.toContain('seal')
  })
})

describe('loadEngine', () => {
  const fakeModules = (name: string, version: string): string => {
    const root = temporaryProject({ 'index.js': '' })
    mkdirSync(join(root, 'node_modules', name), { recursive: true })
    writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }))
    return pathToFileURL(join(root, 'index.js')).href
  }

  test('refuses the compiler of the user, whatever its version, and says which is needed', async () => {
    await expect(loadEngine('typescript', 'unstable/sync', fakeModules('typescript', '5.9.3'))).rejects.toMatchObject({
      code: 'ENGINE_VERSION',
      exitCode: 2,
      message: expect.stringMatching(/5\.9\.3.*exactly 7\.0\.2/),
    })
  })

  test('says what is not installed and how to install it', async () => {
    const from = pathToFileURL(join(parse(process.cwd()).root, 'nowhere', 'index.js')).href
    await expect(loadEngine('oxc-parser', '', from)).rejects.toMatchObject({
      code: 'ENGINE_ABSENT',
      message: expect.stringContaining('Reinstall @user-execution-context/adopt'),
    })
    await expect(loadEngine('typescript-6.0', '', from)).rejects.toMatchObject({
      code: 'ENGINE_ABSENT',
      message: expect.stringContaining('typescript-6.0@npm:typescript@6.0.3'),
    })
  })

  test('says when an engine is installed and does not start', async () => {
    await expect(loadEngine('oxc-parser', '', fakeModules('oxc-parser', '0.153.0'))).rejects.toMatchObject({
      code: 'ENGINE_ABSENT',
      message: expect.stringContaining('does not start'),
    })
  })
})
