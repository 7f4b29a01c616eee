// Type tests of the phases: each value is the only way to the next phase, and none stands for another.
import { expectNotAssignable, expectType } from 'tsd'
import {
  createForUser,
  type RequestId,
  type RunId,
  type ThreadId,
  type UserExecutionContext,
  type VerifiedUser,
  type WebSocketClientId,
} from 'user-execution-context'
import type {
  Agent,
  AgentInput,
  EventWriter,
  AgentRun,
  Awaitable,
  Connection,
  ConnectOptions,
  DeliverOptions,
  DeliveryEnd,
  ExecuteOptions,
  GoldenPath,
  GoldenPathCloseOptions,
  GoldenPathOptions,
  Limits,
  Receiver,
  ReceiverOptions,
  RunJob,
  ServerMessage,
  Transport,
} from '@user-execution-context/golden-path'
import { isAgentRun, isConnection, openGoldenPath, openReceiver } from '@user-execution-context/golden-path'
import {
  jwtIdentity,
  passwordIdentity,
  type AccessTokenAnswer,
  type AccessTokens,
  type JwtIdentityOptions,
  type PasswordCredentials,
  type PasswordIdentityOptions,
} from '@user-execution-context/golden-path/login'
import {
  openGoldenPathServer,
  type GoldenPathServer,
  type GoldenPathServerOptions,
} from '@user-execution-context/golden-path/server'
import type { IsAny, IsSame } from '../../../type-tests/exactness.ts'

declare const agent: Agent
declare const goldenPath: GoldenPath
declare const user: VerifiedUser
declare const context: UserExecutionContext
declare const connection: Connection
declare const run: AgentRun
declare const transport: Transport
declare const runId: RunId
declare const anything: unknown
declare const publicParts: any
type AnyClass = abstract new (...given: never[]) => unknown

/* Nothing that matters is any. */
expectType<false>(false as IsAny<Connection>)
expectType<false>(false as IsAny<AgentRun>)
expectType<false>(false as IsAny<Parameters<GoldenPath['connect']>[0]>)
expectType<false>(false as IsAny<Parameters<GoldenPath['execute']>[0]>)
expectType<false>(false as IsAny<Parameters<GoldenPath['deliver']>[0]>)
expectType<false>(false as IsAny<Parameters<GoldenPath['deliver']>[1]>)

/* A context opens a connection and starts a run; the two together deliver. */
expectType<GoldenPath>(openGoldenPath({ agent }))
expectType<Connection>(goldenPath.connect(createForUser(user), transport))
expectType<Promise<AgentRun>>(goldenPath.execute(createForUser(user), { text: 'hello' }))
expectType<Promise<AgentRun | undefined>>(goldenPath.findRun(context, runId))
// @ts-expect-error
goldenPath.connect(user, transport)
// @ts-expect-error
goldenPath.connect({} as Pick<UserExecutionContext, keyof UserExecutionContext>, transport)
// @ts-expect-error
goldenPath.execute(user, { text: 'hello' })
// @ts-expect-error
goldenPath.execute(context.userId, { text: 'hello' })
// @ts-expect-error
goldenPath.execute(context, 'hello')
// @ts-expect-error
goldenPath.deliver(connection, run)
// @ts-expect-error
goldenPath.deliver(run, context)
// @ts-expect-error
goldenPath.deliver(run.runId, connection)
// @ts-expect-error
goldenPath.cancel(context, context.threadId)
// @ts-expect-error
goldenPath.findRun(context.userId, runId)

/* Neither is made by hand. */
expectNotAssignable<Connection>({} as Pick<Connection, keyof Connection>)
expectNotAssignable<AgentRun>({} as Pick<AgentRun, keyof AgentRun>)
expectNotAssignable<Connection>(publicParts as Pick<Connection, keyof Connection>)
expectNotAssignable<AgentRun>(publicParts as Pick<AgentRun, keyof AgentRun>)
expectNotAssignable<AnyClass>(publicParts as typeof Connection)
expectNotAssignable<AnyClass>(publicParts as typeof AgentRun)
expectNotAssignable<Connection>(run)
expectNotAssignable<AgentRun>(connection)
if (isConnection(anything)) expectType<Connection>(anything)
if (isAgentRun(anything)) expectType<AgentRun>(anything)

