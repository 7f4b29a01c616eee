import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, existsSync, openSync, readFileSync, symlinkSync } from 'node:fs'
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { helpText } from '../../src/cli-options.ts'
import { findSchemaIssues } from '../../src/json-schema.ts'
import { command, makeProject } from './small-project.ts'

/** Options of a process that takes itself for another Node. */
const asNode = (version: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
]

describe('the command', () => {
  const project = makeProject()

  test('prints help, version and explanations on stdout', () => {
    expect(project.run(['--help'])).toEqual({ exitCode: 0, stdout: helpText, stderr: '' })
    expect(project.run(['--version']).stdout).toMatch(/^@user-execution-context\/adopt \d+\.\d+\.\d+\n$/)
    expect(project.run(['--explain', 'any-flow']).stdout).toContain('Fix: Type the origin as `unknown`')
  })

  test.each([
    [[], 'No command was given.'],
    [['scna'], 'scna is not a command.'],
    [['--explain', 'constructor'], 'constructor is not a kind.'],
    [['scan', 'no-such-directory'], 'no-such-directory is not a directory.'],
    [['scan', '--type', 'NoSuchType'], 'NoSuchType'],
    [['scan', '--engine', 'typescript-8'], 'typescript-8 is not an engine.'],
    [['scan', '--config', 'none.json'], 'none.json cannot be read.'],
    [['migrate', '--only', 'casts'], 'casts is not a kind.'],
    [['scan', '--output', 'no/such/directory/report.html'], 'report.html cannot be written.'],
  ])('ends %j with 2, a sentence on stderr and nothing on stdout', (words, said) => {
    const { exitCode, stdout, stderr } = project.run(words)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain(said)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test.each([
    ['18.20.8', 2],
    ['20.18.3', 2],
    ['20.19.0', 0],
    ['22.1.0', 0],
  ])('names the Node that it needs before anything else is loaded: on %s it ends with %i', (version, exitCode) => {
    const { status, stderr } = spawnSync(process.execPath, [...asNode(version), command, '--version'], {
      encoding: 'utf8',
    })
    const refusal = `adopt needs Node.js 20.19 or newer, and this is ${version}. Install a newer one.\n`
    expect([status, stderr]).toEqual([exitCode, exitCode === 0 ? '' : refusal])
  })

  test('ends scan with 1 while a violation is open and with 0 when none is', () => {
    expect(project.run(['scan']).exitCode).toBe(1)
    expect(makeProject({ 'src/chat.ts': undefined, 'src/jobs.ts': undefined }).run(['scan']).exitCode).toBe(0)
  })

  test('finds its configuration upwards, and scans from there', () => {
    const { stdout } = spawnSync(process.execPath, [command, 'scan'], {
      cwd: join(project.root, 'src'),
      encoding: 'utf8',
    })
    expect(stdout).toContain('src/jobs.ts:4:19 cast of RequestContext')
  })

  test('refuses a configuration that does not fit the schema', () => {
    const { exitCode, stderr } = makeProject({ 'user-execution-context.config.json': '{ "typos": [] }' }).run(['scan'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('typos: is not an option.')
  })

  test('replaces a configuration that is no JSON by init --force alone, and none of another directory', () => {
    const broken = makeProject({ 'user-execution-context.config.json': '{', 'src/sub/note.ts': 'export {}\n' })
    const named = ['init', '--force', '--config', 'user-execution-context.config.json']
    for (const words of [['init'], ['scan'], ['init', 'src', '--force'], named])
      expect(broken.run(words)).toMatchObject({ exitCode: 2, stdout: '' })
    expect(broken.run(['init', '--force', '--type', 'RequestContext'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(broken.read('user-execution-context.config.json')).types).toEqual(['RequestContext'])
  })

  test('prints JSON that fits the shipped schema, and nothing else on stdout', () => {
    const schema = JSON.parse(readFileSync('schema/report.schema.json', 'utf8'))
    for (const name of ['scan', 'check']) {
      const report = JSON.parse(project.run([name, '--format', 'json']).stdout)
      expect(findSchemaIssues(report, schema)).toEqual([])
      expect(report.sites.length).toBeGreaterThan(1)
    }
  })

  test.each(['sarif', 'github', 'markdown', 'html', 'json'])(
    'writes %s to a file, and then stdout stays empty',
    (format) => {
      const { exitCode, stdout } = project.run(['scan', '--format', format, '--output', `report.${format}`])
      expect([exitCode, stdout]).toEqual([1, ''])
      expect(project.read(`report.${format}`)).toContain('src/jobs.ts')
    },
  )

  test('colours only when asked, and NO_COLOR wins', () => {
    expect(project.run(['scan']).stdout).not.toContain('\u001b')
    expect(project.run(['scan'], { FORCE_COLOR: '1' }).stdout).toContain('\u001b[1m')
    expect(project.run(['scan'], { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain('\u001b')
  })

  test('shows no progress without a terminal', () => {
    expect(project.run(['scan']).stderr).toBe('')
  })

  test('ends with 130 on Ctrl-C without a word, also while its thread is busy', async () => {
    const pipe = join(project.root, 'config-pipe')
    execFileSync('mkfifo', [pipe])
    const child = spawn(process.execPath, [command, 'scan', '--config', pipe], {
      cwd: project.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    const ended = new Promise<number | null>((done) => child.on('close', done))
    // Opens only once the command reads the pipe. It then waits there for a text that never comes.
    const writer = await openWhenRead(pipe)
    child.kill('SIGINT')
    // Node joins the thread before it leaves: the pipe ends long after the signal. A command that had missed it would
    // now say that its configuration is not JSON, and end with 2.
    setTimeout(() => closeSync(writer), 500)
    expect([await ended, output]).toEqual([130, ''])
  })
})

const openWhenRead = async (pipe: string): Promise<number> => {
  for (;;) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch {
      await new Promise((next) => setTimeout(next, 10))
    }
  }
}

// Packages in a directory above would be found from below, and no engine would be missing.
const directoryWithoutPackages = (): string => {
  const isBare = (directory: string): boolean =>
    !existsSync(join(directory, 'node_modules')) && (dirname(directory) === directory || isBare(dirname(directory)))
  const found = [tmpdir(), '/var/tmp', homedir()].find(isBare)
  if (found === undefined) throw new Error('Every temporary directory has packages installed above it.')
  return found
}

describe('the command on a fresh machine', () => {
  test('answers --help without any engine, and says which one is missing', async () => {
    const home = await mkdtemp(join(directoryWithoutPackages(), 'fresh-'))
    const installed = join(home, 'node_modules/@user-execution-context/adopt')
    await mkdir(installed, { recursive: true })
    for (const part of ['dist', 'schema', 'package.json'])
      await cp(resolve(part), join(installed, part), { recursive: true })
    await writeFile(join(home, 'a.ts'), 'export const answer = 42\n')
    await writeFile(join(home, 'tsconfig.json'), '{}')
    const run = (...words: string[]) =>
      spawnSync(process.execPath, [join(installed, 'dist/bin.js'), ...words], { cwd: home, encoding: 'utf8' })
    expect(run('--help').stdout).toBe(helpText)
    const scan = run('scan')
    expect([scan.status, scan.stdout]).toEqual([2, ''])
    expect(scan.stderr).toMatch(/Cannot find package 'picomatch'\. Install @user-execution-context\/adopt again/)
    expect(existsSync(join(home, 'context-baseline.json'))).toBe(false)
    // And with them, and with the type that it looks for, it simply works.
    for (const part of ['dist', 'package.json'])
      await cp(resolve('../..', part), join(home, 'node_modules/user-execution-context', part), { recursive: true })
    const link = (name: string, directory: string): void =>
      symlinkSync(resolve(directory, name), join(home, 'node_modules', name))
    link('picomatch', existsSync(resolve('node_modules/picomatch')) ? 'node_modules' : '../../node_modules')
    expect(run('scan').stderr).toMatch(
      /oxc-parser 0\.153\.0 is not installed\. Reinstall @user-execution-context\/adopt/,
    )
    for (const name of ['oxc-parser', 'oxc-resolver', 'magic-string', 'typescript']) link(name, '../../node_modules')
    expect(run('scan').status).toBe(0)
  })
})
