// Makes a fresh clone ready: installs the locked dependencies when they changed, then builds what changed. Runs before
// `npm start`, `npm test` and `npm run bench`, so that each of them is one command. Two at once wait for each other.
//   node scripts/setup.mjs                          everything
//   node scripts/setup.mjs examples/notes-server    what that workspace needs to build and run
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { holdLockFile } from './lock-file.mjs'
import { workspaces, workspacesNeededBy } from './workspaces.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old. Install Node 20.19 or newer.`)
  process.exit(1)
}

holdLockFile('.setup.lock')
const [target] = process.argv.slice(2)
const lock = createHash('sha256').update(readFileSync('package-lock.json')).update(process.version).digest('hex')
const stampFile = 'node_modules/.setup-stamp'
const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
const all = `${lock} all`
const wanted = target === undefined ? all : `${lock} ${target}`

if (installed !== wanted && installed !== all && !(installed === '' && isWholeInstall())) {
  const part = target === undefined ? ['--include=dev'] : ['--omit=dev', '--workspace', target]
  console.error(`Installing ${target === undefined ? 'the locked dependencies' : `what ${target} needs`}`)
  run('npm', ['ci', ...part, '--include=optional', '--prefer-offline', '--no-fund', '--no-audit', '--loglevel=error'])
  writeFileSync(stampFile, wanted)
}
const needed = target === undefined ? undefined : workspacesNeededBy(target)
// What is built again after a change is there in a moment. A first build is silent for long enough to be doubted.
if (['.', ...(needed ?? workspaces())].some((directory) => !existsSync(`${directory}/dist.stamp`)))
  console.error(`Building ${target ?? 'all packages'}`)
if (needed === undefined) run('npm', ['run', 'build', '--silent'])
else {
  run('npm', ['run', 'build:core', '--silent'])
  run('npm', ['run', 'build', '--silent', ...needed.flatMap((directory) => ['--workspace', directory])])
}

/**
 * Whether `npm ci` or `npm install` by hand left every locked package here. `npm start` must not take away the packages
 * for development that somebody has installed.
 */
function isWholeInstall() {
  if (!existsSync('node_modules/.package-lock.json')) return false
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages
  const found = packagesOf('node_modules/.package-lock.json')
  return Object.entries(packagesOf('package-lock.json')).every(
    ([path, { optional, version }]) =>
      !path.includes('node_modules/') || optional || (path in found && found[path].version === version),
  )
}

/** Runs one step with its output on stderr (stdout belongs to the command that follows); stops when it fails. */
function run(command, words) {
  const { status, error } = spawnSync(command, words, { stdio: ['ignore', 2, 'inherit'] })
  if (status === 0) return
  console.error(`${command} ${words.join(' ')} failed${error ? `: ${error.message}` : ''}`)
  process.exit(1)
}
