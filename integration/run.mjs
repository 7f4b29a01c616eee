// Suite "integration": programs that install the packed packages as a user does, each in the environment that it asks
// for. Prints one line a check, compares all of them with docs/compatibility.md, and closes with "N passed, N failed".
//   node integration/run.mjs                  everything
//   node integration/run.mjs jest typescript  some projects
//   node integration/run.mjs --write          everything, and writes docs/compatibility.md
//   node integration/run.mjs NAME --write     some, and writes their rows of other pages
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readChecks } from './harness/check.mjs'
import { loadForgedPrograms, writeForgedPrograms } from './harness/forgery-programs.mjs'
import { installLock, installTarballs } from './harness/install.mjs'
import { packAll, readManifest } from './harness/pack.mjs'
import { runProgram } from './harness/run-program.mjs'
import { toCompatibilityPage } from './harness/compatibility-page.mjs'

const home = fileURLToPath(new URL('.', import.meta.url))
const root = join(home, '..')
const page = join(root, 'docs/compatibility.md')
const named = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const projects = readdirSync(home).filter((name) => existsSync(join(home, name, 'checks.mjs')))
const unknown = named.filter((name) => !projects.includes(name))
if (unknown.length > 0) {
  console.error(`No such project: ${unknown.join(', ')}. Projects: ${projects.join(', ')}`)
  process.exit(2)
}

const scratch = join(home, '.data')
const packages = await packAll(root, join(scratch, 'tarballs'))
const programs = await loadForgedPrograms(root, join(scratch, 'forgery-table'))
await installLock(join(home, 'node-binaries'))

const checks = []
const waiting = named.length > 0 ? [...named] : projects
await Promise.all(
  Array.from({ length: 2 }, async () => {
    for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) await runProject(project)
  }),
)
comparePage()
const failed = checks.filter(({ passed }) => !passed).length
console.log(`\n${checks.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 && checks.length > 0 ? 0 : 1)

async function runProject(name) {
  const project = join(home, name)
  try {
    const { engines, integration = {} } = readManifest(project)
    await installLock(project)
    await installTarballs(project, packages, integration.packages ?? ['user-execution-context'])
    if (integration.forgeries) writeForgedPrograms(programs, project)
    for (const binary of nodeBinaries(engines?.node)) await runChecks(name, binary)
  } catch (error) {
    // A project that could not be installed or started has checked nothing: that is a failure, not a gap.
    report(`FAILED ${name}: is installed and runs\n${error.message}\n`)
  }
}

async function runChecks(name, binary) {
  const startedAtMs = Date.now()
  const project = join(home, name)
  const tarballs = Object.fromEntries(Array.from(packages.values(), ({ name, tarball }) => [name, tarball]))
  const { exitCode, stdout, output } = await runProgram(binary, ['checks.mjs'], {
    cwd: project,
    environment: {
      INTEGRATION_TARBALLS: JSON.stringify(tarballs),
      INTEGRATION_ROOT: root,
      INTEGRATION_WRITE: process.argv.includes('--write') ? 'yes' : 'no',
    },
    timeoutMs: 1_500_000,
  })
  const found = report(exitCode === 0 ? stdout : output)
  if (exitCode !== 0 || found === 0)
    report(`FAILED ${name}: runs to its end\n${exitCode === 0 ? 'No check ran' : ''}\n`)
  console.log(`       (${name}: ${Math.round((Date.now() - startedAtMs) / 1000)} s)`)
}

function report(output) {
  process.stdout.write(output.trimEnd() + '\n')
  const found = readChecks(output)
  checks.push(...found)
  return found.length
}

/** The Node binaries that `engines` names, one for each alternative; this one when it names none. */
function nodeBinaries(range) {
  if (range === undefined) return [process.execPath]
  return range.split('||').map((version) => {
    const binary = join(home, 'node-binaries/node_modules', `node-${version.trim()}`, 'bin/node')
    if (!existsSync(binary))
      throw new Error(`integration/node-binaries has no Node ${version.trim()} for this platform.`)
    return binary
  })
}

/** The page is one more check: a row that says anything else than what was run fails, as does one that was not run. */
function comparePage() {
  const { page: wanted, rows } = toCompatibilityPage(checks)
  if (process.argv.includes('--write') && named.length === 0) writeFileSync(page, wanted)
  const written = existsSync(page) ? readFileSync(page, 'utf8') : ''
  const isTrue = named.length === 0 ? written === wanted : rows.every((row) => written.includes(`${row}\n`))
  const advice = 'It differs from what was run: node integration/run.mjs --write'
  report(
    `${isTrue ? 'ok    ' : 'FAILED'} docs/compatibility.md: says what was run\n${isTrue ? '' : `       ${advice}\n`}`,
  )
}
