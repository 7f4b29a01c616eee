import { describe, expect, test } from 'vitest'
import { files, makeProject } from './small-project.ts'

const ci = { CI: 'true' }
const baseline = 'context-baseline.json'
const secondCast =
  "import type { RequestContext } from './context'\n" +
  'export const forged = (body: unknown) => body as RequestContext\n'

/** A project with its two violations in a committed baseline. */
const makeHeld = () => {
  const project = makeProject()
  project.run(['check', '--start-baseline'])
  project.commit()
  return project
}

describe('check', () => {
  test('fails without a baseline, and says how to start one', () => {
    const { exitCode, stdout, stderr } = makeProject().run(['check'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('new src/chat.ts:3:57 literal-argument of RequestContext in handle')
    expect(stdout).toContain('check --start-baseline')
    expect(stderr).toBe('')
  })

  test('holds the line from a first baseline: one line a violation, no line number, no code', () => {
    const project = makeHeld()
    expect(
      project
        .read(baseline)
        .split('\n')
        .filter((line) => line.startsWith('{"file"')),
    ).toHaveLength(2)
    expect(project.read(baseline)).not.toMatch(/"line"|requestId: 'r1'|body as/)
    expect(project.run(['check'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(project.run(['check'], ci).exitCode).toBe(0)
    expect(project.run(['check', '--start-baseline'])).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test('fails on a new violation with a code frame and the fix, here and in CI', () => {
    const project = makeHeld()
    project.write('src/new.ts', secondCast)
    for (const env of [{}, ci]) {
      const { exitCode, stdout } = project.run(['check'], env)
      expect(exitCode).toBe(1)
      expect(stdout).toContain('> 2 | export const forged = (body: unknown) => body as RequestContext\n')
      expect(stdout).toContain('fix Remove the assertion')
      expect(stdout).not.toContain('new src/jobs.ts')
    }
    expect(project.git('status', '--short')).toBe('?? src/new.ts\n')
  })

  test.each([
    ['a tsconfig whose base is gone', 'tsconfig.json', files['tsconfig.json'].replace('{', '{ "extends": "./gone",')],
    ['a file that does not parse', 'src/half.ts', `${secondCast}export const half = (\n`],
  ])('accepts nothing while %s hides sites, and says what to do instead of naming itself', (_, file, text) => {
    const project = makeProject({ [file]: text })
    for (const words of [['--start-baseline'], ['--accept', 'why']]) {
      const { exitCode, stdout } = project.run(['check', ...words])
      expect(exitCode).toBe(2)
      expect(stdout).toContain(`Skipped ${file}`)
      expect(stdout).toMatch(/context-baseline\.json was not written: .* Repair what is named above as skipped/)
      expect(stdout).not.toContain('check --start-baseline')
      expect(project.git('status', '--short', '--ignored')).not.toContain(baseline)
    }
    expect(project.run(['check']).stdout).not.toContain('check --start-baseline')
  })

  test('takes moved, renamed and reformatted code for what it was', () => {
    const project = makeHeld()
    project.write(
      'src/moved/night.ts',
      '\n\n' +
        `${project.read('src/jobs.ts').replaceAll("'./", "'../").replace('body as', 'body as // from the queue\n   ')}`,
    )
    project.remove('src/jobs.ts')
    project.write('src/chat.ts', project.read('src/chat.ts').replace('handle', 'answer'))
    expect(project.run(['check'], ci).exitCode).toBe(0)
    expect(project.run(['check'])).toMatchObject({ exitCode: 0 })
    expect(project.read(baseline)).toContain('src/moved/night.ts')
  })

  test('tightens itself locally when a violation is fixed, and fails in CI until that is committed', () => {
    const project = makeHeld()
    project.write('src/jobs.ts', 'export const nightly = 1\n')
    const stale = project.run(['check'], ci)
    expect(stale.exitCode).toBe(1)
    expect(stale.stdout).toContain('1 of its violations are fixed. Run check on your machine')
    expect(project.git('diff', '--stat', baseline)).toBe('')
    expect(project.run(['check']).stdout).toContain('1 of 2 moved, 1 left, 0 new')
    expect(project.git('diff', '--numstat', baseline)).toMatch(/^0\t1\t/)
    expect(project.run(['check'], ci).exitCode).toBe(0)
  })

  test('grows only by a written reason, which stands beside the entry', () => {
    const project = makeHeld()
    project.write('src/new.ts', secondCast)
    expect(project.run(['check', '--accept', '  ']).exitCode).toBe(2)
    expect(project.run(['check', '--accept', 'vendor callback'], ci).exitCode).toBe(2)
    expect(project.run(['check', '--accept', 'vendor callback']).exitCode).toBe(0)
    expect(project.git('diff', baseline)).toMatch(/^\+.*"file": "src\/new.ts".*"reason": "vendor callback"/m)
    expect(project.run(['check'], ci).exitCode).toBe(0)
  })

  test('sees an entry that was added by hand without a reason', () => {
    const project = makeHeld()
    project.git('branch', 'before')
    project.write('src/new.ts', secondCast)
    project.run(['check', '--accept', 'quietly'])
    project.write(baseline, project.read(baseline).replace(', "reason": "quietly"', ''))
    project.commit()
    const { exitCode, stdout } = project.run(['check', '--since', 'before'], ci)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('An entry was added without a reason: cast in forged of src/new.ts')
  })

  test('limits the report to files changed since a revision, and counts the others', () => {
    const project = makeProject()
    project.commit()
    project.write('src/new.ts', secondCast)
    const { exitCode, stdout } = project.run(['check', '--since', 'HEAD'])
    expect(exitCode).toBe(1)
    expect(stdout.match(/^new .*/gm)).toEqual(['new src/new.ts:2:42 cast of RequestContext in forged, held by check'])
    expect(stdout).toContain('2 more are new outside the files changed')
    expect(project.run(['check', '--since', 'no-such-revision']).exitCode).toBe(2)
  })

  test('lets a comment with a reason allow one site, and reports one that allows nothing', () => {
    const project = makeHeld()
    project.write('src/new.ts', secondCast.replace('export', '// context-allow cast: the vendor verified it\nexport'))
    const allowed = project.run(['check', '--format', 'json'])
    expect(allowed.exitCode).toBe(0)
    for (const report of [allowed, project.run(['scan', '--format', 'json'])]) {
      const suppressed = JSON.parse(report.stdout).sites.filter(
        (site: { status: string }) => site.status === 'suppressed',
      )
      expect(suppressed).toMatchObject([{ file: 'src/new.ts', reason: 'the vendor verified it' }])
    }
    project.write('src/new.ts', '// context-allow cast: the vendor verified it\nexport const nothing = 1\n')
    const unused = project.run(['check'])
    expect(unused.exitCode).toBe(1)
    expect(unused.stdout).toContain('src/new.ts:1 This comment allows nothing: no cast stands at its line.')
  })

  test('asks to delete an empty baseline, and still refuses a cast and any', () => {
    const project = makeHeld()
    project.write('src/jobs.ts', 'export const nightly = 1\n')
    project.write('src/chat.ts', project.read('src/chat.ts').replace(/export const handle.*\n/, ''))
    expect(project.run(['check']).stdout).toContain(`${baseline} is empty. Delete it: tsc holds the rest.`)
    project.remove(baseline)
    expect(project.run(['check'], ci).exitCode).toBe(0)
    project.write(
      'src/new.ts',
      `${secondCast}import { reply } from './chat'\nexport const loose = (text: string) => reply(JSON.parse(text))\n`,
    )
    const { exitCode, stdout } = project.run(['check'], ci)
    expect(exitCode).toBe(1)
    expect(stdout.match(/^new \S+ \S+/gm)).toEqual(['new src/new.ts:2:42 cast', 'new src/new.ts:4:46 any-flow'])
  })

  test('counts the calls of vouchForUser(), and those before the first baseline as moved', () => {
    const project = makeProject()
    project.write(
      'src/vouched.ts',
      "import { vouchForUser } from 'user-execution-context/restricted'\n" +
        "export const user = () => vouchForUser('u1', { reason: 'cron' })\n",
    )
    expect(JSON.parse(project.run(['check', '--format', 'json']).stdout).vouched).toEqual({
      total: 1,
      inTests: 0,
      byFile: [['src/vouched.ts', 1]],
    })
    project.run(['check', '--start-baseline'])
    expect(project.run(['check']).stdout).toMatch(/^1 of 3 moved, 2 left, 0 new\n/)
    expect(project.run(['scan']).stdout).toMatch(/^1 of 3 moved, 2 left\n/)
    // A type that the baseline was not written for.
    project.write('src/other.ts', 'export interface OtherContext { userId: string }\n')
    expect(project.run(['scan', '--type', 'OtherContext']).stdout).toMatch(/^0 of 0 moved, 0 left\n/)
  })

  test('refuses --fast and a part of the tree: what they do not see would count as fixed', () => {
    const project = makeHeld()
    expect(project.run(['check', '--fast'])).toMatchObject({ exitCode: 2, stdout: '' })
    expect(project.run(['check', 'src'])).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test.each([{}, ci])('refuses a type that leaves out those of the baseline, with the environment %o', (env) => {
    const project = makeHeld()
    project.write('src/other.ts', 'export interface OtherContext { tenant: string }\n')
    const { exitCode, stdout, stderr } = project.run(['check', '--type', 'OtherContext'], env)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain('accepts violations of RequestContext, which --type leaves out')
    expect(project.git('diff', '--stat', baseline)).toBe('')
    const named = ['check', '--type', 'OtherContext', '--type', 'src/context.ts#RequestContext']
    expect(project.run(named, env)).toMatchObject({ exitCode: 0, stderr: '' })
    project.remove('src/jobs.ts')
    project.run(['check', '--type', 'RequestContext'])
    expect(project.git('diff', '--numstat', baseline)).toMatch(/^0\t1\t/)
  })

  test.each([
    ['a factory', ['--factory', 'nightly'], {}],
    ['a factory, in CI', ['--factory', 'nightly'], ci],
  ])('refuses %s of the command line that hides what the baseline accepts', (_name, words, env) => {
    const project = makeHeld()
    const { exitCode, stdout, stderr } = project.run(['check', ...words], env)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`With ${words[0]}, violations that the baseline accepts are not looked for`)
    expect(project.git('diff', '--stat', baseline)).toBe('')
  })

  test('takes such an option that hides nothing', () => {
    expect(makeHeld().run(['check', '--factory', 'reply'])).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('does not take what is in generated code for fixed where that is left out', () => {
    const project = makeProject({ 'src/jobs.ts': `// @generated\n${files['src/jobs.ts']}` })
    project.run(['check', '--generated', '--start-baseline'])
    project.commit()
    const { exitCode, stdout, stderr } = project.run(['check'])
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain('The baseline accepts violations in generated code (src/jobs.ts)')
    expect(project.git('diff', '--stat', baseline)).toBe('')
    expect(project.run(['check', '--generated'])).toMatchObject({ exitCode: 0, stderr: '' })
    project.remove('src/jobs.ts')
    project.run(['check'])
    expect(project.git('diff', '--numstat', baseline)).toMatch(/^0\t1\t/)
  })

  test('reads a baseline with a byte order mark, and names a directory in its place', () => {
    const project = makeHeld()
    project.write(baseline, `\uFEFF${project.read(baseline)}`)
    expect(project.run(['check'], ci)).toMatchObject({ exitCode: 0, stderr: '' })
    project.write('user-execution-context.config.json', '{ "types": ["RequestContext"], "baseline": "src" }')
    const { exitCode, stderr } = project.run(['check'])
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^adopt: \S+src cannot be read\. .*\n$/)])
  })

  test('names a baseline that git could not merge', () => {
    const project = makeHeld()
    project.write(baseline, `<<<<<<< ours\n${project.read(baseline)}`)
    const { exitCode, stderr } = project.run(['check'])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/context-baseline\.json holds merge conflict markers\. Keep the lines of both sides/)
  })
})
