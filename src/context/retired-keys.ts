/**
 * Floor 3. What callers of the classes that this package replaces used to pass, each with the sentence tsc prints.
 * At run time these keys are unknown keys and refused as such.
 */
import type { Instead } from '../facts/instead.ts'

type FromTheUser = Instead<'leave it out: it comes from the VerifiedUser'>
type MadeHere = Instead<'leave it out: createForUser() and deriveChild() set it'>
type InARecord = Instead<'put it into agentContext or auditMetadata'>
type OnTheConnection = Instead<'leave it out: connect() ties a socket to its user, deliver() finds it'>
type InTheScope = Instead<'leave it out: open it inside runInScope() and close it with scope.defer()'>

/** Keys of legacy constructors and factories that a run request does not have. */
export type RetiredKeys = {
  readonly userId?: FromTheUser
  readonly sessionId?: FromTheUser
  readonly tenantId?: FromTheUser
  readonly permissions?: FromTheUser
  readonly requestId?: MadeHere
  readonly parentRequestId?: MadeHere
  readonly operationDepth?: MadeHere
  readonly createdAt?: MadeHere
  readonly correlationId?: MadeHere
  readonly metadata?: InARecord
  readonly workspaceId?: InARecord
  readonly websocketClientId?: OnTheConnection
  readonly websocketConnectionId?: OnTheConnection
  readonly dbSession?: InTheScope
  readonly cleanupCallbacks?: InTheScope
}

/** What tsc prints for positional arguments in the manner of legacy factories. */
export type RetiredArguments = Instead<'pass (user, { threadId, runId, agentContext, auditMetadata })'>
