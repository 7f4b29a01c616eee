/**
 * What an identity says of the hops that it came over: who acts, and which step of another process it continues.
 */
import { ContextError } from '../errors/context-error.ts'
import { findUnknownKeys, type Issue } from '../errors/issue.ts'
import { noActors, parseActors, type Actor } from '../facts/actor.ts'
import { checkId, findIdIssue } from '../facts/ids.ts'
import { isPlainObject } from '../facts/json-copy.ts'
import type { HopOrigin, OutlivesIdentity } from './identity-origin.ts'
import { findReasonIssue } from './reason.ts'

// Captured before any other code can replace them.
const { assign, create, freeze } = Object

/** The chain of actors, checked. Each property is read once. */
export const readActors = (value: unknown, issues: Issue[]): readonly Actor[] =>
  value === undefined ? noActors : reading('actors', () => parseActors(value, 'actors', issues))

/** The step that an identity continues, checked. Each property is read once. */
export const readOrigin = (value: unknown, issues: Issue[]): HopOrigin | undefined =>
  value === undefined ? undefined : reading('origin', () => parseOrigin(value, issues))

/** The exemption that a context had before the hop, checked. Each property is read once. */
export const readOutlives = (value: unknown, issues: Issue[]): OutlivesIdentity | undefined =>
  value === undefined ? undefined : reading('outlives', () => parseOutlives(value, issues))

function parseOutlives(value: unknown, issues: Issue[]): OutlivesIdentity | undefined {
  if (!isPlainObject(value)) {
    issues.push({ path: 'outlives', kind: 'not a plain object' })
    return undefined
  }
  const own: Record<string, unknown> = assign(create(null), value)
  const { reason, untilMs } = own
  const kind = findReasonIssue(reason)
  if (kind !== undefined) issues.push({ path: 'outlives.reason', kind })
  if (!Number.isFinite(untilMs)) issues.push({ path: 'outlives.untilMs', kind: 'not a number' })
  issues.push(...findUnknownKeys(own, ['reason', 'untilMs'], 'outlives'))
  return freeze({ reason, untilMs }) as OutlivesIdentity
}

function parseOrigin(value: unknown, issues: Issue[]): HopOrigin | undefined {
  if (!isPlainObject(value)) {
    issues.push({ path: 'origin', kind: 'not a plain object' })
    return undefined
  }
  const own: Record<string, unknown> = assign(create(null), value)
  const { requestId, depth, provider } = own
  checkId(requestId, 'origin.requestId', issues)
  const kind = findIdIssue(provider)
  // 'demo' or 'default' are poor ids and fine names for a provider.
  if (kind !== undefined && kind !== 'uninitialised value') issues.push({ path: 'origin.provider', kind })
  if (!Number.isInteger(depth) || (depth as number) < 0) issues.push({ path: 'origin.depth', kind: 'does not fit' })
  issues.push(...findUnknownKeys(own, ['requestId', 'depth', 'provider'], 'origin'))
  return freeze({ requestId, depth, provider }) as HopOrigin
}

function reading<Result>(path: string, read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    // A getter or a proxy threw: an object of the caller's code, not facts.
    throw new ContextError('ERR_CONTEXT_INVALID_IDENTITY', { issues: [{ path, kind: 'live object' }], cause })
  }
}
