/**
 * Opens the store that the environment names.
 */
import { mkdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'
import { placePostgres } from './postgres-folder.ts'
import { openPostgresStore } from './postgres-store.ts'
import type { StoreChoice } from './store-choice.ts'
import { memoryStore, type Store } from './store.ts'

/**
 * Opens it. Rejects with what openEmbeddedPostgres() and openPostgres() throw, and with the errors of the driver.
 *
 * @param say - Told, in a sentence, what is not the usual start.
 */
export const openStore = async (
  choice: StoreChoice,
  dataDirectory: string,
  say: (text: string) => void,
): Promise<Store> => {
  if (choice.kind === 'memory') return memoryStore(dataDirectory)
  if (choice.kind === 'embedded') return openEmbeddedStore(dataDirectory, say)
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  const connections = { service: choice.serviceUrl, worker: choice.workerUrl, migrate: choice.url }
  const store = await openPostgresStore({ connections, dataDirectory })
  return { ...store, place: 'Runs are kept in PostgreSQL, on the server that DATABASE_URL names.' }
}

/** One process a directory: a worker that says nothing for this long was killed, and no other one hears of it. */
const embeddedLeaseMs = 5_000

async function openEmbeddedStore(dataDirectory: string, say: (text: string) => void): Promise<Store> {
  const directory = await placePostgres(dataDirectory)
  const server = await openEmbeddedPostgres({ directory, onNotice: say })
  try {
    const { connections } = server
    const store = await openPostgresStore({ connections, dataDirectory, leaseMs: embeddedLeaseMs })
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
