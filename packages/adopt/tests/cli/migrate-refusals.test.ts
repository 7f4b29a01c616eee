import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject } from './small-project.ts'

describe('migrate', () => {
  test('writes nothing outside of git until it is told to, and takes that back again', () => {
    const project = makeProject()
    installPackages(project.root)
    rmSync(join(project.root, '.git'), { recursive: true })
    const before = project.read('src/chat.ts')
    const { exitCode, stdout, stderr } = project.run(['migrate', '--write', '--quiet'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/is in no git work tree.* use --force\.\n$/)
    expect(project.read('src/chat.ts')).toBe(before)
    expect(project.run(['migrate', '--quiet']).stderr).toBe('')
    expect(project.run(['migrate', '--write', '--force', '--quiet']).stdout).toContain('Written: 1 site moved')
    expect(project.run(['migrate', '--undo']).exitCode).toBe(0)
    expect(project.read('src/chat.ts')).toBe(before)
  })

  test('refuses a home of a field that the target has no place for, by name', () => {
    const refused = ['nowhere.x', 'reason', 'drop.x', 'run.', 'users']
    for (const to of refused) {
      const config = { types: ['RequestContext'], migrate: { fields: { logger: { to }, userId: { to: 'user' } } } }
      const project = makeProject({ 'user-execution-context.config.json': JSON.stringify(config) })
      const { exitCode, stderr } = project.run(['migrate'])
      expect({ to, exitCode, stderr }).toEqual({
        to,
        exitCode: 2,
        stderr:
          `adopt: migrate.fields sends logger to "${to}", which is no home. Homes begin with one of: "drop", "user", ` +
          '"vouching", "run".\n',
      })
    }
  })
})
