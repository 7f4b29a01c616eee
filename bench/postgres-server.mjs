// A server of its own for a bench of packages/postgres, in a directory that goes away with it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migratePostgres, openEmbeddedPostgres } from '@user-execution-context/postgres'

/** Starts the server. `service` and `worker` are the logins that an app has: nothing is measured as a superuser. */
export async function openServer() {
  const directory = mkdtempSync(join(tmpdir(), 'uec-bench-'))
  const server = await openEmbeddedPostgres({ directory })
  await migratePostgres({ connection: server.connections.migrate })
  return {
    connections: server.connections,
    /** Logins of another database of the server, with the newest schema. */
    addDatabase: async (database) => {
      await runAs(server.connections.migrate, `CREATE DATABASE ${database}`)
      const entries = Object.entries(server.connections).map(([role, login]) => [role, { ...login, database }])
      const connections = Object.fromEntries(entries)
      await migratePostgres({ connection: connections.migrate })
      return connections
    },
    close: async () => {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Runs statements on a connection of their own. */
export async function runAs(login, ...statements) {
  const client = new pg.Client(login)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** The middle one of some numbers. */
export function medianOf(numbers) {
  return [...numbers].sort((one, other) => one - other)[numbers.length >> 1]
}
