/**
 * The parts that a context is put together from, and how two contexts may differ in them while one is ambient.
 */
import { ContextError } from '../errors/context-error.ts'
import { isChainOver } from '../facts/actor.ts'
import type { RequestId, RunId, ThreadId } from '../facts/ids.ts'
import type { FrozenJsonRecord } from '../facts/json-copy.ts'
import type { VerifiedUser } from '../identity/verified-user.ts'

/** The part of a user that a context repeats; a parent context has it too. */
export type Subject = Pick<VerifiedUser, 'tenantId' | 'permissions' | 'identity' | 'actors'>
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
export type Parent = Facts &
  Subject &
  Pick<VerifiedUser, 'userId' | 'namespace'> & { readonly requestId: RequestId; readonly depth: number }

/** What is compared of a context and the ambient one. */
type Compared = Pick<Facts, 'threadId' | 'runId'> &
  Pick<VerifiedUser, 'userId' | 'namespace' | 'tenantId' | 'permissions' | 'actors'>

let findAmbient: (() => Compared | undefined) | undefined

/**
 * Set once by the ambient reader when it is first used: it needs Node, and the core does not. A program that never
 * imports it pays for one comparison.
 */
export const watchAmbient = (find: () => Compared | undefined): void => {
  findAmbient = find
}

/**
 * Refuses a context of another user (namespace, tenant and id), thread or run than the ambient one, and one with more
 * rights or fewer actors.
 *
 * @throws {ContextError} `ERR_CONTEXT_MISMATCH`.
 */
export const assertWithinAmbient = (context: Compared): void => {
  const ambient = findAmbient?.()
  if (ambient !== undefined && ambient !== context && !(isSameRun(ambient, context) && isNoWider(ambient, context)))
    throw new ContextError('ERR_CONTEXT_MISMATCH')
}

function isSameRun(one: Compared, other: Compared): boolean {
  return (
    one.userId === other.userId &&
    one.namespace === other.namespace &&
    one.tenantId === other.tenantId &&
    one.threadId === other.threadId &&
    one.runId === other.runId
  )
}

/** A tool whose rights were narrowed must not call a service with the context of its parent that it kept somewhere. */
function isNoWider(ambient: Compared, context: Compared): boolean {
  return isWithin(context.permissions, ambient.permissions) && isChainOver(context.actors, ambient.actors)
}

/** Whether all names of one list are in another. By index: methods and the iterator of a list can be patched. */
export const isWithin = (names: readonly string[], held: readonly string[]): boolean => {
  if (names === held) return true
  for (let index = 0; index < names.length; index++) if (!isHeld(held, names[index])) return false
  return true
}

/** Whether a list has a name. */
export const isHeld = (held: readonly string[], name: unknown): boolean => {
  for (let index = 0; index < held.length; index++) if (held[index] === name) return true
  return false
}
