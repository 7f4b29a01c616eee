/**
 * `npm start`: opens the server on its embedded defaults and prints how to use it.
 */
import { resolve } from 'node:path'
import { isContextError } from 'user-execution-context'
import { notesAgent } from './notes-agent/notes-agent.ts'
import { showContext } from './notes-agent/show-context.ts'
import { openNotesServer, type NotesServer } from './open-notes-server.ts'
import { explainStoreError } from './store/explain-store-error.ts'
import { lineWriter } from './log/line-writer.ts'
import { readSettings } from './settings/read-settings.ts'
import { SettingsError } from './settings/setting-names.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'

// The reader of the output may end before the server does (a pipe): that is no reason for the server to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const settings = await readSettings(process.env).catch(stop)
const { port, host, directoryName, store: choice } = settings
const dataDirectory = resolve(directoryName)
const log = lineWriter(settings.logLevel)
const directoryFix = 'UEC_DATA_DIRECTORY must be a directory that this account can write to, or one that it can make.'
const opening = open()

// SIGINT comes from somebody at the terminal; SIGTERM from a supervisor, which sends the next clients elsewhere.
const closing = { SIGINT: {}, SIGTERM: { finishMs: 5_000, spreadMs: 1_000 } } as const
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // A start that is under way is finished first: a database that was left half open would outlive this process.
    void opening.then(async ({ server, store }) => {
      await server.close(closing[signal])
      await store.close()
      process.exit(0)
    })
  })
}
const { server, store } = await opening
printUsage(server, store)

async function open(): Promise<{ readonly server: NotesServer; readonly store: Store }> {
  const store = await openStore(choice, dataDirectory, { say: console.error, log }).catch(explain)
  // Slow enough that a run can be seen, and stopped.
  const agent = showContext(notesAgent(store.notes, { pauseMs: 600 }))
  try {
    const { origins, trustedProxies, logLevel } = settings
    const options = { dataDirectory, port, host, origins, trustedProxies, logLevel, log }
    return { store, server: await openNotesServer({ ...store.ports, ...options, agent }) }
  } catch (error) {
    await store.close()
    return explain(error)
  }
}

function stop(error: unknown): never {
  if (!(error instanceof SettingsError)) throw error
  console.error(error.message)
  process.exit(2)
}

function explain(error: unknown): never {
  const { code } = error as { readonly code?: unknown }
  const explained =
    isOfDirectory(error) || isOfDirectory((error as Error).cause) ? directoryFix : explainStoreError(error, choice)
  if (explained !== undefined) console.error(explained)
  else if (code === 'EADDRINUSE')
    console.error(
      `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start`,
    )
  else if (code === 'EACCES')
    console.error(`Port ${port} may not be used by this account. Choose one above 1023: PORT=3000 npm start`)
  else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    console.error('UEC_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them.')
  else if (isContextError(error)) {
    console.error(`${error.message}\nThe data directory is ${directoryName}.`)
    const other = port === 0 ? 0 : port + 1
    if (error.code === 'ERR_CONTEXT_STORE_IN_USE')
      console.error(`To start beside it: UEC_DATA_DIRECTORY=${directoryName}-2 PORT=${other} npm start`)
  } else console.error(error)
  process.exit(1)
}

/** Of the file system. A port and a socket have the same code for a right that is missing. */
function isOfDirectory(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: unknown }
  const isOfFiles = typeof syscall === 'string' && !['listen', 'bind', 'connect'].includes(syscall)
  return isOfFiles && ['EACCES', 'EEXIST', 'ENOTDIR', 'EROFS', 'EPERM'].includes(String(code))
}

function printUsage({ url, firstUsers }: NotesServer, { place }: Store): void {
  console.log(`\n  ${url}\n\n  ${place}\n`)
  if (firstUsers.length > 0) {
    // One, where another process starts over the same database at this moment and says the password of the other.
    const made =
      firstUsers.length === 1 ? 'One user was made, and another process says the other' : 'Two users were made'
    console.log(`  ${made}. Their passwords are shown this once:`)
    for (const { userName, password } of firstUsers) console.log(`    ${userName.padEnd(6)} ${password}`)
  } else {
    console.log('  Sign in as alice or bob, with the passwords that the first start showed.')
    // Those of another server are not forgotten with the directory.
    if (choice.kind !== 'server')
      console.log(
        `  Lost them? Remove the directory ${directoryName}: the next start makes new users and forgets all notes.`,
      )
  }
  const [first] = firstUsers
  const password = first === undefined ? '' : ` --password ${first.password}`
  console.log('\n  Open the URL and sign in, or paste this line into another terminal:')
  console.log(`    npm run --silent ask -- --url ${url} --user alice${password} "add 12 apples and 30 pears"\n`)
}
