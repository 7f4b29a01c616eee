/**
 * What callers of the classes that this package replaces used to pass, each with the sentence that tsc prints. At run
 * time these keys are unknown keys and refused as such.
 */
import type { Instead } from '../facts/instead.ts'

/**
 * Keys of legacy constructors and factories that a run request does not have. Index signatures over patterns, because
 * an editor offers every property of a type for completion and no key of a pattern. The sentences stand in full at
 * each: tsc prints the name of a type in place of what it stands for.
 */
export type RetiredKeys = {
  readonly [
    fromUser: `userId${string}` | `sessionId${string}` | `tenantId${string}` | `permissions${string}`
  ]: Instead<'leave it out: it comes from the VerifiedUser'>
  readonly [
    setHere:
      | `requestId${string}`
      | `parentRequestId${string}`
      | `operationDepth${string}`
      | `createdAt${string}`
      | `correlationId${string}`
  ]: Instead<'leave it out: createForUser() and deriveChild() set it'>
  readonly [data: `metadata${string}` | `workspaceId${string}`]: Instead<'put it into agentContext or auditMetadata'>
  readonly [
    socket: `websocketClientId${string}` | `websocketConnectionId${string}`
  ]: Instead<'leave it out: connect() ties a socket to its user, deliver() finds it'>
  readonly [
    resource: `dbSession${string}` | `cleanupCallbacks${string}`
  ]: Instead<'leave it out: open it inside runInScope() and close it with scope.defer()'>
}

/** What tsc prints for positional arguments in the manner of legacy factories. */
export type RetiredArguments = Instead<'pass (user, { threadId, runId, agentContext, auditMetadata })'>
