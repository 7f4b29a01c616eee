/**
 * Runs, events, users, sign-ins and notes in PostgreSQL.
 */
import { liveSessions } from 'user-execution-context'
import { defaultLimits } from '@user-execution-context/golden-path'
import { fileSigningSecret } from '@user-execution-context/golden-path/login'
import {
  databaseLog,
  openPostgres,
  openWakeChannel,
  postgresAttemptLimits,
  postgresEventLog,
  postgresRevocations,
  postgresRunQueue,
  postgresStartKeys,
  postgresTickets,
  postgresUsers,
  type ConnectionTarget,
  type DatabaseLogRecord,
  type PostgresConnections,
} from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'
import { postgresNotes } from '../notes-agent/postgres-notes.ts'
import { forgetByName } from './forget-by-name.ts'
import { importNotes, importRevocations, importUsers } from './import-files.ts'
import { migrateNotes } from './migrate-notes.ts'
import { fileSealingKey } from './sealing-key.ts'
import type { Store } from './store.ts'

/** Where the server is, and where the secrets are. */
export type PostgresStoreOptions = {
  /** Logins. The schema is brought up to date as `migrate`. */
  readonly connections: PostgresConnections & { readonly migrate: ConnectionTarget }
  readonly dataDirectory: string
  /** See postgresRunQueue(). */
  readonly leaseMs?: number
  /** Whether this process executes runs. Default true. */
  readonly executes?: boolean
  /** Gets the lines about the database. */
  readonly log: (line: DatabaseLogRecord) => void
}

/** A minute longer than a session of this server's own users, for the clock. */
const maxProofMs = 43_260_000
const unheard = 'No notification of the database is heard. What other processes do is known by asking for it.'

/** Opens the ports of one process. Rejects with what openPostgres() throws, and with the errors of the driver. */
export const openPostgresStore = async (options: PostgresStoreOptions): Promise<Omit<Store, 'place'>> => {
  const { connections, dataDirectory, leaseMs, executes } = options
  const keys = [await fileSealingKey(dataDirectory)]
  const loginKeys = [await fileSigningSecret(dataDirectory)]
  const { onConnectionError, onState, onError } = databaseLog(options.log)
  const postgres = await openPostgres({ connections, onConnectionError })
  const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen, onState })
  const closeDatabase = async (): Promise<void> => {
    await wakes.close()
    await postgres.close()
  }
  try {
    await migrateNotes(connections.migrate)
    await importNotes(postgres.service, dataDirectory)
    const users = postgresUsers(postgres.service)
    await importUsers(users, dataDirectory)
    await importRevocations(await postgresRevocations({ postgres, wakes }), dataDirectory)
    // Opened anew: what it has at the start is what a node goes by until it hears of more.
    const sessions = liveSessions({ maxProofMs, store: await postgresRevocations({ postgres, wakes }) })
    const eventLog = postgresEventLog({ postgres, wakes, onError })
    const ring = sealingKeys({ workload: 'notes-server', keys, loginKeys })
    const limits = defaultLimits
    const runQueue = postgresRunQueue({
      ...{ postgres, wakes, eventLog, limits, sessions, leaseMs, executes, onError },
      ...ring,
    })
    return {
      ports: {
        ...{ eventLog, runQueue, startKeys: postgresStartKeys({ postgres, limits }), sessions, users },
        ...{ tickets: postgresTickets(postgres.service), attempts: postgresAttemptLimits(postgres.service) },
        readinessNote: () => (wakes.isHeard ? undefined : unheard),
      },
      notes: postgresNotes(postgres.service),
      forget: (userName) => forgetByName(userName, { postgres, wakes, sessions, users, dataDirectory }),
      close: async () => {
        sessions.close()
        await closeDatabase()
      },
    }
  } catch (error) {
    await closeDatabase()
    throw error
  }
}
