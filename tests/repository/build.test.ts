import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let directory: string
const build = resolve('scripts/build.mjs')

/** Runs the build in the directory; resolves to its exit code. */
const runBuild = (): Promise<number | null> =>
  new Promise((done) => spawn(process.execPath, [build], { cwd: directory, stdio: 'ignore' }).on('close', done))
const write = (name: string, text: string): void => writeFileSync(join(directory, name), text)
const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
const inode = (): number => statSync(join(directory, 'dist')).ino

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'build-'))
  mkdirSync(join(directory, 'src'))
  const target = { require: { default: './dist/cjs/index.js' } }
  write('package.json', JSON.stringify({ name: 'built', type: 'module', exports: { '.': target } }))
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    rewriteRelativeImportExtensions: true,
    declaration: true,
    noEmitOnError: true,
    rootDir: 'src',
    types: [],
  }
  write('tsconfig.build.json', JSON.stringify({ compilerOptions, include: ['src'] }))
  write('src/index.ts', 'export const answer: number = 42\n')
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('the build', () => {
  it('is safe when two run at once, and leaves nothing but dist and its stamp', async () => {
    for (let round = 0; round < 3; round++) {
      write('src/index.ts', `export const answer: number = ${round}\n`)
      expect(await Promise.all([runBuild(), runBuild()])).toEqual([0, 0])
      expect(read('dist/cjs/index.js')).toContain(`answer = ${round}`)
      expect(read('dist/esm/index.js')).toContain('answer')
    }
    expect(readdirSync(directory).filter((name) => name.startsWith('dist'))).toEqual(['dist', 'dist.stamp'])
  }, 60_000)

  it('is not done again when nothing changed, and is when a source or dist did', async () => {
    expect(await runBuild()).toBe(0)
    const first = inode()
    expect(await runBuild()).toBe(0)
    expect(inode()).toBe(first)
    write('dist/cjs/index.js', 'changed by hand\n')
    expect(await runBuild()).toBe(0)
    expect(read('dist/cjs/index.js')).toContain('answer = 42')
    write('src/index.ts', 'export const answer: number = 43\n')
    expect(await runBuild()).toBe(0)
    expect(read('dist/cjs/index.js')).toContain('answer = 43')
  }, 60_000)

  it('leaves dist as it was when it fails', async () => {
    expect(await runBuild()).toBe(0)
    write('src/index.ts', "export const answer: number = 'no number'\n")
    expect(await runBuild()).not.toBe(0)
    expect(read('dist/cjs/index.js')).toContain('answer = 42')
  }, 60_000)

  it('goes on when a process that was killed has left its lock behind', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await new Promise((done) => gone.on('close', done))
    write('dist.lock', String(gone.pid))
    expect(await runBuild()).toBe(0)
    expect(read('dist/cjs/index.js')).toContain('answer = 42')
  }, 60_000)
})
