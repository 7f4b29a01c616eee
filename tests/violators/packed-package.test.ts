// The tarball in an empty project: it compiles and runs for a consumer, on each compiler and both module resolutions,
// with the declarations themselves checked (skipLibCheck: false).
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { compile, compilers } from './compile.ts'

const project = mkdtempSync(join(tmpdir(), 'consumer-'))

const program = `import { createForUser, deriveChild, identityProvider, runInScope } from 'user-execution-context'
import { isUserExecutionContext, type UserExecutionContext } from 'user-execution-context'
import { currentContext, runWithContext } from 'user-execution-context/ambient'
import { vouchForUser } from 'user-execution-context/restricted'

const signIn = identityProvider({ name: 'session', verify: async (cookie: string) => ({ userId: cookie }) })
const context: UserExecutionContext = createForUser(await signIn('auth0:5f7c'), { agentContext: { plan: 'pro' } })
const depth: number = await runInScope(context, {}, async (scope) => scope.child('tool').context.depth)
const ambient = runWithContext(deriveChild(context, 'child'), () => currentContext().operation)
const vouched = createForUser(vouchForUser('user-1', { reason: 'consumer' }))
console.log(JSON.stringify([isUserExecutionContext(context), depth, ambient, isUserExecutionContext({ ...vouched })]))
export { context }
`
const violator = `import { runInScope, type UserExecutionContext } from 'user-execution-context'
const context = { userId: 'user-1', threadId: 'thread-1', runId: 'run-1', requestId: 'request-1' }
export const forged: UserExecutionContext = context
await runInScope(forged, {}, () => 1)
`

/** Re-exports every function of every entry point: a consumer's own declarations must name nothing but entry points. */
const toReExports = async (): Promise<string> => {
  const entryPoints = ['user-execution-context', 'user-execution-context/restricted', 'user-execution-context/ambient']
  const lines = entryPoints.map(async (entryPoint, index) => {
    const names = Object.keys((await import(/* @vite-ignore */ entryPoint)) as object)
    const reExports = names.map((name) => `export const ${name} = entryPoint${index}.${name}\n`)
    return [`import * as entryPoint${index} from '${entryPoint}'\n`, ...reExports].join('')
  })
  return (await Promise.all(lines)).join('')
}

/** Reads what a scope takes from the platform: its signal, and its end by `await using`. */
const scoped = `import { openScope, type UserExecutionContext } from 'user-execution-context'
export const run = async (context: UserExecutionContext): Promise<boolean> => {
  await using scope = openScope(context)
  await using again: AsyncDisposable = openScope(context, { signal: scope.signal })
  return scope.signal.aborted
}
`

/** Uses a context that was made by another installed copy of this package, the one of a library. */
const twoCopies = `import { openScope, type UserExecutionContext } from 'user-execution-context'
import { makeContext } from 'library'
const context: UserExecutionContext = makeContext()
try {
  openScope(context)
} catch (error) {
  console.log((error as Error).message)
}
`

/** Installs a library that brings its own copy of this package. */
function installLibrary(home: string): void {
  const library = join(project, 'node_modules/library')
  mkdirSync(join(library, 'node_modules'), { recursive: true })
  cpSync(home, join(library, 'node_modules/user-execution-context'), { recursive: true })
  writeFileSync(
    join(library, 'package.json'),
    JSON.stringify({ name: 'library', type: 'module', exports: { types: './index.d.ts', default: './index.js' } }),
  )
  writeFileSync(
    join(library, 'index.d.ts'),
    `import type { UserExecutionContext } from 'user-execution-context'
export declare const makeContext: () => UserExecutionContext
`,
  )
  writeFileSync(
    join(library, 'index.js'),
    `import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
export const makeContext = () => createForUser(vouchForUser('user-1', { reason: 'two copies' }))
`,
  )
}

/** Emits a file of the consumer with the newest compiler and runs it. */
function emitAndRun(name: string): string {
  const emit = spawnSync(
    process.execPath,
    [
      resolve(compilers['7.0']),
      `${name}.ts`,
      '--ignoreConfig',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
      '--skipLibCheck',
    ],
    { cwd: project, encoding: 'utf8' },
  )
  expect(emit.status, emit.stdout).toBe(0)
  const run = spawnSync(process.execPath, [`${name}.js`], { cwd: project, encoding: 'utf8' })
  expect(run.status, run.stderr).toBe(0)
  return run.stdout.trim()
}

