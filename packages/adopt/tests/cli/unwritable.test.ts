import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCli } from '../../src/cli.ts'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { makeProject } from './small-project.ts'

describe('runCli', () => {
  test('says in one sentence which file it may not write, also where it may not clean up either', () => {
    const project = makeProject({ '.gitignore': 'node_modules\n' })
    installPackages(project.root)
    project.commit()
    // Nothing can remove what stands there as a file, whoever runs the tool.
    const record = 'node_modules/.cache/user-execution-context/last-write.json'
    mkdirSync(join(project.root, `${record}.older`), { recursive: true })
    const { exitCode, stdout, stderr } = project.run(['migrate', '--write', '--force'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^adopt: ${record}, .* no file was changed\\. Allow yourself .*\\.\n$`))
    expect(project.git('status', '--porcelain', '--', 'src')).toBe('')
  })

  test.each(['EACCES', 'EPERM', 'EROFS', 'ENOSPC'])('asks nobody to report %s', async (code) => {
    let said = ''
    const refuse = (): never => {
      throw Object.assign(new Error(code), { code, path: 'some/file' })
    }
    const stderr = { write: (text: string) => (said += text) }
    const environment = { workingDirectory: '.', env: {}, stdout: { write: refuse }, stderr }
    expect(await runCli(['--help'], environment)).toBe(2)
    expect(said).toMatch(new RegExp(`^adopt: some/file cannot be read or written \\(${code}\\)\\. .*\\.\n$`))
  })
})
