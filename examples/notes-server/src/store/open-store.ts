/**
 * Opens the store that the environment names.
 */
import { mkdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'
import { placePostgres } from './postgres-directory.ts'
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts'
import type { StoreChoice } from './store-choice.ts'
import { memoryStore, type Store } from './store.ts'

/** Who hears of what happens: `say` gets sentences for the terminal, `log` lines. */
export type StoreListeners = { readonly say: (text: string) => void } & Pick<PostgresStoreOptions, 'log'>

/**
 * Opens it. Rejects with what openEmbeddedPostgres() and openPostgres() throw, and with the errors of the driver.
 */
export const openStore = async (
  choice: StoreChoice,
  dataDirectory: string,
  listeners: StoreListeners,
): Promise<Store> => {
  const { log } = listeners
  if (choice.kind === 'memory') return memoryStore(dataDirectory)
  if (choice.kind === 'embedded') return openEmbeddedStore(dataDirectory, listeners)
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  const store = await openPostgresStore({ connections: toConnections(choice), dataDirectory, log })
  return { ...store, place: 'Runs are kept in PostgreSQL, on the server that DATABASE_URL names.' }
}

/** The logins of a server of somebody else's. */
export const toConnections = ({
  url,
  serviceUrl,
  workerUrl,
  listenUrl,
}: Extract<StoreChoice, { readonly kind: 'server' }>): PostgresStoreOptions['connections'] => ({
  ...{ migrate: url, service: serviceUrl, worker: workerUrl },
  ...(listenUrl !== undefined && { listen: listenUrl }),
})

/** One process a directory: a worker that says nothing for this long was killed, and no other one hears of it. */
const embeddedLeaseMs = 5_000

async function openEmbeddedStore(dataDirectory: string, { say, log }: StoreListeners): Promise<Store> {
  const directory = await placePostgres(dataDirectory)
  const server = await openEmbeddedPostgres({ directory, onNotice: say })
  try {
    const { connections } = server
    const store = await openPostgresStore({ connections, dataDirectory, leaseMs: embeddedLeaseMs, log })
    return {
      ...store,
      place: `Runs are kept in PostgreSQL, with its data in ${toShownPath(directory)}.`,
      close: async () => {
        await store.close()
        await server.close()
      },
    }
  } catch (error) {
    await server.close()
    throw error
  }
}

/** As it is typed in the directory of the project, where it lies in there. */
function toShownPath(path: string): string {
  const inside = relative(process.cwd(), path)
  return inside.startsWith('..') ? path : inside
}
