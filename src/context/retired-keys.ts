/**
 * Floor 3. What callers of the classes that this package replaces used to pass, each with the sentence tsc prints.
 * At run time these keys are unknown keys and refused as such.
 */
import type { Instead } from '../facts/instead.ts'

/**
 * Keys of legacy constructors and factories that a run request does not have. The sentences stand in full at each key:
 * tsc prints the name of a type in place of what it stands for.
 */
export type RetiredKeys = {
  readonly userId?: Instead<'leave it out: it comes from the VerifiedUser'>
  readonly sessionId?: Instead<'leave it out: it comes from the VerifiedUser'>
  readonly tenantId?: Instead<'leave it out: it comes from the VerifiedUser'>
  readonly permissions?: Instead<'leave it out: it comes from the VerifiedUser'>
  readonly requestId?: Instead<'leave it out: createForUser() and deriveChild() set it'>
  readonly parentRequestId?: Instead<'leave it out: createForUser() and deriveChild() set it'>
  readonly operationDepth?: Instead<'leave it out: createForUser() and deriveChild() set it'>
  readonly createdAt?: Instead<'leave it out: createForUser() and deriveChild() set it'>
  readonly correlationId?: Instead<'leave it out: createForUser() and deriveChild() set it'>
  readonly metadata?: Instead<'put it into agentContext or auditMetadata'>
  readonly workspaceId?: Instead<'put it into agentContext or auditMetadata'>
  readonly websocketClientId?: Instead<'leave it out: connect() ties a socket to its user, deliver() finds it'>
  readonly websocketConnectionId?: Instead<'leave it out: connect() ties a socket to its user, deliver() finds it'>
  readonly dbSession?: Instead<'leave it out: open it inside runInScope() and close it with scope.defer()'>
  readonly cleanupCallbacks?: Instead<'leave it out: open it inside runInScope() and close it with scope.defer()'>
}

/** What tsc prints for positional arguments in the manner of legacy factories. */
export type RetiredArguments = Instead<'pass (user, { threadId, runId, agentContext, auditMetadata })'>
