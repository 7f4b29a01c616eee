/**
 * From what a verifier returned to facts about a user, or to all issues at once.
 */
import { ContextError } from '../errors/context-error.ts'
import { toIssuePath, type Issue, type IssueKind } from '../errors/issue.ts'
import { checkId, type SessionId, type TenantId, type UserId } from '../facts/ids.ts'
import type { Actor, VerifiedActorInput } from '../facts/actor.ts'
import { readActors, readOrigin, readOutlives } from './hop-facts.ts'
import type { HopOrigin, OutlivesIdentity } from './identity-origin.ts'
import { isPlainObject } from '../facts/json-copy.ts'

// Captured before any other code can replace them.
const { assign, create, freeze } = Object

/** What a verifier gives for accepted credentials. Ids may be plain strings: they are parsed here. */
export type VerifiedFacts = {
  /** The subject, as the provider names it. 1 to 128 characters of the id alphabet. */
  readonly userId: string
  readonly sessionId?: string | undefined
  readonly tenantId?: string | undefined
  /** Names of what the user may do, scope tokens of RFC 6749 section 3.3, at most 1,000. Default none. */
  readonly permissions?: readonly string[] | undefined
  /** Milliseconds since the epoch at which the proof ends (a JWT's `exp` times 1000). Default never. */
  readonly expiresAtMs?: number | undefined
  /**
   * Milliseconds since the epoch at which the proof was issued, such as a JWT's `iat` times 1000. It lets a sign-in
   * right after a sign-out work: a proof without it is refused while a revocation of its user lasts. Where `iat` counts
   * seconds, a proof of the second of the sign-out is refused; give milliseconds where you have them. The clock of the
   * issuer may be 300,000 ms (5 minutes) ahead of this machine, and such a proof counts as issued now; one that is
   * dated later is refused, because it would outlive revocations of until then. A proof that was made by a clock which
   * is ahead, just before a revocation, and is first presented after it seems to be of a sign-in since.
   */
  readonly issuedAtMs?: number | undefined
  /** Who acts for the user, newest first (RFC 8693 `act`), at most 10. Default: the user acts. */
  readonly actors?: readonly VerifiedActorInput[] | undefined
  /** The hop that the identity came over: the step it continues. Contexts of the user are one level deeper. */
  readonly origin?: { readonly requestId: string; readonly depth: number; readonly provider: string } | undefined
  /**
   * The exemption that a context had before the hop: why, and until when. It is repeated in `identity.outlives` and
   * lengthens nothing: `expiresAtMs` is the end. Default none.
   */
  readonly outlives?: { readonly reason: string; readonly untilMs: number } | undefined
  /** `'service'` for a program that acts for itself, in every log line and audit record. Default `'person'`. */
  readonly kind?: 'person' | 'service' | undefined
}

/** Checked facts about a user. What `accept` is given is frozen. */
export type IdentityFacts = {
  readonly userId: UserId
  readonly sessionId: SessionId | undefined
  readonly tenantId: TenantId | undefined
  readonly permissions: readonly string[]
  readonly expiresAtMs: number | undefined
  readonly issuedAtMs: number | undefined
  readonly actors: readonly Actor[]
  readonly origin: HopOrigin | undefined
  readonly outlives: OutlivesIdentity | undefined
  readonly kind: 'person' | 'service'
}

const noPermissions: readonly string[] = freeze([])
const maxPermissions = 1000
const maxPermissionCharacters = 256
/**
 * What no scope token has (RFC 6749 section 3.3): all but printable ASCII, space, quote, backslash. URLs and `notes.*`
 * are legal. It fails on good input, which is half the price of one that matches it.
 */
const illegal = /[^\x21\x23-\x5B\x5D-\x7E]/
/** Above it a set finds what stands twice sooner than a search does. */
const maxSearched = 16
// Captured before any other code can replace it.
const { hasOwnProperty } = Object.prototype

/**
 * Checks what a verifier returned. Each property is read once, and own properties only: a polluted Object.prototype
 * must not give every user its permissions.
 *
 * @param issues - Those that the caller found before, to be reported with these. Default none.
 * @param fix - What to do, when the facts come from elsewhere than a provider's verify().
 * @throws {ContextError} `ERR_CONTEXT_INVALID_IDENTITY` with all issues at once.
 */
export const parseIdentityFacts = (input: unknown, issues: Issue[] = [], fix?: string): IdentityFacts => {
  const read = readOwn(input, issues)
  const { userId, sessionId, tenantId, permissions, expiresAtMs, issuedAtMs, kind = 'person' } = read
  checkId(userId, 'userId', issues)
  if (sessionId !== undefined) checkId(sessionId, 'sessionId', issues)
  if (tenantId !== undefined) checkId(tenantId, 'tenantId', issues)
  if (expiresAtMs !== undefined) checkTime(expiresAtMs, 'expiresAtMs', issues)
  if (issuedAtMs !== undefined) checkTime(issuedAtMs, 'issuedAtMs', issues)
  if (kind !== 'person' && kind !== 'service') issues.push({ path: 'kind', kind: 'does not fit' })
  const names = copyPermissions(permissions, issues)
  const actors = readActors(read.actors, issues)
  const origin = readOrigin(read.origin, issues)
  const outlives = readOutlives(read.outlives, issues)
  if (issues.length > 0) throw refused(issues, fix)
  return {
    userId: userId as UserId,
    sessionId: sessionId as SessionId | undefined,
    tenantId: tenantId as TenantId | undefined,
    permissions: names,
    expiresAtMs: expiresAtMs as number | undefined,
    issuedAtMs: issuedAtMs as number | undefined,
    actors,
    origin,
    outlives,
    kind: kind as 'person' | 'service',
  }
}

