/**
 * The parts that a context is put together from.
 */
import { ContextError } from '../errors/context-error.ts'
import type { RequestId, RunId, ThreadId } from '../facts/ids.ts'
import type { FrozenJsonRecord } from '../facts/json-copy.ts'
import type { VerifiedUser } from '../identity/verified-user.ts'

/** The part of a user that a context repeats; a parent context has it too. */
export type Subject = Pick<VerifiedUser, 'tenantId' | 'permissions' | 'expiresAtMs' | 'identity' | 'actors'>
/** What the caller says about the run, complete. */
export type Facts = {
  readonly threadId: ThreadId
  readonly runId: RunId
  readonly agentContext: FrozenJsonRecord
  readonly auditMetadata: FrozenJsonRecord
}
/** Where a context stands among the steps of its run. */
export type Lineage = {
  readonly parentRequestId: RequestId | undefined
  readonly operation: string
  readonly depth: number
}

/** Where createForUser() starts. */
export const root: Lineage = Object.freeze({ parentRequestId: undefined, operation: 'root', depth: 0 })

/**
 * Where createForUser() starts for a user whose identity came over a hop: one level below the step that it continues.
 */
export const toRoot = ({ identity }: Pick<VerifiedUser, 'identity'>): Lineage => {
  const { origin } = identity
  if (origin === undefined) return root
  if (origin.depth >= maxDepth) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
  return { parentRequestId: origin.requestId, operation: 'root', depth: origin.depth + 1 }
}

/** How deep child contexts may nest: the root is 0. */
export const maxDepth = 10

/** What a child reads of its parent. */
export type Parent = Facts & Subject & { readonly requestId: RequestId; readonly depth: number }
