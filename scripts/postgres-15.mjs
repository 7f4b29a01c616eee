// Finds PostgreSQL 15, or installs Debian's package without a server of its own. Prints the directory of its programs,
// or says what is missing and fails.
//   node scripts/postgres-15.mjs
import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { apt, canInstall } from './apt.mjs'

const programs = '/usr/lib/postgresql/15/bin'
const settings = '/etc/postgresql-common/createcluster.conf'
const noServer = 'create_main_cluster = false'

/** The directory with `postgres` and `initdb` of version 15; POSTGRES_15_BIN names another. Throws without them. */
export function installPostgres15() {
  const named = process.env['POSTGRES_15_BIN']
  if (named !== undefined && !isPostgres15(named))
    throw new Error(`POSTGRES_15_BIN is ${named}, where there is no PostgreSQL 15.`)
  const directory = named ?? programs
  if (isPostgres15(directory)) return directory
  if (canInstall()) {
    console.error("No PostgreSQL 15 here: installing Debian's package (apt-get install postgresql-15)")
    apt('update')
    // First what makes and starts a server at the installation, to say that none is wanted.
    apt('install', '-y', '--no-install-recommends', 'postgresql-common')
    sayNoServer()
    apt('install', '-y', '--no-install-recommends', 'postgresql-15')
  }
  if (isPostgres15(directory)) return directory
  throw new Error(
    'PostgreSQL 15 cannot be tested: it is not here, and it could not be installed. Install it (on Debian 12 as ' +
      'root: apt-get update && apt-get install -y --no-install-recommends postgresql-15), or name its directory with ' +
      'POSTGRES_15_BIN.',
  )
}

function isPostgres15(directory) {
  const { status, stdout } = spawnSync(`${directory}/postgres`, ['--version'], { encoding: 'utf8' })
  return status === 0 && /\(PostgreSQL\) 15[.\d]*/.test(stdout)
}

function sayNoServer() {
  try {
    if (!readFileSync(settings, 'utf8').includes(`\n${noServer}`)) appendFileSync(settings, `\n${noServer}\n`)
  } catch (error) {
    console.error(`${settings}: ${error.message}`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(installPostgres15())
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
