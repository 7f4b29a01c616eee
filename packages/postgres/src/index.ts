/**
 * PostgreSQL behind a user's context.
 */
export {
  openEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './embedded/open-embedded-postgres.ts'
export { isReachableByServer } from './embedded/account.ts'
export { openPostgres } from './shards/open-postgres.ts'
export { databaseLog, type DatabaseLog, type DatabaseLogRecord } from './connection/database-log.ts'
export type { Postgres, PostgresOptions } from './connection/open-database.ts'
export type { MoveListener, PostgresShards, PostgresShardsOptions, Shard } from './shards/shards.ts'
export { moveOwner, type MovedOwner, type MoveOwnerOptions, type MoveStep } from './shards/move/move-owner.ts'
export { recordShards, type RecordShardsOptions } from './shards/record-shards.ts'
export { shardedEventLog, type ShardedEventLog, type ShardedEventLogOptions } from './shards/sharded-event-log.ts'
export { shardedRunQueue, type ShardedRunQueueOptions } from './shards/sharded-run-queue.ts'
export { shardedHandleStore, shardedStartKeys, type ShardedStartKeysOptions } from './shards/sharded-stores.ts'
export type { ConnectionTarget, PostgresConnections } from './connection/connection-target.ts'
export {
  openWakeChannel,
  type Topic,
  type WakeChannel,
  type WakeChannelOptions,
  type WakeListener,
} from './wakes/wake-channel.ts'
export { postgresEventLog, type PostgresEventLog, type PostgresEventLogOptions } from './log/postgres-event-log.ts'
export type { RetentionOptions } from './log/retention.ts'
export { postgresRunQueue } from './queue/postgres-run-queue.ts'
export type { PostgresRunQueueOptions } from './queue/queue-options.ts'
export { forgetUser, type ForgetUserOptions, type ForgottenUser } from './stores/forget-user.ts'
export { postgresAuditTrail, readAuditTrail, type PostgresAuditTrailOptions } from './stores/postgres-audit-trail.ts'
export { postgresHandleStore, type PostgresHandleStoreOptions } from './stores/postgres-handle-store.ts'
export { postgresAttemptLimits, type PostgresAttemptLimitsOptions } from './stores/postgres-attempt-limits.ts'
export { postgresReplayMemory } from './stores/postgres-replay-memory.ts'
export { postgresRevocations, type PostgresRevocationsOptions } from './stores/postgres-revocations.ts'
export { postgresStartKeys, type PostgresStartKeysOptions } from './stores/postgres-start-keys.ts'
export { postgresTickets } from './stores/postgres-tickets.ts'
export { postgresUsers } from './stores/postgres-users.ts'
export { migratePostgres, type MigrateOptions, type Migrated } from './migrations/migrate-postgres.ts'
export { withUserSession } from './session/with-user-session.ts'
export type { SessionClient, SessionOptions, SessionPool } from './session/session-options.ts'
export type { SessionAnswer, SessionStatement, UserSession } from './session/user-session.ts'
export { toOwnerPolicy, type OwnedTable } from './policies/owner-policy.ts'
export {
  checkPolicies,
  type CheckPoliciesOptions,
  type PolicyFault,
  type PolicyFaultKind,
} from './policies/check-policies.ts'
export { toRolesSql } from './migrations/roles.ts'
