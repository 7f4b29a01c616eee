// Makes a fresh clone ready: installs the locked dependencies when they changed, then builds.
// Runs before `npm start`, `npm test` and `npm run bench`, so that each of them is one command.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`)
  process.exit(1)
}

const stampFile = 'node_modules/.setup-stamp'
const wanted = createHash('sha256').update(readFileSync('package-lock.json')).update(process.version).digest('hex')
const installed = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted

if (!installed) {
  console.error('Installing the locked dependencies (first run, or package-lock.json changed)')
  run('npm', [
    'ci',
    '--include=dev',
    '--include=optional',
    '--prefer-offline',
    '--no-fund',
    '--no-audit',
    '--loglevel=error',
  ])
  writeFileSync(stampFile, wanted)
}
run('npm', ['run', 'build', '--silent'])

/** Runs one step with its output on stderr (stdout belongs to the command that follows); stops when it fails. */
function run(command, parameters) {
  const { status, error } = spawnSync(command, parameters, { stdio: ['ignore', 2, 'inherit'] })
  if (status === 0) return
  console.error(`${command} ${parameters.join(' ')} failed${error ? `: ${error.message}` : ''}`)
  process.exit(1)
}
