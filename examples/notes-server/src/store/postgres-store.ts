/**
 * Runs, events, users, sign-ins and notes in PostgreSQL.
 */
import { liveSessions } from 'user-execution-context'
import { defaultLimits } from '@user-execution-context/golden-path'
import { fileSigningSecret } from '@user-execution-context/golden-path/login'
import {
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
  type PostgresConnections,
} from '@user-execution-context/postgres'
import { sealingKeys } from '@user-execution-context/transfer'
import { postgresNotes } from '../notes-agent/postgres-notes.ts'
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
}

/** A minute longer than a session of this server's own users, for the clock. */
const maxProofMs = 43_260_000

/** Opens the ports of one process. Rejects with what openPostgres() throws, and with the errors of the driver. */
export const openPostgresStore = async (options: PostgresStoreOptions): Promise<Omit<Store, 'place'>> => {
  const { connections, dataDirectory, leaseMs, executes } = options
  const keys = [await fileSealingKey(dataDirectory)]
  const loginKeys = [await fileSigningSecret(dataDirectory)]
  const postgres = await openPostgres({ connections })
  const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
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
    const eventLog = postgresEventLog({ postgres, wakes })
    const ring = sealingKeys({ workload: 'notes-server', keys, loginKeys })
    const limits = defaultLimits
    const runQueue = postgresRunQueue({ postgres, wakes, eventLog, limits, sessions, leaseMs, executes, ...ring })
    return {
      ports: {
        ...{ eventLog, runQueue, startKeys: postgresStartKeys({ postgres, limits }), sessions, users },
        ...{ tickets: postgresTickets(postgres.service), attempts: postgresAttemptLimits(postgres.service) },
      },
      notes: postgresNotes(postgres.service),
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
