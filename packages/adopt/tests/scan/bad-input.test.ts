import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, parse } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadEngine } from '../../src/engine/load-engine.ts'
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
  test('names the file that does not parse, with its line', async () => {
    const root = temporaryProject({ ...files, 'src/broken.ts': 'export const a = 1\nexport function broken( {\n' })
    expect(await refusal(root)).toMatchObject({
      code: 'FILE_UNPARSABLE',
      exitCode: 2,
      file: join(root, 'src/broken.ts'),
      message: expect.stringMatching(/^src\/broken\.ts:\d/),
    })
  })

  test('names a missing tsconfig, a broken one and a missing base', async () => {
    const { 'tsconfig.json': _, ...bare } = files
    expect(await refusal(temporaryProject(bare))).toMatchObject({ code: 'TSCONFIG_ABSENT', exitCode: 2 })
    expect(await refusal(temporaryProject(files), { configFiles: ['tsconfig.absent.json'] })).toMatchObject({
      code: 'TSCONFIG_ABSENT',
      message: expect.stringContaining('tsconfig.absent.json'),
    })
    expect(await refusal(temporaryProject({ ...files, 'tsconfig.json': '{ "include": [' }))).toMatchObject({
      code: 'TSCONFIG_UNREADABLE',
    })
    expect(
      await refusal(temporaryProject({ ...files, 'tsconfig.json': '{ "extends": "./base.json" }' })),
    ).toMatchObject({ code: 'TSCONFIG_ABSENT', message: expect.stringContaining('base.json') })
  })

  test('names a directory without TypeScript', async () => {
    const root = temporaryProject({ 'tsconfig.json': '{}', 'readme.md': 'x' })
    expect(await refusal(root)).toMatchObject({ code: 'NO_TYPESCRIPT', file: root })
  })

  test('names a link that leads back, and follows no link out of the tree', async () => {
    const root = temporaryProject(files)
    symlinkSync('..', join(root, 'src/up'))
    expect(await refusal(root)).toMatchObject({ code: 'SYMLINK_LOOP', file: join(root, 'src/up') })
    const selfish = temporaryProject(files)
    symlinkSync('loop.ts', join(selfish, 'src/loop.ts'))
    expect(await refusal(selfish)).toMatchObject({ code: 'SYMLINK_LOOP', file: join(selfish, 'src/loop.ts') })
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
