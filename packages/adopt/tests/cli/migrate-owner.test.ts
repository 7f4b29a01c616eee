import { describe, expect, test } from 'vitest'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { files, makeProject, type SmallProject } from './small-project.ts'

function open(owners: string | undefined): SmallProject {
  const project = makeProject({
    '.gitignore': 'node_modules\n',
    'src/late/chat.ts': files['src/chat.ts'].replaceAll('./context', '../context'),
    'CODEOWNERS': owners,
  })
  installPackages(project.root)
  project.commit()
  return project
}

describe('migrate --owner', () => {
  test('edits the files of one owner only, by the last rule that matches', () => {
    const project = open('/src/late/ @org/late\n* @core\n/src/*.ts @org/early\n')
    const { stdout } = project.run(['migrate', '--write', '--quiet', '--owner', 'org/early'])
    expect(stdout).toContain('Written: 1 site moved, 0 definitions merged')
    expect(project.git('diff', '--name-only')).toBe('src/chat.ts\nsrc/jobs.ts\n')
  })

  test('refuses an owner who owns nothing here, and names those who do', () => {
    const { exitCode, stderr } = open('* @core\n').run(['migrate', '--quiet', '--owner', '@team'])
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining('gives @team no file that was analysed. Owners here: @core.'),
    ])
  })

  test('refuses without a CODEOWNERS', () => {
    expect(open(undefined).run(['migrate', '--quiet', '--owner', '@team']).stderr).toContain('needs a CODEOWNERS file')
  })
})
