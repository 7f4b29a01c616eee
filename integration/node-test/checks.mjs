import { createRequire } from 'node:module'
import { check, expectNone } from '../harness/check.mjs'
import { attack } from '../harness/attack.mjs'
import { runProgram } from '../harness/run-program.mjs'

const require = createRequire(import.meta.url)
const environment = `Node ${process.versions.node}`
const core = await import('user-execution-context')
const restricted = await import('user-execution-context/restricted')

await check(environment, 'node:test runs the smoke test', async () => {
  const { exitCode, output } = await runProgram(process.execPath, ['--test', 'smoke.test.mjs'], {
    cwd: import.meta.dirname,
  })
  if (exitCode !== 0 || !/^# pass [1-9]|^ℹ pass [1-9]/m.test(output)) throw new Error(output)
})

await check(environment, 'import: the forgery table', async () => {
  const { rows } = await import('./.data/forgeries/rows.mjs')
  expectNone((await attack(rows, { core, restricted })).failures)
})

await check(environment, 'require: the forgery table', async () => {
  const { rows } = require('./.data/forgeries/rows.cjs')
  const required = { core: require('user-execution-context'), restricted: require('user-execution-context/restricted') }
  expectNone((await attack(rows, required)).failures)
})

await check(environment, 'import and require give one seal', () => {
  const required = require('user-execution-context')
  const user = require('user-execution-context/restricted').vouchForUser('user-1', { reason: 'one seal' })
  const context = core.createForUser(user)
  if (!required.isUserExecutionContext(context)) throw new Error('require refuses a context of import')
  if (!core.isUserExecutionContext(required.createForUser(user))) throw new Error('import refuses a context of require')
})
