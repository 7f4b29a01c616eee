// Finds PgBouncer, or installs Debian's package without its service. Prints the program, or says what is missing and
// fails.
//   node scripts/pgbouncer.mjs
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { apt, canInstall } from './apt.mjs'

const program = '/usr/sbin/pgbouncer'
const settings = '/etc/default/pgbouncer'

/** The program; PGBOUNCER names another. Throws without it. */
export function installPgBouncer() {
  const named = process.env['PGBOUNCER']
  if (named !== undefined && !isPgBouncer(named)) throw new Error(`PGBOUNCER is ${named}, which is no PgBouncer.`)
  const found = named ?? program
  if (isPgBouncer(found)) return found
  if (canInstall()) {
    console.error("No PgBouncer here: installing Debian's package (apt-get install pgbouncer)")
    // The package starts a service: not where this says that none is wanted.
    if (!existsSync(settings)) writeFileSync(settings, 'START=0\n')
    apt('update')
    apt('install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', 'pgbouncer')
  }
  if (isPgBouncer(found)) return found
  throw new Error(
    'PgBouncer cannot be tested: it is not here, and it could not be installed. Install it (on Debian as root: ' +
      'apt-get update && apt-get install -y --no-install-recommends pgbouncer), or name its program with PGBOUNCER.',
  )
}

function isPgBouncer(file) {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' })
  return status === 0 && stdout.startsWith('PgBouncer ')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(installPgBouncer())
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