beforeAll(async () => {
  const { stdout } = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
    encoding: 'utf8',
  })
  const [{ filename }] = JSON.parse(stdout) as [{ readonly filename: string }]
  const home = join(project, 'node_modules/user-execution-context')
  mkdirSync(home, { recursive: true })
  expect(spawnSync('tar', ['-xzf', join(project, filename), '--strip-components=1', '-C', home]).status).toBe(0)
  // What npm would install beside it: its one dependency, and the types of Node that a consumer has.
  mkdirSync(join(project, 'node_modules/@types'))
  for (const name of ['ts-brand', '@types/node', 'undici-types']) {
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name))
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }))
  writeFileSync(join(project, 'program.ts'), program)
  writeFileSync(join(project, 'violator.ts'), violator)
  writeFileSync(join(project, 're-exports.ts'), await toReExports())
  writeFileSync(join(project, 'scoped.ts'), scoped)
  writeFileSync(join(project, 'two-copies.ts'), twoCopies)
  installLibrary(home)
}, 60_000)

afterAll(() => rmSync(project, { recursive: true }))

const resolutions = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
]
const cases = (Object.keys(compilers) as CompilerVersion[]).flatMap((version) =>
  resolutions.map((resolution) => [version, resolution] as const),
)

describe('the packed package', () => {
  test('arrived as packed: no link, no source, no test', () => {
    expect(
      readdirSync(join(project, 'node_modules/user-execution-context')).filter(
        (name) => !['dist', 'docs', 'schema', 'bin', 'package.json', 'README.md', 'LICENSE'].includes(name),
      ),
    ).toEqual([])
  })

  test.each(cases)('compiles for a consumer on TypeScript %s, %o', (version, resolution) => {
    // Our declarations are checked each time, those of the compiler and of Node are not ours: the older compilers would
    // take seconds for them. A consumer without the types of Node compiles too.
    const globals = version === '7.0' ? { types: ['node'] } : { types: [], lib: ['es2023', 'dom', 'esnext.disposable'] }
    const options = { ...resolution, ...globals, skipLibCheck: false, skipDefaultLibCheck: true, declaration: true }
    const found = compile(version, project, ['program.ts', 'violator.ts'], options)
    expect(found.get('program.ts')).toEqual([])
    expect(
      found
        .get('violator.ts')!
        .map(({ text }) => text)
        .join(),
    ).toContain('call createForUser() to obtain a UserExecutionContext')
    expect([...found.keys()].sort()).toEqual(['program.ts', 'violator.ts'])
  })

  test.each(Object.keys(compilers) as CompilerVersion[])(
    'compiles on TypeScript %s where neither the types of Node nor lib.dom nor lib.esnext.disposable are known',
    (version) => {
      const options = { types: [], lib: ['es2022'], skipLibCheck: false, skipDefaultLibCheck: true, declaration: true }
      expect([...compile(version, project, ['re-exports.ts'], options)]).toEqual([['re-exports.ts', []]])
    },
  )

  test.each(Object.keys(compilers) as CompilerVersion[])(
    'gives a scope the AbortSignal and the Symbol.asyncDispose that TypeScript %s knows',
    (version) => {
      const options = {
        types: [],
        lib: ['es2022', 'dom', 'esnext.disposable'],
        skipLibCheck: false,
        skipDefaultLibCheck: true,
      }
      expect([...compile(version, project, ['scoped.ts'], options)]).toEqual([['scoped.ts', []]])
      expect([...compile(version, project, ['scoped.ts'])]).toEqual([['scoped.ts', []]])
    },
  )

  test('runs for a consumer', () => {
    expect(emitAndRun('program')).toBe('[true,1,"child",false]')
  })

  // tsc takes two installs of one version for one, so only run time can tell them apart.
  test('refuses a context of a second installed copy at run time, where every tsc is silent', () => {
    for (const version of Object.keys(compilers) as CompilerVersion[]) {
      expect(compile(version, project, ['two-copies.ts']).get('two-copies.ts')).toEqual([])
    }
    expect(emitAndRun('two-copies')).toContain('deduplicate them (npm ls user-execution-context)')
  })
})
