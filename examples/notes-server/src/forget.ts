/**
 * `npm run forget -- --user NAME`: removes a user with everything that is kept of them.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isContextError } from 'user-execution-context'
import { lineWriter } from './log/line-writer.ts'
import { readSettings } from './settings/read-settings.ts'
import { SettingsError } from './settings/setting-names.ts'
import { explainStoreError } from './store/explain-store-error.ts'
import { openStore } from './store/open-store.ts'

const usage = 'Usage: npm run forget -- --user NAME'
const help = `${usage}

Signs NAME out everywhere and removes the account with all sessions, runs, threads and notes, for good.
It reads the settings of npm start. Beside the server of DATABASE_URL nodes may run. The PostgreSQL of the data
directory has one process at a time: stop npm start before.`
const inUse =
  'Another process uses this data directory. Stop npm start, and run this again: nobody was removed. Beside the ' +
  'server of DATABASE_URL it may run.'
const inMemory =
  'With UEC_STORE=memory nobody is removed by this command: leave the setting out. What was kept in files is brought ' +
  'into PostgreSQL, and removed there.'

const { user: userName, help: asksHelp } = readArguments()
if (asksHelp) {
  console.log(help)
  process.exit(0)
}
if (userName === undefined || userName === '') stop(`Say who is removed: --user and a name.\n${usage}`, 2)
const {
  store: choice,
  directoryName,
  logLevel,
} = await readSettings(process.env).catch((error: unknown) => {
  if (!(error instanceof SettingsError)) throw error
  return stop(error.message, 2)
})
if (choice.kind === 'memory') stop(inMemory, 2)
// Executes nothing: a run that it claimed would be ended with it.
const listeners = { say: console.error, log: lineWriter(logLevel) }
const store = await openStore(choice, resolve(directoryName), listeners).catch(explain)
try {
  const { rows } = await store.forget!(userName)
  console.log(`${rows} rows were removed. The user is signed out everywhere.`)
} catch (error) {
  await store.close()
  explain(error)
}
await store.close()

function readArguments() {
  try {
    return parseArgs({
      options: { user: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    }).values
  } catch (error) {
    return stop(`${(error as Error).message}\n${usage}`, 2)
  }
}

function explain(error: unknown): never {
  if (!isContextError(error)) return stop(explainStoreError(error, choice) ?? String(error), 1)
  if (error.code === 'ERR_CONTEXT_USER_UNKNOWN') return stop('There is no user of that name. Nobody was removed.', 1)
  if (error.code === 'ERR_CONTEXT_STORE_IN_USE') return stop(inUse, 1)
  return stop(explainStoreError(error, choice) ?? error.message, 1)
}

function stop(message: string, exitCode: number): never {
  console.error(message)
  process.exit(exitCode)
}
