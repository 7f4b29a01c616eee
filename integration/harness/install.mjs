// Installs a project: first its lock, then the fresh tarballs. A tarball in the lock would be taken from npm's cache,
// and so be the one of an earlier build; that the installed files are the built ones is therefore compared.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, readManifest } from './pack.mjs'
import { runProgram } from './run-program.mjs'

// `npm test` hands `engine-strict` down, and a project names the Node that runs its checks, not for the one that
// installs.
const quiet = [
  '--engine-strict=false',
  '--ignore-scripts',
  '--prefer-offline',
  '--no-fund',
  '--no-audit',
  '--loglevel=error',
]

/** Installs what the lock of the project says, unless it is installed already. */
export async function installLock(project) {
  const stampFile = join(project, 'node_modules/.lock-stamp')
  const stamp = createHash('sha256')
    .update(readFileSync(join(project, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  await npm(project, ['ci', ...quiet])
  writeFileSync(stampFile, stamp)
}

/** Installs fresh tarballs of packages of ours, by name, and compares what arrived with what was built. */
export async function installTarballs(project, packages, names) {
  const chosen = names.map((name) => packages.get(name) ?? fail(`There is no public package ${name} to install.`))
  for (const { name } of chosen) rmSync(join(project, 'node_modules', name), { recursive: true, force: true })
  if (chosen.length === 0) return
  await npm(project, ['install', '--no-save', ...quiet, ...chosen.map(({ tarball }) => tarball)])
  for (const { name, digest } of chosen) {
    if (digestOf(join(project, 'node_modules', name, 'dist')) !== digest)
      fail(
        `${name} in ${readManifest(project).name} is not the package that was built: npm installed an older tarball.`,
      )
  }
}

async function npm(project, parameters) {
  const { exitCode, output } = await runProgram('npm', parameters, { cwd: project })
  if (exitCode !== 0) fail(`npm ${parameters[0]} in ${project} failed:\n${output}`)
}

function fail(message) {
  throw new Error(message)
}
