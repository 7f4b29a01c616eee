/** The entry point: all that most code needs. */
export {
  ContextError,
  isContextError,
  toClientAnswer,
  type AnyContextError,
  type ContextErrorDetails,
  type PlatformResponse,
} from './errors/context-error.ts'
export type { ClientAnswer, ContextErrorCode } from './errors/error-codes.ts'
export { findUnknownKeys, toIssuePath, type Issue, type IssueKind } from './errors/issue.ts'
export { decodeKey, encodeKey } from './facts/encode-key.ts'
export { encodeSubject } from './facts/encode-subject.ts'
export {
  findIdIssue,
  newRunId,
  newThreadId,
  newWebSocketClientId,
  parseRunId,
  parseSessionId,
  parseTenantId,
  parseThreadId,
  parseUserId,
} from './facts/ids.ts'
export type { RequestId, RunId, SessionId, TenantId, ThreadId, UserId, WebSocketClientId } from './facts/ids.ts'
export type { ConstantText } from './facts/constant-text.ts'
export type { Instead } from './facts/instead.ts'
export type { FrozenJson, FrozenJsonRecord } from './facts/json-copy.ts'
export { identityProvider, isVerifiedUser } from './identity/verified-user.ts'
export type { VerifiedUser } from './identity/verified-user.ts'
export type { HopOrigin, IdentityOrigin, OutlivesIdentity, OutlivesIdentityInput } from './identity/identity-origin.ts'
export type { IdentityEndError, IdentityEndListener, IdentityEndReason, IdentityWatcher } from './identity/proof.ts'
export type { LivenessRegistry } from './identity/liveness-registry.ts'
export type { LiveSessionsOptions, RevocationListener, RevocationStore } from './identity/live-options.ts'
export type { Tombstone } from './identity/tombstones.ts'
export type { Actor, ActorInput, ActorKind, VerifiedActorInput } from './facts/actor.ts'
export type { IdentityProviderOptions } from './identity/provider-options.ts'
export type { IdentityFacts, VerifiedFacts } from './identity/identity-facts.ts'
export {
  assertUserExecutionContext,
  createForUser,
  deriveChild,
  isUserExecutionContext,
} from './context/user-execution-context.ts'
export { toLogFields } from './context/to-log-fields.ts'
export { toSpanAttributes, type SpanAttributes } from './context/to-span-attributes.ts'
export { assertLive, isLive, watchIdentity } from './context/live-context.ts'
export { addIdentityWatcher, removeIdentityWatcher } from './context/identity-watchers.ts'
export { liveSessions, type LiveSessions, type RevocationTarget } from './context/live-sessions.ts'
export type { UserExecutionContext } from './context/user-execution-context.ts'
export type { ActorFields, ContextLogFields } from './context/log-fields.ts'
export type { RetiredArguments, RetiredKeys } from './context/retired-keys.ts'
export type { ChildAdditions, JsonInput, JsonRecord, RunRequest } from './context/run-request.ts'
export { abortScope } from './scope/scope.ts'
export type { Cleanup, Scope } from './scope/scope.ts'
export { openScope } from './scope/open-scope.ts'
export { runInScope } from './scope/run-in-scope.ts'
export type {
  AsyncDisposeKey,
  MinimalAbortSignal,
  PlatformAbortSignal,
  PlatformAsyncDisposable,
} from './scope/platform-types.ts'
export type { ChildScopeOptions, ScopeOptions } from './scope/scope-options.ts'
export { requireContext } from './scope/require-context.ts'
export { assertOwned, own } from './scope/ownership.ts'
export { ownedHandles, type OwnedHandles } from './scope/owned-handles.ts'
export type { HandleEndReason, OwnedHandlesOptions } from './scope/handle-options.ts'
export { inProcessHandleStore } from './scope/in-process-handle-store.ts'
export type { HandleEntry, HandleInsertion, HandleLimits, HandleStore, HandleTie } from './scope/handle-store.ts'
export { toOwnerDigest, toOwnerKey } from './context/owner-key.ts'
export { openAuditTrail, verifyAuditTrail } from './context/audit-trail.ts'
export type { AuditRecord, AuditTrail, AuditTrailOptions } from './context/audit-trail.ts'
