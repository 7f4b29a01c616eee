/**
 * A snapshot serializer: a context prints the same in every run, so its snapshot repeats.
 */
import {
  isUserExecutionContext,
  isVerifiedUser,
  type UserExecutionContext,
  type VerifiedUser,
} from 'user-execution-context'
import { isMadeForTest } from '../contexts/test-mark.ts'

/** A part of the arguments that belongs to the runner: passed on as it came. */
type OfRunner = any
/** Prints a value inside a snapshot. Jest and Vitest give it the same arguments. */
type Print = (value: unknown, config: OfRunner, indentation: string, depth: number, refs: OfRunner) => string
/** A snapshot serializer as Jest and Vitest take one. */
export type ContextSerializer = {
  readonly test: (value: unknown) => boolean
  readonly serialize: (
    value: unknown,
    config: OfRunner,
    indentation: string,
    depth: number,
    refs: OfRunner,
    print: Print,
  ) => string
}

/**
 * The serializer for contexts and verified users. `requestId`, `parentRequestId`, `createdAtMs` and `expiresAtMs` print
 * as placeholders, and so do a thread or a run id that was generated. User, session, agentContext and auditMetadata
 * print for a user of testUser() or testContext(), and as a placeholder for every other one: a snapshot is a file.
 *
 * The entry points `./vitest` and `./jest` register it; this is for a runner that you configure yourself.
 *
 * @example
 * ```ts
 * import { expect } from 'vitest'
 * import { contextSerializer } from '@user-execution-context/testing'
 *
 * expect.addSnapshotSerializer(contextSerializer)
 * ```
 */
export const contextSerializer: ContextSerializer = Object.freeze({
  test: (value: unknown) => isUserExecutionContext(value) || isVerifiedUser(value),
  serialize: (value, config, indentation, depth, refs, print) => {
    const isContext = isUserExecutionContext(value)
    const fields = isContext ? toFields(value) : toUserFields(value as VerifiedUser)
    return `${isContext ? 'UserExecutionContext' : 'VerifiedUser'} ${print(fields, config, indentation, depth, refs)}`
  },
} satisfies ContextSerializer)

/** A generated id: a UUID. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** What stands for a value that differs from run to run, or that a file must not hold. */
const placeholder = (name: string): string => `[${name}]`

function toFields(context: UserExecutionContext): object {
  const open = isMadeForTest(context.identity)
  return {
    ...toUserFields(context),
    threadId: uuid.test(context.threadId) ? placeholder('threadId') : context.threadId,
    runId: uuid.test(context.runId) ? placeholder('runId') : context.runId,
    requestId: placeholder('requestId'),
    ...(context.parentRequestId !== undefined && { parentRequestId: placeholder('parentRequestId') }),
    operation: context.operation,
    depth: context.depth,
    createdAtMs: placeholder('createdAtMs'),
    agentContext: open ? context.agentContext : placeholder('agentContext'),
    auditMetadata: open ? context.auditMetadata : placeholder('auditMetadata'),
  }
}

function toUserFields(user: VerifiedUser | UserExecutionContext): object {
  const open = isMadeForTest(user.identity)
  return {
    userId: open ? user.userId : placeholder('userId'),
    ...(user.tenantId !== undefined && { tenantId: user.tenantId }),
    ...(user.sessionId !== undefined && { sessionId: open ? user.sessionId : placeholder('sessionId') }),
    permissions: user.permissions,
    ...(user.expiresAtMs !== undefined && { expiresAtMs: placeholder('expiresAtMs') }),
    identity: toIdentityFields(user.identity),
    ...(user.actors.length > 0 && { actors: user.actors }),
  }
}

/** The step of another process has an id of its own each time, and an exemption its own end. */
function toIdentityFields({ origin, outlives, ...identity }: VerifiedUser['identity']): object {
  return {
    ...Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== undefined)),
    ...(origin !== undefined && { origin: { ...origin, requestId: placeholder('requestId') } }),
    ...(outlives !== undefined && { outlives: { ...outlives, untilMs: placeholder('untilMs') } }),
  }
}
