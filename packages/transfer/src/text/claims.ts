/**
 * What a sealed context says: the claims of Transaction Tokens (draft-ietf-oauth-transaction-tokens, section 5.2), with
 * `act` of RFC 8693. Written and read here only; a text with a claim that this version does not know is refused,
 * because half of what it demands would be overlooked.
 */
import { ContextError, type FrozenJsonRecord } from 'user-execution-context'
import { readActClaim, toActClaim, type SealedActor } from './act-claim.ts'
import { isName } from './limits.ts'

/** What a text says. Times are milliseconds since the epoch. */
export type Claims = {
  /** Of this text: what a replay memory remembers. */
  readonly textId: string
  readonly audience: string
  readonly purpose: string
  readonly workload: string
  readonly sealedAtMs: number
  readonly endsAtMs: number
  readonly namespace: string
  readonly userId: string
  readonly sessionId: string | undefined
  readonly tenantId: string | undefined
  readonly permissions: readonly string[]
  /** Who acts for the user, newest first. */
  readonly actors: readonly SealedActor[]
  readonly kind: 'person' | 'service'
  readonly threadId: string
  readonly runId: string
  /**
   * When the proof of identity was issued. In a text of an earlier build it is when the sealed context was made: a bit
   * later, and never later than the sealing, so a queue may hold such texts during a deploy.
   */
  readonly provenAtMs: number
  /** The end of the proof of identity; undefined for never. */
  readonly identityEndsAtMs: number | undefined
  readonly origin: { readonly requestId: string; readonly depth: number; readonly provider: string }
  /** The exemption of a context that outlives its proof. */
  readonly outlives: { readonly reason: string; readonly untilMs: number } | undefined
  readonly isOnce: boolean
  /** A digest of the bound parts, base64url. */
  readonly binding: string | undefined
  readonly agentContext: FrozenJsonRecord | undefined
}

/** The claims as the record that is sealed. Members that are undefined leave no trace in JSON. */
export const toRecord = (claims: Claims): { readonly [name: string]: unknown } => ({
  jti: claims.textId,
  iat: claims.sealedAtMs / 1000,
  exp: claims.endsAtMs / 1000,
  aud: claims.audience,
  txn: claims.runId,
  sub: claims.userId,
  scope: claims.permissions.join(' '),
  req_wl: claims.workload,
  act: toActClaim(claims.actors),
  tctx: {
    purpose: claims.purpose,
    ns: claims.namespace,
    tid: claims.tenantId,
    sid: claims.sessionId,
    thread: claims.threadId,
    made: claims.provenAtMs / 1000,
    idexp: claims.identityEndsAtMs === undefined ? undefined : claims.identityEndsAtMs / 1000,
    once: claims.isOnce ? true : undefined,
    bind: claims.binding,
    agent: claims.agentContext,
  },
  rctx: {
    request: claims.origin.requestId,
    depth: claims.origin.depth,
    provider: claims.origin.provider,
    kind: claims.kind === 'service' ? 'service' : undefined,
    outlives: claims.outlives && { reason: claims.outlives.reason, until: claims.outlives.untilMs / 1000 },
  },
})

const names: ReadonlySet<string> = new Set([
  'jti',
  'iat',
  'exp',
  'aud',
  'txn',
  'sub',
  'scope',
  'req_wl',
  'act',
  'tctx',
  'rctx',
])
const details: ReadonlySet<string> = new Set([
  'purpose',
  'ns',
  'tid',
  'sid',
  'thread',
  'made',
  'idexp',
  'once',
  'bind',
  'agent',
])
const request: ReadonlySet<string> = new Set(['request', 'depth', 'provider', 'kind', 'outlives'])
const exemption: ReadonlySet<string> = new Set(['reason', 'until'])

/**
 * Reads a record that was opened.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_CLAIMS`, without saying which claim: the text may come from anywhere.
 */
export const parseClaims = (record: unknown): Claims => {
  const claims = known(record, names)
  const tctx = known(own(claims, 'tctx'), details)
  const rctx = known(own(claims, 'rctx'), request)
  const [once, idexp, agent] = [own(tctx, 'once'), own(tctx, 'idexp'), own(tctx, 'agent')]
  const scope = own(claims, 'scope')
  const kind = own(rctx, 'kind')
  const sealedAtMs = time(own(claims, 'iat'))
  if (once !== undefined && once !== true) throw refused()
  if (kind !== undefined && kind !== 'service') throw refused()
  return {
    textId: text(own(claims, 'jti')),
    audience: name(own(claims, 'aud')),
    purpose: name(own(tctx, 'purpose')),
    workload: name(own(claims, 'req_wl')),
    sealedAtMs,
    endsAtMs: time(own(claims, 'exp')),
    namespace: text(own(tctx, 'ns')),
    userId: text(own(claims, 'sub')),
    sessionId: optionalText(own(tctx, 'sid')),
    tenantId: optionalText(own(tctx, 'tid')),
    permissions: typeof scope === 'string' ? toPermissions(scope) : refuse(),
    actors: readActClaim(own(claims, 'act')) ?? refuse(),
    kind: kind ?? 'person',
    threadId: text(own(tctx, 'thread')),
    provenAtMs: Math.min(time(own(tctx, 'made')), sealedAtMs),
    runId: text(own(claims, 'txn')),
    identityEndsAtMs: idexp === undefined ? undefined : time(idexp),
    origin: {
      requestId: text(own(rctx, 'request')),
      depth: whole(own(rctx, 'depth')),
      provider: text(own(rctx, 'provider')),
    },
    outlives: toOutlives(own(rctx, 'outlives')),
    isOnce: once === true,
    binding: optionalText(own(tctx, 'bind')),
    agentContext: agent === undefined ? undefined : (toRecordOf(agent) as FrozenJsonRecord),
  }
}

type JsonObject = { readonly [name: string]: unknown }

/** A member of its own: what a polluted Object.prototype adds must not become a claim. */
function own(record: JsonObject, member: string): unknown {
  return Object.hasOwn(record, member) ? record[member] : undefined
}

/** A record of which every member is known. */
function known(value: unknown, members: ReadonlySet<string>): JsonObject {
  const record = toRecordOf(value)
  for (const member of Object.keys(record)) if (!members.has(member)) throw refused()
  return record
}

function toRecordOf(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused()
  return value as JsonObject
}

function toOutlives(value: unknown): Claims['outlives'] {
  if (value === undefined) return undefined
  const outlives = known(value, exemption)
  return { reason: text(own(outlives, 'reason')), untilMs: time(own(outlives, 'until')) }
}

function toPermissions(scope: string): readonly string[] {
  return scope === '' ? [] : scope.split(' ').filter((permission) => permission !== '')
}

function name(value: unknown): string {
  return isName(value) ? value : refuse()
}

function text(value: unknown): string {
  return typeof value === 'string' && value !== '' && value.length <= 2048 ? value : refuse()
}

function optionalText(value: unknown): string | undefined {
  return value === undefined ? undefined : text(value)
}

/** NumericDate (RFC 7519 section 2) may have a fraction: times keep their milliseconds. */
function time(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.round(value * 1000) : refuse()
}

function whole(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1000 ? value : refuse()
}

function refuse(): never {
  throw refused()
}

function refused(): ContextError {
  return new ContextError('ERR_CONTEXT_SEAL_CLAIMS')
}
