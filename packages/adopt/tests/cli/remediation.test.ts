// A remediation from the first scan to the deleted baseline, by the very commands that docs/adoption.md shows.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject, type Outcome, type SmallProject } from './small-project.ts'
import { installTranspiler, testedFiles } from './tested-project.ts'

const page = readFileSync('../../docs/adoption.md', 'utf8')
const block = /## A remediation, start to end\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
const commands = block
  .split('\n')
  .flatMap((line) => /^npx @user-execution-context\/adopt (.*?)(?: +#.*)?$/.exec(line)?.[1] ?? [])

/** Runs the command of this place in the page. */
function step(project: SmallProject, index: number): Outcome {
  const words = commands[index]!.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ''))
  return project.run(words)
}

const tests = {
  chat: `import assert from 'node:assert/strict'
import { handle } from '../src/chat.js'
assert.equal(handle('u1'), 'u1')
`,
  jobs: `import assert from 'node:assert/strict'
import { nightly } from '../src/jobs.js'
assert.equal(nightly({ userId: 'u2', requestId: 'r' }), 'u2')
`,
}

function open(): SmallProject {
  const project = makeProject({
    ...testedFiles,
    'user-execution-context.config.json': undefined,
    'CODEOWNERS': '* @core\n/src/jobs.ts @jobs\n',
    'src/chat.ts': `import type { RequestContext } from './context.js'
export const reply = (context: RequestContext): string => context.userId
export const handle = (userId: string): string => reply({ userId, requestId: 'r1' })
`,
    'src/jobs.ts': `import { reply } from './chat.js'
import type { RequestContext } from './context.js'
export const nightly = (body: unknown): string => reply(body as RequestContext)
`,
    'tests/chat.test.ts': tests.chat,
  })
  installPackages(project.root)
  installTranspiler(project.root, true)
  project.commit()
  return project
}

const npmTest = (project: SmallProject): number | null =>
  spawnSync('npm', ['test', '--silent'], { cwd: project.root, env: { PATH: process.env['PATH'] } }).status

/** What its owner's compiler says; empty when it is content. */
const compile = (project: SmallProject): string =>
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { cwd: project.root, encoding: 'utf8' })
    .stdout

describe('the commands of docs/adoption.md', () => {
  test('lead from the first scan to the deleted baseline', { timeout: 240_000 }, () => {
    expect(commands).toHaveLength(7)
    const project = open()

    // 1 and 2: which type, what is there, and what no test would notice.
    expect(step(project, 0)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(step(project, 1).stdout).toContain('  @jobs  1 site, 1 of them in files that no test reaches\n')
    project.write('tests/jobs.test.ts', tests.jobs)
    expect(step(project, 1).stdout).not.toContain('no test reaches')
    expect(npmTest(project)).toBe(0)

    // 3: nothing new from here on, and a plan for people.
    expect(step(project, 2)).toMatchObject({ exitCode: 0 })
    expect(step(project, 3).exitCode).toBe(1)
    expect(project.read('plan/jobs.md')).toContain('- [ ] line 3 in `nightly`: cast.')
    project.commit()

    // 4: what can be proved moves, and the tests of the project agree.
    const moved = step(project, 4)
    expect(moved.stdout).toMatch(
      /Written: 1 site tried, 1 kept, 0 reverted, .* your own TypeScript 5\.9\.\d+: 0 before, 0 after\./,
    )
    expect(step(project, 5).stdout).toContain('1 of 2 moved, 1 left, 0 new')
    project.commit()

    // 5: the rest by hand, each step green and the baseline smaller.
    project.write(
      'src/jobs.ts',
      `import { reply } from './chat.js'
import type { RequestContext } from './context.js'
export const nightly = (context: RequestContext): string => reply(context)
`,
    )
    project.write(
      'tests/jobs.test.ts',
      `import assert from 'node:assert/strict'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { nightly } from '../src/jobs.js'
assert.equal(nightly(createForUser(vouchForUser('u2', { reason: 'test' }))), 'u2')
`,
    )
    project.write(
      'src/chat.ts',
      `import { createForUser, type VerifiedUser } from 'user-execution-context'
import type { RequestContext } from './context.js'
export const reply = (context: RequestContext): string => context.userId
export const handle = (user: VerifiedUser): string => reply(createForUser(user))
`,
    )
    project.write(
      'tests/chat.test.ts',
      tests.chat
        .replace(
          'import { handle }',
          "import { vouchForUser } from 'user-execution-context/restricted'\nimport { handle }",
        )
        .replace("handle('u1')", "handle(vouchForUser('u1', { reason: 'test' }))"),
    )
    expect(npmTest(project)).toBe(0)
    expect(compile(project)).toBe('')
    const closing = step(project, 5)
    expect(closing.exitCode).toBe(0)
    expect(closing.stdout).toContain('2 of 2 moved, 0 left, 0 new')
    expect(closing.stdout).toContain('No call of vouchForUser() outside 2 in tests.')
    expect(JSON.parse(project.read('context-baseline.json')).violations).not.toContainEqual(
      expect.objectContaining({ kind: 'cast' }),
    )

    // 6: closed. Without a baseline nothing is accepted, and tsc holds what types can hold.
    rmSync(join(project.root, 'context-baseline.json'))
    project.commit()
    expect(step(project, 6)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(existsSync(join(project.root, 'context-baseline.json'))).toBe(false)
    project.write(
      'src/forged.ts',
      `import type { RequestContext } from './context.js'
export const literal: RequestContext = { userId: 'u', requestId: 'r' }
export const cast = { userId: 'u' } as unknown as RequestContext
`,
    )
    expect(compile(project)).toMatch(/^src\/forged\.ts\(2,\d+\): error TS\d+/m)
    const held = step(project, 6)
    expect(held.exitCode).toBe(1)
    expect(held.stdout).toMatch(/src\/forged\.ts:3/)
  })
})