/* Their fields are exactly these: readonly, and ids by their brands. */
expectType<true>(
  true as IsSame<
    Pick<AgentRun, keyof AgentRun>,
    { readonly threadId: ThreadId; readonly runId: RunId; readonly requestId: RequestId; readonly createdAtMs: number }
  >,
)
expectType<true>(
  true as IsSame<
    Pick<Connection, keyof Connection>,
    {
      readonly connectionId: WebSocketClientId
      readonly context: UserExecutionContext
      readonly isClosed: boolean
      send(message: ServerMessage): void
      close(code: number, reason: string): void
      release(): void
    }
  >,
)

/* Every function of a golden path takes and gives exactly this. */
expectType<true>(
  true as IsSame<
    GoldenPath,
    {
      readonly limits: Limits
      readonly connect: (context: UserExecutionContext, transport: Transport, options?: ConnectOptions) => Connection
      readonly findConnections: (context: UserExecutionContext) => readonly Connection[]
      readonly execute: <const Reason extends string = never>(
        context: UserExecutionContext,
        input: AgentInput,
        options?: ExecuteOptions<Reason>,
      ) => Promise<AgentRun>
      readonly deliver: (run: AgentRun, connection: Connection, options?: DeliverOptions) => Promise<DeliveryEnd>
      readonly findRun: (context: UserExecutionContext, runId: RunId) => Promise<AgentRun | undefined>
      readonly listRuns: (context: UserExecutionContext) => Promise<readonly AgentRun[]>
      readonly cancel: (context: UserExecutionContext, runId: RunId) => Promise<boolean>
      readonly close: (options?: GoldenPathCloseOptions) => Promise<void>
    }
  >,
)
expectType<true>(true as IsSame<typeof openGoldenPath, (options: GoldenPathOptions) => GoldenPath>)
expectType<true>(
  true as IsSame<
    typeof openReceiver,
    (goldenPath: GoldenPath, connection: Connection, options: ReceiverOptions) => Receiver
  >,
)
expectType<true>(
  true as IsSame<
    ReceiverOptions['createContext'],
    (run: { readonly threadId?: ThreadId | undefined }) => Awaitable<UserExecutionContext>
  >,
)
expectType<true>(
  true as IsSame<
    RunJob,
    {
      readonly context: UserExecutionContext
      readonly input: AgentInput
      readonly writer?: EventWriter | undefined
      readonly queuedAtMs?: number | undefined
      readonly traceParent?: string | undefined
    }
  >,
)

/* Login gives verified users and nothing looser; a server takes a check that gives them. */
expectType<true>(
  true as IsSame<
    typeof jwtIdentity,
    (options: JwtIdentityOptions | readonly JwtIdentityOptions[]) => (token: string) => Promise<VerifiedUser>
  >,
)
expectType<true>(
  true as IsSame<
    typeof passwordIdentity,
    (options: PasswordIdentityOptions) => (credentials: PasswordCredentials) => Promise<VerifiedUser>
  >,
)
expectType<true>(
  true as IsSame<GoldenPathServerOptions['identity'], ((token: string) => Promise<VerifiedUser>) | undefined>,
)
expectType<true>(
  true as IsSame<typeof openGoldenPathServer, (options: GoldenPathServerOptions) => Promise<GoldenPathServer>>,
)
expectType<true>(true as IsSame<AccessTokens['issue'], (user: VerifiedUser) => Promise<AccessTokenAnswer>>)
expectType<true>(true as IsSame<AccessTokens['identity'], (token: string) => Promise<VerifiedUser>>)

// The surface: nothing here makes a context or a user.
expectType<true>(
  true as IsSame<
    Extract<
      keyof typeof import('@user-execution-context/golden-path'),
      `${'create' | 'new' | 'make' | 'mint' | 'to'}${string}`
    >,
    never
  >,
)
