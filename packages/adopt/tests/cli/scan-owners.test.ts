import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { files, makeProject, type SmallProject } from './small-project.ts'

const late = files['src/chat.ts'].replaceAll('./context', '../context')

function open(changes: Readonly<Record<string, string | undefined>> = {}): SmallProject {
  return makeProject({
    'CODEOWNERS': '* @core\n/src/late/ @org/Late @org/second\n/src/jobs.ts\n',
    'src/late/chat.ts': late,
    // Reaches chat.ts through another file; jobs.ts and late/ are reached by none.
    'src/through.ts': "export * from './chat'\n",
    'tests/all.test.ts': "import { reply } from '../src/through'\nvoid reply\n",
    ...changes,
  })
}

describe('scan', () => {
  test('groups the open sites by CODEOWNERS, and says which stand in files that no test reaches', () => {
    const { stdout } = open().run(['scan', '--quiet'])
    const lines = stdout.split('\n')
    expect(lines.slice(lines.indexOf('By owner (CODEOWNERS)'))).toEqual([
      'By owner (CODEOWNERS)',
      '  @core  1 site',
      '  @org/Late  1 site, 1 of them in files that no test reaches',
      '  @org/second  1 site, 1 of them in files that no test reaches',
      '  no owner  1 site, 1 of them in files that no test reaches',
      '',
    ])
  })

  test('says it in one line where there is no CODEOWNERS, and nothing where tests reach every file', () => {
    const project = open({ CODEOWNERS: undefined })
    expect(project.run(['scan', '--quiet']).stdout).toContain(
      '\n3 sites open, 2 of them in files that no test reaches.\n',
    )
    project.write('tests/more.test.ts', "import '../src/jobs'\nimport '../src/late/chat'\n")
    expect(project.run(['scan', '--quiet']).stdout).not.toContain('no test reaches')
  })

  test('writes an issue for each of two owners whose names look alike, whatever stands in them', () => {
    const file = 'src/x\n# INJECTED @everyone\n.ts'
    const owners = "@org/a @org-a @Org/A @org/a;touch${IFS}pwn @org/it's"
    const project = open({ CODEOWNERS: `* ${owners}\n`, [file]: late.replaceAll('../', './') })
    project.run(['scan', '--quiet', '--issues', 'issues'])
    const names = readdirSync(join(project.root, 'issues'))
    expect(names).toHaveLength(5)
    const issues = names.map((name) => project.read(`issues/${name}`)).sort()
    expect(issues.map((text) => /--owner (.*) --verify/.exec(text)?.[1]).sort()).toEqual([
      "'@org/a;touch${IFS}pwn'",
      "'@org/it'\\''s'",
      '@Org/A',
      '@org-a',
      '@org/a',
    ])
    for (const text of issues) expect(text).not.toMatch(/^# INJECTED/m)
    expect(issues.filter((text) => text.includes('to move: `@org/a;touch${IFS}pwn`\n'))).toHaveLength(1)
  })

  test('writes one issue for each owner, to tick off, and keeps machine formats whole', () => {
    const project = open()
    const { stdout } = project.run(['scan', '--quiet', '--format', 'json', '--issues', 'issues'])
    expect(JSON.parse(stdout).sites).toHaveLength(3)
    expect(readdirSync(join(project.root, 'issues')).sort()).toEqual([
      'core.md',
      'no-owner.md',
      'org-late.md',
      'org-second.md',
    ])
    const issue = project.read('issues/org-late.md')
    expect(issue).toContain('# 1 site to move: @org/Late\n')
    expect(issue).toContain('migrate --write --owner @org/Late --verify')
    expect(issue).toMatch(
      /### `src\/late\/chat\.ts`\n\nNo test reaches this file: write one first\.\n\n- \[ \] line 3 in `handle`: /,
    )
    expect(project.read('issues/core.md')).not.toContain('No test reaches')
  })
})
