// Bad input: a clear error that names the file, exit 2, and a tree that is as it was.
import { spawn } from 'node:child_process'
import { appendFileSync, chmodSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runCommand } from './command.ts'
import { openSmallApp, removeTree, snapshotOf, writeIn } from './small-app.ts'

describe('a code base that cannot be analysed', () => {
  let root = ''
  afterEach(() => removeTree(root))

  it('is read by every command when nothing is wrong with it', () => {
    root = openSmallApp()
    expect(runCommand(root, 'scan', '--quiet').exitCode).toBe(1)
    expect(runCommand(root, 'migrate', '--write', '--quiet').exitCode).toBeLessThan(2)
    expect(runCommand(root, 'check', '--start-baseline', '--quiet').exitCode).toBeLessThan(2)
  })

  const odd: readonly (readonly [string, string])[] = [
    ['a file that does not parse', 'export function broken( {\n'],
    ['3,500 nested parentheses', `export const a = ${'('.repeat(3500)}1${')'.repeat(3500)}\n`],
  ]
  it.each(odd)('with %s: scan names it and keeps its exit code, check holds the rest', (_, text) => {
    root = openSmallApp({ 'src/odd.ts': text })
    const scanned = runCommand(root, 'scan', '--quiet')
    expect([scanned.exitCode, scanned.stdout]).toEqual([1, expect.stringContaining('Skipped src/odd.ts: ')])
    expect(runCommand(root, 'check', '--start-baseline', '--quiet').exitCode).toBe(0)
    expect(runCommand(root, 'check', '--quiet').exitCode).toBe(0)
  })

  it('with a file that does not parse and names the type: check exits 2 until exclude covers it', () => {
    const naming =
      "import type { UserExecutionContext } from './user-execution-context.js';\nexport function broken( {\n"
    root = openSmallApp()
    expect(runCommand(root, 'check', '--start-baseline', '--quiet').exitCode).toBe(0)
    writeIn(root, 'src/odd.ts', naming)
    expect(runCommand(root, 'check', '--quiet').exitCode).toBe(2)
    writeIn(root, 'user-execution-context.config.json', '{ "exclude": ["src/odd.ts"] }\n')
    expect(runCommand(root, 'check', '--quiet').exitCode).toBe(0)
  })

  it('without any tsconfig: names what is missing', () => {
    root = openSmallApp({ 'tsconfig.json': undefined })
    expectRefusal(root, ['migrate', '--write'], 'tsconfig')
  })

  it('with a named tsconfig that does not exist: names it', () => {
    root = openSmallApp()
    expectRefusal(root, ['migrate', '--write', '--tsconfig', 'tsconfig.absent.json'], 'tsconfig.absent.json')
  })

  it('without TypeScript: names the directory', () => {
    root = openSmallApp(
      Object.fromEntries(
        ['user-execution-context', 'read', 'first', 'second'].map((name) => [`src/${name}.ts`, undefined]),
      ),
    )
    expectRefusal(root, ['migrate', '--write'], root)
  })

  it('without the type that was named: names the type', () => {
    root = openSmallApp()
    expectRefusal(root, ['migrate', '--write', '--type', 'TenantContext'], 'TenantContext')
  })

  it('with links that lead back: scan names them and analyses the rest', () => {
    root = openSmallApp()
    symlinkSync('loop.ts', join(root, 'src/loop.ts'))
    symlinkSync('..', join(root, 'src/up'))
    const { exitCode, stdout } = runCommand(root, 'scan', '--quiet')
    expect(exitCode).toBe(1)
    for (const link of ['src/loop.ts', 'src/up'])
      expect(stdout).toContain(`Skipped ${link}: the link leads back to itself`)
  })
})

describe('a tree that cannot be written', () => {
  let root = ''
  afterEach(() => removeTree(root))

  it('because a file is read-only: migrate names it and writes none', () => {
    root = openSmallApp()
    chmodSync(join(root, 'src/second.ts'), 0o444)
    expectRefusal(root, ['migrate', '--write'], 'src/second.ts')
  })

  it('because a directory is read-only: migrate names a file in it and writes none', () => {
    root = openSmallApp()
    chmodSync(join(root, 'src'), 0o555)
    expectRefusal(root, ['migrate', '--write'], 'src/')
    chmodSync(join(root, 'src'), 0o755)
  })

  it('because git has changes that are not committed: migrate says so and writes none', () => {
    root = openSmallApp()
    appendFileSync(join(root, 'src/first.ts'), '// Not committed.\n')
    expectRefusal(root, ['migrate', '--write'], 'src/first.ts')
  })

  it('because a file changes during the run: migrate names it and writes none', async () => {
    root = openSmallApp()
    const before = snapshotOf(root)
    const child = spawn(process.execPath, [resolve('dist/bin.js'), 'migrate', '--write', '--force', '--quiet'], {
      cwd: root,
      env: { ...process.env, CI: '1', NO_COLOR: '1' },
    })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const editor = setInterval(() => appendFileSync(join(root, 'src/first.ts'), '//\n'), 10)
    const exitCode = await new Promise((done) => child.on('close', done))
    clearInterval(editor)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('src/first.ts')
    const after = snapshotOf(root)
    expect({ ...after, 'src/first.ts': after['src/first.ts']?.replace(/(\/\/\n)+$/, '') }).toEqual(before)
  })
})

function expectRefusal(root: string, command: readonly string[], named: string): void {
  const before = snapshotOf(root)
  const { exitCode, stderr, stdout } = runCommand(root, ...command, '--quiet')
  expect(stderr).toContain(named)
  expect(stderr).not.toMatch(/\n\s+at .*\.js:\d+/)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(snapshotOf(root)).toEqual(before)
}
