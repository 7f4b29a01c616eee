// Type tests of the phases: each value is the only ticket to the next phase, and none stands for another.
import { expectNotAssignable, expectType } from 'tsd'
import { createForUser, type RunId, type UserExecutionContext, type VerifiedUser } from 'user-execution-context'
import type { Agent, AgentRun, Connection, GoldenPath, Transport } from '@user-execution-context/golden-path'
import { isAgentRun, isConnection, openGoldenPath } from '@user-execution-context/golden-path'
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
goldenPath.connect({ ...context }, transport)
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
expectNotAssignable<Connection>({ ...connection })
expectNotAssignable<AgentRun>({ ...run })
expectNotAssignable<Connection>(run)
expectNotAssignable<AgentRun>(connection)
if (isConnection(anything)) expectType<Connection>(anything)
if (isAgentRun(anything)) expectType<AgentRun>(anything)

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
