import { mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeProject, type SmallProject } from './small-project.ts'

const without = { 'user-execution-context.config.json': undefined }

/** The package is installed, and nothing says which type is meant. */
const installed = (changes: Readonly<Record<string, string | undefined>> = {}): SmallProject => {
  const project = makeProject({ ...without, ...changes })
  mkdirSync(join(project.root, 'node_modules'))
  symlinkSync(resolve('../..'), join(project.root, 'node_modules/user-execution-context'))
  return project
}

const makes = `import { createForUser, parseThreadId } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
export const open = (userId: string) =>
  createForUser(vouchForUser(userId, { reason: 'a test' }), { threadId: parseThreadId('t') })
`

describe('assertGuessFits', () => {
  test('refuses to call a tree clean whose own context nobody named, and names it and init', () => {
    const project = installed()
    for (const words of [['scan'], ['scan', '--fast'], ['check'], ['migrate'], ['migrate', '--write', '--force']]) {
      const { exitCode, stdout, stderr } = project.run(words)
      expect({ words, exitCode, stdout }).toEqual({ words, exitCode: 2, stdout: '' })
      expect(stderr).toContain('Nothing in ')
      expect(stderr).toContain('RequestContext (src/context.ts:1) looks like a context. Run init')
      expect(stderr).toContain('--type')
    }
    expect(project.git('status', '--porcelain', '--', 'context-baseline.json')).toBe('')
  })

  test('answers about the type of the package when it is named, when it is made, and when there is no other', () => {
    expect(installed().run(['scan', '--type', 'UserExecutionContext'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(installed({ 'src/open.ts': makes }).run(['scan'])).toMatchObject({ exitCode: 0, stderr: '' })
    const none = { 'src/context.ts': 'export {}\n', 'src/chat.ts': undefined, 'src/jobs.ts': undefined }
    expect(installed(none).run(['scan'])).toMatchObject({ exitCode: 0, stderr: '' })
  })
})
