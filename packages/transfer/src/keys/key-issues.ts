/**
 * What is wrong with keys that are given to seal or to open with.
 */
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'

/** A JSON Web Key (RFC 7517) of whatever kind, as far as this package reads it. */
export type AnyKey = {
  readonly kty?: string | undefined
  readonly alg?: string | undefined
  readonly use?: string | undefined
  readonly kid?: string | undefined
  readonly k?: string | undefined
  readonly x?: string | undefined
}

/** Algorithms that sign: a key for one of them signs tokens, and is not taken for encryption (RFC 8725 section 3.5). */
const signing = /^(HS|RS|PS|ES)\d|^EdDSA$|^Ed(25519|448)$|^ML-DSA/

/**
 * Refuses keys that say of themselves that they sign.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_LOGIN_KEY`.
 */
export const refuseSigningKeys = (keys: readonly AnyKey[]): void =>
  refuse(keys, ({ use, alg }) => use === 'sig' || (typeof alg === 'string' && signing.test(alg)))

/**
 * Refuses keys that are in the list of those that sign login tokens, whatever they say.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_LOGIN_KEY`.
 */
export const refuseLoginKeys = (keys: readonly AnyKey[], loginKeys: readonly AnyKey[]): void => {
  const material = new Set(loginKeys.map(toMaterial).filter((each) => each !== undefined))
  refuse(keys, (key) => material.has(toMaterial(key)!))
}

/** Issues of a list: no list, empty, a kid that is missing or stands twice, a time of retirement that is none. */
export const findListIssues = (keys: unknown, path: string): readonly Issue[] => {
  if (!Array.isArray(keys)) return [{ path, kind: 'not an array' }]
  if (keys.length === 0) return [{ path, kind: 'empty' }]
  const issues: Issue[] = []
  const kids = new Set<string>()
  keys.forEach((key: AnyKey & { readonly retiredAtMs?: unknown }, index) => {
    const place = toIssuePath(path, index)
    if (typeof key !== 'object' || key === null) return void issues.push({ path: place, kind: 'not an object' })
    const { kid, retiredAtMs } = key
    if (typeof kid !== 'string' || !/^[\x21-\x7E]{1,128}$/.test(kid) || kids.has(kid))
      issues.push({ path: `${place}.kid`, kind: kid === undefined ? 'missing' : 'does not fit' })
    else kids.add(kid)
    if (retiredAtMs !== undefined && !(typeof retiredAtMs === 'number' && Number.isFinite(retiredAtMs)))
      issues.push({ path: `${place}.retiredAtMs`, kind: 'not a number' })
  })
  return issues
}

/** The bytes of a base64url text; undefined when it is none. */
export const toBytes = (text: unknown): Buffer | undefined =>
  typeof text === 'string' && /^[A-Za-z0-9_-]+$/.test(text) ? Buffer.from(text, 'base64url') : undefined

/** What makes two keys the same: the secret of one, the public part of the other. Spare bits do not tell keys apart. */
function toMaterial({ k, x }: AnyKey): string | undefined {
  const bytes = toBytes(k ?? x)
  return bytes === undefined ? undefined : `${k === undefined ? 'public' : 'secret'}:${bytes.toString('base64url')}`
}

function refuse(keys: readonly AnyKey[], isRefused: (key: AnyKey) => boolean): void {
  // What is no key at all is an issue of its own.
  if (keys.some((key) => typeof key === 'object' && key !== null && isRefused(key)))
    throw new ContextError('ERR_CONTEXT_SEAL_LOGIN_KEY')
}
