// Type tests: a session takes a context and never an id, and each store takes the parts that it needs, by their types.
import { expectNotAssignable, expectType } from 'tsd'
import type { Pool } from 'pg'
import type {
  AuditTrailOptions,
  HandleStore,
  LiveSessions,
  RevocationStore,
  UserExecutionContext,
} from 'user-execution-context'
import type { EventLog, Limits, RunQueue, StartKeyStore } from '@user-execution-context/golden-path'
import type { AttemptLimits, TicketOffice, UserStore } from '@user-execution-context/golden-path/login'
import type { Opener, ReplayMemory, Sealer } from '@user-execution-context/transfer'
import {
  checkPolicies,
  forgetUser,
  migratePostgres,
  openEmbeddedPostgres,
  openPostgres,
  openWakeChannel,
  postgresAttemptLimits,
  postgresAuditTrail,
  postgresEventLog,
  postgresHandleStore,
  postgresReplayMemory,
  postgresRevocations,
  postgresRunQueue,
  postgresStartKeys,
  postgresTickets,
  postgresUsers,
  toOwnerPolicy,
  withUserSession,
  type CheckPoliciesOptions,
  type ForgottenUser,
  type Migrated,
  type OwnedTable,
  type PolicyFault,
  type Postgres,
  type PostgresEventLog,
  type PostgresShards,
  type SessionOptions,
  type UserSession,
  type WakeChannel,
} from '@user-execution-context/postgres'
import type { IsAny } from '../../../type-tests/exactness.ts'

declare const context: UserExecutionContext
declare const pool: Pool
declare const postgres: Postgres
declare const shards: PostgresShards
declare const wakes: WakeChannel
declare const sessions: LiveSessions
declare const limits: Limits
declare const sealer: Sealer
declare const opener: Opener
declare const eventLog: PostgresEventLog
const service = 'postgres://uec_service@localhost/notes'

/* A session is of a context, and gives what its callback gives. */
expectType<Promise<number>>(withUserSession(context, pool, async () => 1))
withUserSession(context, pool, async (session) => {
  expectType<UserSession>(session)
  const { rows } = await session.query<{ text: string }>('SELECT text FROM notes WHERE id = $1', [1])
  expectType<{ text: string }[]>(rows)
  expectType<Record<string, unknown>[]>((await session.query('SELECT 1')).rows)
  // @ts-expect-error
  session.query('SELECT text FROM notes WHERE id = $1', 1)
  // @ts-expect-error
  session.query<string>('SELECT 1')
})
// @ts-expect-error
withUserSession(context.userId, pool, async () => 1)
// @ts-expect-error
withUserSession({} as Pick<UserExecutionContext, keyof UserExecutionContext>, pool, async () => 1)
// @ts-expect-error
withUserSession(pool, context, async () => 1)
// @ts-expect-error
withUserSession(context, service, async () => 1)
// @ts-expect-error
withUserSession(context, pool)
expectNotAssignable<SessionOptions>({ isolation: 'read uncommitted' })
expectNotAssignable<SessionOptions>({ timeoutMs: '5s' })
expectType<false>(false as IsAny<Parameters<typeof withUserSession>[0]>)

/* One database gives pools, several give routes; the two are not taken for each other. */
expectType<Promise<Postgres>>(openPostgres({ connections: { service } }))
expectType<Promise<PostgresShards>>(openPostgres({ shards: { first: { service } } }))
expectType<ReturnType<typeof openEmbeddedPostgres>>(openEmbeddedPostgres({ directory: 'data' }))
expectType<Promise<Migrated>>(migratePostgres({ connection: service }))
expectNotAssignable<Postgres>(shards)
// @ts-expect-error
openPostgres({ connections: service })
// @ts-expect-error
openPostgres({ shards: [{ service }] })
// @ts-expect-error
openPostgres({})
// @ts-expect-error
migratePostgres(service)
// @ts-expect-error
openEmbeddedPostgres('data')

/* Each store fits the port that it is for. */
expectType<WakeChannel>(openWakeChannel({ pool: postgres.service, listen: postgres.listen }))
expectType<EventLog>(postgresEventLog({ postgres, wakes }) as EventLog)
expectType<HandleStore<{ readonly cursor: number }>>(postgresHandleStore<{ readonly cursor: number }>({ postgres }))
expectType<Promise<RevocationStore>>(postgresRevocations({ postgres, wakes }))
expectType<StartKeyStore>(postgresStartKeys({ postgres, limits }))
expectType<AttemptLimits>(postgresAttemptLimits(pool))
expectType<TicketOffice>(postgresTickets(pool))
expectType<UserStore>(postgresUsers(pool))
expectType<ReplayMemory>(postgresReplayMemory(pool))
expectType<Promise<AuditTrailOptions>>(postgresAuditTrail({ pool, trail: 'users' }))
expectType<RunQueue>(postgresRunQueue({ postgres, wakes, eventLog, limits, sealer, opener, sessions }))
// @ts-expect-error
postgresEventLog({ postgres })
// @ts-expect-error
postgresHandleStore({ postgres: pool })
// @ts-expect-error
postgresRevocations({ postgres: shards, wakes })
// @ts-expect-error
postgresStartKeys({ postgres })
// @ts-expect-error
postgresUsers(postgres)
// @ts-expect-error
postgresAuditTrail({ pool })
// A queue that seals its jobs does not open them with what seals, and ends runs by a registry.
// @ts-expect-error
postgresRunQueue({ postgres, wakes, eventLog, limits, sealer: opener, opener: sealer, sessions })
// @ts-expect-error
postgresRunQueue({ postgres, wakes, eventLog, limits, sealer, opener })
// @ts-expect-error
postgresAttemptLimits(pool, { maxKeys: 1 })

/* Forgetting a user needs the context of that user and the registry that signs them out. */
expectType<Promise<ForgottenUser>>(forgetUser(context, { postgres, wakes, sessions }))
// @ts-expect-error
forgetUser(context.userId, { postgres, wakes, sessions })
// @ts-expect-error
forgetUser(context, { postgres, wakes })

/* Policies are written for tables that are named, and their faults are of known kinds. */
expectType<string>(toOwnerPolicy({ schema: 'app', table: 'notes' }))
expectType<Promise<readonly PolicyFault[]>>(checkPolicies(pool, { allowed: ['app.countries'] }))
expectNotAssignable<OwnedTable>({ table: 'notes' })
expectNotAssignable<CheckPoliciesOptions>({ allowed: 'app.countries' })
expectNotAssignable<PolicyFault['kind']>('some fault')
// @ts-expect-error
toOwnerPolicy('app.notes')
