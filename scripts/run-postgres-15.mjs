// Runs what is at the heart of packages/postgres once against PostgreSQL 15, the oldest that is supported. A machine
// without it, and without a way to install it, has a failed suite and is told why.
//   node scripts/run-postgres-15.mjs           the server under the library
//   node scripts/run-postgres-15.mjs upgrade   the way of its data to the embedded server
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { installPostgres15 } from './postgres-15.mjs'

const [project = 'postgres'] = process.argv.slice(2)
const directories =
  project !== 'postgres'
    ? []
    : ['migrations', 'session', 'policies', 'log', 'queue', 'stores'].map((name) => `tests/${name}/`)
let programs
try {
  programs = installPostgres15()
} catch (error) {
  console.error(`\n!!! NOT RUN against PostgreSQL 15 !!!\n${error.message}\n`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
console.log(`PostgreSQL 15 of ${programs}`)
const runner = fileURLToPath(new URL('run-vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [runner, project, ...directories], {
  stdio: 'inherit',
  env: { ...process.env, TEST_POSTGRES_BIN: programs },
})
process.exit(status ?? 1)
