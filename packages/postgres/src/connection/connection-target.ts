/**
 * Where a server is, and who logs in there.
 */
import type { PoolConfig } from 'pg'
import { connection } from '../options/port-checks.ts'
import { fields, optional, type Check } from '../options/parse-options.ts'

/** A server and a login: a URL (`postgres://user@host/database`), or its parts. Holds a password: do not log. */
export type ConnectionTarget =
  | string
  | {
      /** A name, an address, or the directory of a Unix socket. */
      readonly host: string
      readonly port?: number | undefined
      readonly user: string
      readonly database: string
      readonly password?: string | undefined
      /** TLS, as the driver takes it. Default: none. */
      readonly ssl?: boolean | object | undefined
    }

/** The logins of a deployment: each part of it has the rights that it needs, and no more. */
export type PostgresConnections = {
  /** Logs in as `uec_service`, or as a member of it: what serves users. May be a pooler in transaction mode. */
  readonly service: ConnectionTarget
  /** Logs in as `uec_worker`, or as a member of it: what takes jobs and writes events. Default: no worker here. */
  readonly worker?: ConnectionTarget | undefined
  /** LISTEN needs a session of its own, so no pooler in transaction mode. Default: where `service` is. */
  readonly listen?: ConnectionTarget | undefined
  /** Logs in as a role that may create the schema. Default: the schema is there, made by `migrate`. */
  readonly migrate?: ConnectionTarget | undefined
}

/** Logins, for a table of options. */
export const connectionsCheck: Check = fields<PostgresConnections>({
  service: connection,
  worker: optional(connection),
  listen: optional(connection),
  migrate: optional(connection),
})

/** TCP asks a silent peer whether it is there: after ten seconds, and not after the two hours of most systems. */
export const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

/** What the driver takes. */
export const toDriverConfig = (target: ConnectionTarget): PoolConfig => {
  if (typeof target === 'string') return { connectionString: target }
  const { host, port = 5432, user, database, password, ssl } = target
  // The driver fills in what is undefined from the environment: a missing password stays missing.
  return { host, port, user, database, password: password ?? '', ssl: (ssl ?? false) as boolean }
}
