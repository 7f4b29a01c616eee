import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rankCandidates } from '../../src/init/rank-candidates.ts'
import { command, files, makeProject } from './small-project.ts'

const config = 'user-execution-context.config.json'
const noConfig = { [config]: undefined }

/** Writes to PARSED the name of each file that the parser is given, one a line. */
const countingParser = (directory: string): string => {
  const entry = join(directory, 'count-parses.mjs')
  const hooks = `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`export const load = async (url, context, next) => {
  const loaded = await next(url, context)
  if (!url.endsWith('/oxc-parser/src-js/index.js')) return loaded
  const line = "appendFileSync(process.env.PARSED, filename + String.fromCharCode(10));"
  const head = 'export function parseSync(filename, sourceText, options) {'
  const source = String(loaded.source).replace(head, head + line)
  return { ...loaded, source: "import { appendFileSync } from 'node:fs';" + source }
}\`))
`
  writeFileSync(entry, hooks)
  return entry
}

describe('init', () => {
  test('parses each file once, but for those that the type reaches', () => {
    const others = ['a', 'b', 'c'].map((name) => `src/${name}.ts`)
    const project = makeProject({
      ...noConfig,
      ...Object.fromEntries(others.map((file) => [file, 'export const value = 1\n'])),
    })
    const parsed = join(project.root, 'parsed.txt')
    const outcome = project.run(['init'], {
      NODE_OPTIONS: `--import ${countingParser(project.root)}`,
      PARSED: parsed,
    })
    expect([outcome.exitCode, outcome.stderr]).toEqual([0, ''])
    const files = readFileSync(parsed, 'utf8').trim().split('\n')
    expect(files.filter((file) => others.includes(file)).sort()).toEqual(others)
    expect(files.filter((file) => file === 'src/chat.ts').length).toBeLessThanOrEqual(2)
  })

  test('guesses the context type, shows its evidence and writes a configuration that scan takes', () => {
    const project = makeProject({
      ...noConfig,
      'src/legacy.ts':
        'export interface RequestContext { userId: string; requestId: string }\n' +
        'export class ChartContext { width = 1 }\n',
      'src/routes.ts':
        "import type { RequestContext } from './context'\n" +
        'export const id = (context: RequestContext) => context.requestId\n',
    })
    const { exitCode, stdout, stderr } = project.run(['init'])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toBe(`The context type is RequestContext in src/context.ts:1
  its name says context
  it holds userId, requestId
  it is defined 2 times
  3 files import it
  one construction or cast of it
  also defined in src/legacy.ts:1, imported by 0 files

Confidence: high.
Wrote ${config}. When the guess is wrong, edit "types" in it. Next: scan.
`)
    expect(JSON.parse(project.read(config))).toEqual({
      $schema: './node_modules/@user-execution-context/adopt/schema/config.schema.json',
      types: ['RequestContext'],
    })
    expect(project.run(['scan']).stdout).toContain('RequestContext (src/context.ts:1)')
  })

  test('writes the type that the user names', () => {
    const project = makeProject({ ...noConfig, 'src/work.ts': 'export interface Job { payload: string }\n' })
    expect(project.run(['init', '--type', 'src/work.ts#Job']).exitCode).toBe(0)
    expect(JSON.parse(project.read(config)).types).toEqual(['src/work.ts#Job'])
    for (const type of ['./src/work.ts#Job', 'src/work#Job']) {
      expect(project.run(['init', '--force', '--type', type]).exitCode).toBe(0)
      expect(project.run(['scan']).stdout).toContain('Job (src/work.ts:1)')
    }
    expect(project.run(['init', '--force', '--type', 'NoSuchType']).exitCode).toBe(2)
  })

  test('shows and writes every type that the user names, and refuses one that is not there', () => {
    const project = makeProject({
      ...noConfig,
      'src/agent.ts': 'export class AgentContext {\n  constructor(readonly userId: string) {}\n}\n',
    })
    const named = ['init', '--type', 'RequestContext', '--type', 'src/agent.ts#AgentContext']
    for (const absent of ['src/agent.ts#Nothing', 'src/other.ts#AgentContext'])
      expect(project.run([...named, '--type', absent])).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining(`No definition of ${absent} was found`),
      })
    const { exitCode, stdout } = project.run(named)
    expect([exitCode, stdout]).toEqual([
      0,
      `The context type is RequestContext in src/context.ts:1
  its name says context
  it holds userId, requestId
  2 files import it
  one construction or cast of it

The context type is AgentContext in src/agent.ts:1
  its name says context
  it holds userId

Confidence: high.
Wrote ${config}. When the guess is wrong, edit "types" in it. Next: scan.
`,
    ])
    expect(JSON.parse(project.read(config)).types).toEqual(['RequestContext', 'src/agent.ts#AgentContext'])
  })

  test('exits 1 and writes nothing when it is unsure, and says why; --yes takes the guess', () => {
    const project = makeProject({
      ...noConfig,
      'src/context.ts':
        'export interface RequestContext { userId: string; requestId: string }\n' +
        'export interface AgentContext { userId: string; runId: string }\n',
      'src/other.ts': 'export class RequestContext { canvas = 1 }\n',
      'src/jobs.ts':
        "import type { AgentContext } from './context'\nexport const run = (context: AgentContext) => context.runId\n",
    })
    const { exitCode, stdout } = project.run(['init'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'Confidence: low. AgentContext is nearly as likely. src/other.ts:1 shares no field with it: that is ' +
        'another type.\nNothing was written.',
    )
    expect(project.git('status', '--porcelain', '--', config)).toBe('')
    expect(project.run(['init', '--yes'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(project.read(config)).types).toEqual(['RequestContext'])
  })

  test('never says that no file imports a type while files import one that does not resolve', () => {
    const lost = "import type { RequestContext } from '@/context'\nexport type Held = RequestContext\n"
    const project = makeProject({
      ...noConfig,
      'src/chat.ts': lost,
      'src/jobs.ts': lost.replace('@/context', '@app/src/context'),
      'src/far.ts': "import type { RequestContext } from 'far-away'\nexport type Held = RequestContext\n",
    })
    const { exitCode, stdout } = project.run(['init'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('  2 files import one that does not resolve\n')
    expect(stdout).toContain(
      'Confidence: low. 2 files import RequestContext from a module that does not resolve ' +
        '(src/chat.ts, src/jobs.ts): repair the paths of their tsconfig first.\n',
    )
    expect(stdout).not.toContain('No file imports it.')
    expect(project.run(['init', '--yes']).exitCode).toBe(0)
    const checked = project.run(['check', '--start-baseline'])
    expect([checked.exitCode, checked.stdout]).toEqual([2, expect.stringContaining('does not resolve')])
  })

  test.each([
    ['y\n', true],
    ['n\n', false],
    ['\n', false],
  ])('asks on a terminal, and takes %j for an answer', (answer, isWritten) => {
    const project = makeProject({ ...noConfig, 'src/chat.ts': undefined, 'src/jobs.ts': undefined })
    const line = `${process.execPath} ${command} init`
    const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
      cwd: project.root,
      input: answer,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    })
    expect(stdout).toContain('Confidence: low. No file imports it.')
    expect(stdout).toContain('Write it? [y/N]')
    expect(existsSync(join(project.root, config))).toBe(isWritten)
  })

  test('does not replace a configuration unless it is told to', () => {
    const project = makeProject()
    expect(project.run(['init'])).toMatchObject({ exitCode: 2, stdout: '' })
    expect(project.read(config)).toBe(files[config])
    expect(project.run(['init', '--force']).exitCode).toBe(0)
  })

  test('guesses nothing where nothing looks like a user context', () => {
    const project = makeProject({
      ...noConfig,
      'src/context.ts': 'export interface Point { x: number }\n',
      'src/chat.ts': undefined,
      'src/jobs.ts': undefined,
    })
    const { exitCode, stderr } = project.run(['init'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Name the type: init --type NAME.')
  })
})

describe('rankCandidates', () => {
  const define = (name: string, fields: readonly string[], importedBy = 0, constructions = 0) => ({
    name,
    file: `src/${name}.ts`,
    line: 1,
    fields,
    importedBy,
    importers: Array.from({ length: importedBy }, (_, index) => `src/${name}/${index}.ts`),
    lostImporters: [],
    constructions,
  })
  const namesOf = (...definitions: ReturnType<typeof define>[]) =>
    rankCandidates(definitions).map((one) => one.definitions[0]?.name)

  test('puts the context of a user before contexts of other things and before records of users', () => {
    expect(
      namesOf(
        define('CanvasContext', ['width', 'height'], 90),
        define('UserRow', ['userId', 'email', 'name'], 40),
        define('WorkspaceExecutionContext', ['user', 'workspace', 'url'], 12, 9),
      )[0],
    ).toBe('WorkspaceExecutionContext')
  })

  test('needs no word in the name when fields and use speak for it', () => {
    expect(
      namesOf(define('Deps', ['logger', 'db'], 50), define('Scope', ['user_id', 'tenantId', 'requestId'], 30, 20)),
    ).toEqual(['Scope'])
  })

  test.each([
    [define('UserContext', ['user', 'setUser', 'session'], 2, 1), define('Ctx', ['user', 'db', 'logger'], 374, 20)],
    [define('RequestContext', ['userId', 'requestId'], 3), define('AppContext', ['userId', 'tenant'], 103)],
  ])('lets use outweigh a name', (named, used) => {
    expect(namesOf(named, used)[0]).toBe(used.name)
  })

  test('counts a file once that imports two definitions of the name', () => {
    const twice = { ...define('BContext', ['userId'], 1), importers: ['src/both.ts'] }
    const [ranked] = rankCandidates([twice, { ...twice, file: 'src/second.ts' }])
    expect(ranked?.evidence).toContain('1 file imports it')
  })

  test('does not depend on the order of the files', () => {
    const definitions = [
      define('AContext', ['userId']),
      define('BContext', ['userId']),
      define('BContext', ['userId', 'runId']),
    ]
    expect(rankCandidates(definitions.toReversed())).toEqual(rankCandidates(definitions))
  })
})
