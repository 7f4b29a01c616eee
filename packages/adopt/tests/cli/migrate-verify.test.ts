import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { command, makeProject, type SmallProject } from './small-project.ts'
import { installTranspiler, testedFiles } from './tested-project.ts'

const site = (name: string, requestId: string): string => `import type { RequestContext } from '../context.js'
export const ${name} = (userId: string): RequestContext => ({ userId, requestId: '${requestId}' })
`

/** Four sites of two teams. The test of `two` needs the very id that a moved site would make anew. */
const parts = {
  ...testedFiles,
  'src/chat.ts': undefined,
  'src/jobs.ts': undefined,
  'src/a/one.ts': site('one', 'any'),
  'src/b/two.ts': site('two', 'r2') + site('too', 'any').split('\n')[1] + '\n',
  'src/b/three.ts': site('three', 'any'),
  'tests/all.test.ts': `import assert from 'node:assert/strict'
import { one } from '../src/a/one.js'
import { three } from '../src/b/three.js'
import { too, two } from '../src/b/two.js'
for (const make of [one, too, three, two]) assert.equal(make('u1').userId, 'u1')
assert.equal(two('u1').requestId, 'r2')
`,
  'CODEOWNERS': '* @core\n/src/a/ @team-a\n/src/b/ @team-b\n',
}

function open(changes: Readonly<Record<string, string | undefined>> = {}): SmallProject {
  const project = makeProject({ ...parts, ...changes })
  installPackages(project.root)
  // Without a compiler of the project's own: what it says is tested elsewhere.
  installTranspiler(project.root, false)
  project.commit()
  return project
}

const verify = (project: SmallProject, ...words: string[]): ReturnType<SmallProject['run']> =>
  project.run(['migrate', '--write', '--quiet', '--verify', 'npm test --silent', ...words])

