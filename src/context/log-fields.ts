/**
 * What may be printed of a context. The class prints itself through here, so this file does not know it.
 */
import { encodeOwner, encodePart } from '../facts/encode-key.ts'
import { toIsoTime } from '../facts/iso-time.ts'
import { toSha256 } from '../facts/sha-256.ts'
import type { Actor, ActorKind } from '../facts/actor.ts'
import type { IdentityOrigin } from '../identity/identity-origin.ts'

/** The fields of a context that may be logged. No user id, no session id, no permission, no metadata. */
export type ContextLogFields = {
  /** Thread, run and request id in full, as one injective key: equal only for the same step of the same run. */
  readonly correlationId: string
  /**
   * Pseudonym of the user: 32 hex digits of SHA-256 over namespace, tenant and user id. Stable over time and processes.
   */
  readonly userHash: string
  readonly tenantId: string | undefined
  readonly threadId: string
  readonly runId: string
  readonly requestId: string
  readonly parentRequestId: string | undefined
  readonly operation: string
  readonly depth: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** The same: when the identity ends, as of the print. */
  readonly expiresAt: string | undefined
  readonly identityProvider: string
  readonly identityReason: string | undefined
  /** The provider that verified the user before the first hop; undefined for a user who signed in here. */
  readonly originProvider: string | undefined
  /** `'service'` for a program that acts for itself. */
  readonly identityKind: 'person' | 'service'
  /**
   * Who acts for the user, newest first, such as `'declared agent:planner, verified person'`, without the names of
   * persons; undefined where the user acts.
   */
  readonly actors: string | undefined
}

/** What may be logged of an actor. */
export type ActorFields = {
  readonly kind: ActorKind
  readonly name?: string
  readonly source: Actor['source']
}

/** What this file reads of a context. Any object of this form fits: the caller has checked that it is a real one. */
export type Printed = {
  readonly namespace: string
  readonly userId: string
  readonly tenantId: string | undefined
  readonly threadId: string
  readonly runId: string
  readonly requestId: string
  readonly parentRequestId: string | undefined
  readonly operation: string
  readonly depth: number
  readonly createdAtMs: number
  readonly identityEndsAtMs: number | undefined
  readonly identity: IdentityOrigin
  readonly actors: readonly Actor[]
}

/** The texts of a print that take work. A context makes them at its first print and keeps them for the next. */
export type PrintedTexts = Pick<ContextLogFields, 'correlationId' | 'createdAt' | 'actors'> & {
  /** Shared with other contexts; another one once a renewal has moved the end. */
  user: UserTexts
}

/** The texts of {@link redact}. The caller has checked the context. */
export const toPrintedTexts = (context: Printed): PrintedTexts => ({
  correlationId: `${encodePart(context.threadId)}:${encodePart(context.runId)}:${context.requestId}`,
  user: toUserTexts(context),
  createdAt: toIsoTime(context.createdAtMs),
  actors: context.actors.length === 0 ? undefined : context.actors.map(toActorText).join(', '),
})

/** The printable fields, a new object each time. The caller has checked the context. */
export const redact = (context: Printed, texts: PrintedTexts): ContextLogFields => {
  if (texts.user.endsAtMs !== context.identityEndsAtMs) texts.user = toUserTexts(context)
  return {
    correlationId: texts.correlationId,
    userHash: texts.user.hash,
    tenantId: context.tenantId,
    threadId: context.threadId,
    runId: context.runId,
    requestId: context.requestId,
    parentRequestId: context.parentRequestId,
    operation: context.operation,
    depth: context.depth,
    createdAt: texts.createdAt,
    expiresAt: texts.user.expiresAt,
    identityProvider: context.identity.provider,
    identityReason: context.identity.reason,
    originProvider: context.identity.origin?.provider,
    identityKind: context.identity.kind,
    actors: texts.actors,
  }
}

/** An actor without the name of a person. */
export const toActorFields = ({ kind, name, source }: Actor): ActorFields =>
  kind === 'person' ? { kind, source } : { kind, name, source }

function toActorText({ kind, name, source }: Actor): string {
  return kind === 'person' ? `${source} ${kind}` : `${source} ${kind}:${name}`
}

type UserTexts = Pick<Printed, 'namespace' | 'tenantId'> & {
  readonly endsAtMs: number | undefined
  readonly hash: string
  readonly expiresAt: string | undefined
}

/**
 * Texts by user id: a process prints the same users again and again, a hash costs more than all else, and the contexts
 * of one sign-in end together. Of users of one id in several namespaces or tenants, the one that was printed last is
 * kept.
 */
const usersKnown = new Map<string, UserTexts>()
const maxUsersKnown = 10_000

function toUserTexts(context: Printed): UserTexts {
  const { namespace, tenantId, userId, identityEndsAtMs: endsAtMs } = context
  const known = usersKnown.get(userId)
  const isSame = known !== undefined && known.tenantId === tenantId && known.namespace === namespace
  if (isSame && known.endsAtMs === endsAtMs) return known
  const hash = isSame ? known.hash : toSha256(encodeOwner(context)).slice(0, 32)
  const expiresAt = endsAtMs === undefined ? undefined : toIsoTime(endsAtMs)
  if (usersKnown.size >= maxUsersKnown) usersKnown.clear()
  const texts = { namespace, tenantId, endsAtMs, hash, expiresAt }
  usersKnown.set(userId, texts)
  return texts
}