/**
 * The own properties of an object that a caller gave, each read once.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_IDENTITY` when it is no plain object.
 */
export const copyOwn = (input: unknown, fix?: string): Record<string, unknown> => {
  try {
    if (isPlainObject(input)) return assign(create(null), input)
  } catch (cause) {
    // A getter or a proxy threw: an object of the caller's code, not facts.
    throw new ContextError('ERR_CONTEXT_INVALID_IDENTITY', { issues: [{ path: '', kind: 'live object' }], cause })
  }
  throw refused([{ path: '', kind: 'not a plain object' }], fix)
}

type ReadFacts = { [Key in keyof IdentityFacts]: unknown }

/** The own properties that facts have, each read once, and an issue for each other one. */
function readOwn(input: unknown, issues: Issue[]): ReadFacts {
  try {
    if (isPlainObject(input)) return readEach(input, issues)
  } catch (cause) {
    // A getter or a proxy threw: an object of the caller's code, not facts.
    throw new ContextError('ERR_CONTEXT_INVALID_IDENTITY', { issues: [{ path: '', kind: 'live object' }], cause })
  }
  throw refused([{ path: '', kind: 'not a plain object' }])
}

function readEach(input: Readonly<Record<string, unknown>>, issues: Issue[]): ReadFacts {
  let userId: unknown
  let sessionId: unknown
  let tenantId: unknown
  let permissions: unknown
  let expiresAtMs: unknown
  let issuedAtMs: unknown
  let actors: unknown
  let origin: unknown
  let outlives: unknown
  let kind: unknown
  let position = 0
  for (const key in input) {
    if (!hasOwnProperty.call(input, key)) continue
    const value = input[key]
    if (key === 'userId') userId = value
    else if (key === 'sessionId') sessionId = value
    else if (key === 'tenantId') tenantId = value
    else if (key === 'permissions') permissions = value
    else if (key === 'expiresAtMs') expiresAtMs = value
    else if (key === 'issuedAtMs') issuedAtMs = value
    else if (key === 'actors') actors = value
    else if (key === 'origin') origin = value
    else if (key === 'outlives') outlives = value
    else if (key === 'kind') kind = value
    else issues.push({ path: toIssuePath('', key, position), kind: 'unknown key' })
    position++
  }
  return { userId, sessionId, tenantId, permissions, expiresAtMs, issuedAtMs, actors, origin, outlives, kind }
}

function refused(issues: readonly Issue[], fix?: string): ContextError {
  return new ContextError('ERR_CONTEXT_INVALID_IDENTITY', fix === undefined ? { issues } : { issues, fix })
}

function checkTime(value: unknown, path: string, issues: Issue[]): void {
  if (typeof value !== 'number') issues.push({ path, kind: 'not a number' })
  else if (!Number.isFinite(value)) issues.push({ path, kind: 'not finite' })
  else if (value < 1) issues.push({ path, kind: 'too small' })
  else if (value >= secondsOf2001 && value < secondsOf5138) issues.push({ path, kind: 'seconds, not milliseconds' })
}

/** Between them every time of our days in seconds; as milliseconds they would be times between 1970 and 1973. */
const secondsOf2001 = 1e9
const secondsOf5138 = 1e11

function copyPermissions(value: unknown, issues: Issue[]): readonly string[] {
  if (value === undefined) return noPermissions
  if (!Array.isArray(value)) {
    issues.push({ path: 'permissions', kind: 'not an array' })
    return noPermissions
  }
  // The length is read once: a Proxy must not grow while it is read.
  const { length } = value
  if (length > maxPermissions) {
    issues.push({ path: 'permissions', kind: 'too large' })
    return noPermissions
  }
  const names: unknown[] = []
  const known = length > maxSearched ? new Set() : undefined
  for (let index = 0; index < length; index++) {
    const name: unknown = value[index]
    const kind = findPermissionIssue(name)
    if (kind !== undefined) issues.push({ path: toIssuePath('permissions', index), kind })
    if (known === undefined ? names.includes(name) : known.has(name)) continue
    names.push(name)
    known?.add(name)
  }
  return names.length === 0 ? noPermissions : freeze(names as string[])
}

function findPermissionIssue(name: unknown): IssueKind | undefined {
  if (typeof name !== 'string') return 'not a string'
  if (name === '') return 'empty'
  if (name.length > maxPermissionCharacters) return 'too long'
  return illegal.test(name) ? 'illegal character' : undefined
}
