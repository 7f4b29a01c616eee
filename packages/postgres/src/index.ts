/**
 * PostgreSQL behind a user's context.
 */
export {
  openEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/open-embedded-postgres.ts'
export { openPostgres, type Postgres, type PostgresOptions } from './connection/open-postgres.ts'
export type { ConnectionTarget, PostgresConnections } from './connection/connection-target.ts'
export { migratePostgres, type MigrateOptions, type Migrated } from './migrations/migrate-postgres.ts'
