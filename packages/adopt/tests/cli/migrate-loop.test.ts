import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject, type SmallProject } from './small-project.ts'

/** A project with a first baseline, committed, and the package installed. */
function openWithBaseline(changes: Readonly<Record<string, string>> = {}): SmallProject {
  const project = makeProject({ '.gitignore': 'node_modules\n', ...changes })
  installPackages(project.root)
  project.run(['check', '--start-baseline', '--quiet'])
  project.commit()
  return project
}

const written = [
  'src/context.ts',
  'src/chat.ts',
  'src/jobs.ts',
  'context-baseline.json',
  'user-execution-context.config.json',
]

describe('migrate --write', () => {
  test('rewrites baseline and configuration with the code: check is green right after, and counts right', () => {
    const project = openWithBaseline()
    expect(project.run(['migrate', '--write', '--quiet']).stdout).toContain('Written: 1 site moved')
    expect(JSON.parse(project.read('user-execution-context.config.json'))).toEqual({ types: ['UserExecutionContext'] })
    project.commit()
    for (const env of [{}, { CI: 'true' }]) {
      const { exitCode, stdout, stderr } = project.run(['check', '--quiet'], env)
      expect([exitCode, stderr]).toEqual([0, ''])
      expect(stdout).toContain('1 of 2 moved, 1 left, 0 new')
    }
    expect(project.git('status', '--porcelain')).toBe('')
  })

  test('accepts nothing that the baseline did not accept before', () => {
    const project = openWithBaseline()
    project.write(
      'src/late.ts',
      "import type { RequestContext } from './context'\nexport const late = (body: unknown): string => (body as RequestContext).userId\n",
    )
    project.commit()
    project.run(['migrate', '--write', '--quiet'])
    const { exitCode, stdout } = project.run(['check', '--quiet'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('src/late.ts')
  })
})

describe('migrate --undo', () => {
  test('puts code, baseline and configuration back as they were, once', () => {
    const project = openWithBaseline()
    const before = written.map((file) => project.read(file))
    project.run(['migrate', '--write', '--quiet'])
    expect(written.map((file) => project.read(file))).not.toEqual(before)
    expect(project.run(['migrate', '--undo']).exitCode).toBe(0)
    expect(written.map((file) => project.read(file))).toEqual(before)
    expect(project.git('status', '--porcelain')).toBe('')
    const again = project.run(['migrate', '--undo'])
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('was undone already')])
  })

  test('changes nothing when a file was edited since', () => {
    const project = openWithBaseline()
    project.run(['migrate', '--write', '--quiet'])
    project.write('src/chat.ts', `${project.read('src/chat.ts')}// mine\n`)
    const before = written.map((file) => project.read(file))
    const { exitCode, stderr } = project.run(['migrate', '--undo'])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('src/chat.ts changed since migrate wrote it')])
    expect(written.map((file) => project.read(file))).toEqual(before)
  })
})
