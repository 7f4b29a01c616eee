// Runs what an app does through PgBouncer in transaction mode: user sessions and their recipes, and the contracts of
// all ports. A machine without it, and without a way to install it, has a failed suite and is told why.
//   node scripts/run-pgbouncer.mjs
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { installPgBouncer } from './pgbouncer.mjs'

const directories = ['connection', 'session', 'recipes', 'policies', 'log', 'queue', 'stores']
let program
try {
  program = installPgBouncer()
} catch (error) {
  console.error(`\n!!! NOT RUN through PgBouncer !!!\n${error.message}\n`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
console.log(`PgBouncer: ${program}`)
const runner = fileURLToPath(new URL('run-vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, [runner, 'postgres', ...directories.map((name) => `tests/${name}/`)], {
  stdio: 'inherit',
  env: { ...process.env, TEST_PGBOUNCER: program },
})
process.exit(status ?? 1)
