// What the sealed type costs a consumer's compiler: instantiations per call site over a plain interface
// (deterministic), and tsc's CPU with and without an import of type-fest (the reason why no public declaration imports
// it).
//   node bench/compile.mjs instantiations|type-fest
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spread } from './measure.mjs'

const compilers = ['typescript', 'typescript-6.0', 'typescript-5.9']
const directory = mkdtempSync(join(tmpdir(), 'uec-compile-'))
mkdirSync(join(directory, 'node_modules'))
symlinkSync(resolve('.'), join(directory, 'node_modules/user-execution-context'))
for (const name of ['type-fest', '@types', 'ts-brand', 'undici-types']) {
  symlinkSync(resolve('node_modules', name), join(directory, 'node_modules', name))
}
writeFileSync(join(directory, 'package.json'), '{"type":"module"}')

const sealed = (
  sites,
) => `import { createForUser, deriveChild, type UserExecutionContext, type VerifiedUser } from 'user-execution-context'
declare const user: VerifiedUser
${Array.from({ length: sites }, (_, index) =>
  index % 2
    ? `export const f${index} = (context: UserExecutionContext) => deriveChild(context, 'step').requestId`
    : `export const f${index} = () => createForUser(user, { agentContext: { step: ${index} } })`,
).join('\n')}`
// The same program over the same import, so that only the call sites differ.
const plain = (sites) => `import type { FrozenJsonRecord, VerifiedUser } from 'user-execution-context'
interface Plain { userId: string; threadId: string; runId: string; requestId: string; agentContext: FrozenJsonRecord }
declare function make(user: VerifiedUser, run?: { agentContext?: { [key: string]: number } }): Plain
declare function child(context: Plain, operation: string): Plain
declare const user: VerifiedUser
${Array.from({ length: sites }, (_, index) =>
  index % 2
    ? `export const f${index} = (context: Plain) => child(context, 'step').requestId`
    : `export const f${index} = () => make(user, { agentContext: { step: ${index} } })`,
).join('\n')}`

const modes = { instantiations, 'type-fest': typeFest }
try {
  console.log(JSON.stringify(modes[process.argv[2]]()))
} finally {
  rmSync(directory, { recursive: true })
}

function instantiations() {
  const perSite = (compiler, program) => (count(compiler, program(1100)) - count(compiler, program(100))) / 1000
  return compilers.map((compiler) => ({ compiler, sealed: perSite(compiler, sealed), plain: perSite(compiler, plain) }))
}

function typeFest() {
  const ratios = []
  for (let round = 0; round < 7; round++) {
    const without = cpuSeconds(sealed(10))
    const withImport = cpuSeconds(
      `import type { JsonObject } from 'type-fest'\nexport type Copy = JsonObject\n${sealed(10)}`,
    )
    ratios.push(withImport / without)
  }
  return spread(ratios)
}

function count(compiler, program) {
  const { stdout } = compile(compiler, program, '--extendedDiagnostics')
  return Number(/Instantiations:\s+(\d+)/.exec(stdout)[1])
}

function cpuSeconds(program) {
  const { stdout } = compile('typescript', program, '--extendedDiagnostics')
  return Number(/Total time:\s+([\d.]+)s/.exec(stdout)[1])
}

function compile(compiler, program, ...flags) {
  writeFileSync(join(directory, 'program.ts'), program)
  const own = compiler === 'typescript-5.9' ? [] : ['--ignoreConfig']
  const outcome = spawnSync(
    process.execPath,
    [
      resolve(`node_modules/${compiler}/bin/tsc`),
      'program.ts',
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--skipLibCheck',
      ...own,
      ...flags,
    ],
    { cwd: directory, encoding: 'utf8' },
  )
  if (outcome.status !== 0) throw new Error(`${compiler} refused the benchmark's program:\n${outcome.stdout}`)
  return outcome
}