describe('migrate --write --verify', { timeout: 240_000 }, () => {
  test('keeps what leaves the tests green, and names the one site that does not', () => {
    const project = open()
    const { exitCode, stdout } = verify(project)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^reverted src\/b\/two\.ts:2 literal-return in two: your tests turn red when it moves$/m)
    expect(stdout.match(/^reverted/gm)).toHaveLength(1)
    expect(stdout).toContain('Written: 4 sites tried, 3 kept, 1 reverted')
    const two = project.read('src/b/two.ts')
    expect(two).toContain('too = (userId: string): RequestContext => createForUser(')
    expect(two).toMatch(/TODO\(user-execution-context\): the tests turn red when it moves[\s\S]*requestId: 'r2'/)
    project.git('checkout', '-q', '-b', 'next')
    project.commit()
    const again = verify(project)
    expect(again.stdout).toContain('Nothing to change')
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test.each([
    ['directory', 'src/b', 2],
    ['owner', '@team-b', 2],
  ])('rolls a %s back as a whole when a second site of it turns them red', (batch, name, inBatch) => {
    const project = open({
      'src/b/three.ts': site('three', 'r3'),
      'tests/all.test.ts': `${parts['tests/all.test.ts']}assert.equal(three('u1').requestId, 'r3')\n`,
    })
    const { stdout } = verify(project, '--batch', batch)
    expect(stdout.match(/your tests turn red when it moves/g)?.length).toBe(inBatch)
    expect(stdout).toContain(`reverted src/b/two.ts:3 literal-return in too: rolled back with its batch, ${name}`)
    expect(stdout).toContain('4 sites tried, 1 kept, 3 reverted')
    expect(project.read('src/a/one.ts')).toContain('createForUser(')
  })

  test('refuses to begin when the tests are red before', () => {
    const project = open({ 'tests/all.test.ts': 'throw new Error("red")\nexport {}\n' })
    const { exitCode, stderr } = verify(project)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('fails before any edit')])
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('writes nothing when the definitions alone turn them red', () => {
    const project = open({
      'tests/all.test.ts': `import { readFileSync } from 'node:fs'
if (!readFileSync('src/context.ts', 'utf8').includes('interface RequestContext')) throw new Error('red')
`,
    })
    const { exitCode, stdout } = verify(project)
    expect([exitCode, stdout]).toEqual([2, expect.stringContaining('by the definitions alone')])
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('needs --write, and a batch that it knows', () => {
    const project = open()
    expect(project.run(['migrate', '--verify', 'true']).stderr).toContain('needs --write')
    expect(project.run(['migrate', '--write', '--batch', 'file']).stderr).toContain('--batch needs --verify')
    expect(project.run(['migrate', '--write', '--verify', 'true', '--batch', 'all']).stderr).toContain('is no batch')
    expect(project.run(['migrate', '--write', '--verify', ' ']).stderr).toContain('needs the command of your tests')
  })
})

/** Says that it runs, and waits for its end from the first time on. */
const waitingAtOnce = `const { mkdirSync, writeFileSync } = require('node:fs')
mkdirSync('out')
writeFileSync('out/pid', String(process.pid))
setInterval(() => undefined, 1000)
`

/** A runner whose worker does not listen, and edits the tree; the runner and its shell end at the first signal. */
const deaf = `const { spawn } = require('node:child_process')
const { existsSync, mkdirSync, writeFileSync } = require('node:fs')
if (process.argv[2] === 'worker') {
  process.on('SIGTERM', () => undefined)
  writeFileSync('out/pid', String(process.pid))
  setInterval(() => writeFileSync('src/a/one.ts', 'of the worker'), 50)
} else if (existsSync('out')) {
  spawn(process.execPath, [__filename, 'worker'], { stdio: 'ignore' })
  setInterval(() => undefined, 1000)
} else mkdirSync('out')
`

/** Removes a file that was moved, and is red. */
const removing = `const { existsSync, mkdirSync, rmSync } = require('node:fs')
if (existsSync('out')) { rmSync('src/b', { recursive: true }); process.exit(1) }
mkdirSync('out')
`

/** Green the first time, then waits for its end and says in a file of its own that it runs. */
const waiting = `const { existsSync, writeFileSync } = require('node:fs')
if (!existsSync('out')) require('node:fs').mkdirSync('out')
else { writeFileSync('out/pid', String(process.pid)); setInterval(() => undefined, 1000) }
`

async function startWaiting(
  project: SmallProject,
): Promise<{ exit: Promise<unknown[]>; kill: (signal: NodeJS.Signals) => void; pid: number }> {
  const words = ['migrate', '--write', '--quiet', '--verify', 'node waiting.cjs']
  const child = spawn(process.execPath, [command, ...words], { cwd: project.root, stdio: 'ignore' })
  const exit = once(child, 'exit')
  const mark = join(project.root, 'out/pid')
  while (!existsSync(mark) || project.read('out/pid') === '') await wait(20)
  return { exit, kill: (signal) => void child.kill(signal), pid: Number(project.read('out/pid')) }
}

/** A process that ended counts as gone, whether its parent has asked for its outcome or not. */
const isAlive = (pid: number): boolean => {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return status === 0 && !stdout.startsWith('Z')
}

describe('migrate --write --verify, cut short', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('puts the tree back on %s, and ends the tests', async (signal, code) => {
    const project = open({ 'waiting.cjs': waiting })
    const { exit, kill, pid } = await startWaiting(project)
    expect(project.git('status', '--porcelain')).toContain('src/a/one.ts')
    kill(signal)
    expect((await exit)[0]).toBe(code)
    expect(project.git('status', '--porcelain')).toBe('')
    expect(isAlive(pid)).toBe(false)
    expect(project.run(['migrate', '--undo']).stderr).toContain('has not written')
  })

  test.each([
    ['the first run, before any edit', waitingAtOnce],
    ['a worker that ignores the signal', deaf],
  ])('ends %s, and leaves the tree as it was', async (_, script) => {
    const project = open({ 'waiting.cjs': script })
    const { exit, kill, pid } = await startWaiting(project)
    kill('SIGINT')
    expect((await exit)[0]).toBe(130)
    expect(isAlive(pid)).toBe(false)
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('makes a file again that the tests removed', () => {
    const project = open({ 'waiting.cjs': removing })
    const { exitCode, stdout } = project.run(['migrate', '--write', '--quiet', '--verify', 'node waiting.cjs'])
    expect([exitCode, stdout]).toEqual([2, expect.stringContaining('by the definitions alone')])
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('leaves a whole tree after a crash, which --undo puts back', async () => {
    const project = open({ 'waiting.cjs': waiting })
    const { exit, kill, pid } = await startWaiting(project)
    kill('SIGKILL')
    await exit
    process.kill(pid, 'SIGKILL')
    expect(project.git('status', '--porcelain')).toContain('src/a/one.ts')
    expect(project.run(['migrate', '--undo']).exitCode).toBe(0)
    expect(project.git('status', '--porcelain')).toBe('')
  })
})
