/**
 * Encrypted texts, for hops inside one deployment: JWE with `dir` and A256GCM. Whoever can open can seal.
 */
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'
import { decryptCompact, encryptCompact } from '../text/compact-jwe.ts'
import { assertAlgorithm, readHeader, textType, unknownKey } from '../text/compact-text.ts'
import { isName } from '../text/limits.ts'
import { ownOptions } from '../text/own-options.ts'
import { assertNoIssues } from '../text/refused.ts'
import { keyDerivation } from './derive-key.ts'
import { findListIssues, refuseLoginKeys, refuseSigningKeys, toBytes, type AnyKey } from './key-issues.ts'
import { toOpener, toSealer, type Destination, type Opener, type Sealer } from './sealer.ts'

/** A secret that contexts are sealed with, as a JSON Web Key (RFC 7517). A credential: do not log. */
export type SealingKey = {
  readonly kty: 'oct'
  /** Says what the key is for. A secret of login tokens has another `alg`, and is refused. */
  readonly alg: 'A256GCM'
  /** Its name: in clear in every text. 1 to 128 printable characters without spaces, once in a ring. */
  readonly kid: string
  /** 32 random bytes or more, base64url. */
  readonly k: string
  /**
   * When it ceased to seal, milliseconds since the epoch: it opens what was sealed before, until that has ended. Set it
   * once no process seals with the key any more. A key that somebody else has is not retired, it is removed.
   */
  readonly retiredAtMs?: number | undefined
}

/** Options of {@link sealingKeys}. */
export type SealingKeysOptions = {
  /**
   * The name of the program that seals, such as `'web'`: claim `req_wl` of each text. 1 to 256 characters. May be
   * logged.
   */
  readonly workload: string
  /** The first one seals; all of them open. */
  readonly keys: readonly SealingKey[]
  /** Keys that sign login tokens, secret or public, as JWKs: none of them may be in the ring. Default none. */
  readonly loginKeys?: readonly AnyKey[] | undefined
}

/**
 * A ring of secrets that seals contexts and opens them, for the processes of one deployment: a web server and its
 * workers, a run that rests and the process that resumes it. What is sealed cannot be read without the secret.
 *
 * To rotate: add the new key at the end, everywhere; then move it to the front, everywhere; then set `retiredAtMs` of
 * the old one; remove it when its last text has ended.
 *
 * @param options - The name of this program, and the keys.
 * @returns The sealer and the opener. A process that only opens takes only the opener.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_LOGIN_KEY`, `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { sealingKeys } from '@user-execution-context/transfer'
 *
 * // openssl rand -base64 32 | tr '+/' '-_' | tr -d '='
 * export const openRing = (secret: string) =>
 *   sealingKeys({ workload: 'web', keys: [{ kty: 'oct', alg: 'A256GCM', kid: '2026-11', k: secret }] })
 * ```
 */
export const sealingKeys = (options: SealingKeysOptions): { readonly sealer: Sealer; readonly opener: Opener } => {
  const { workload, keys, loginKeys = [] } = ownOptions(options)
  const issues: Issue[] = isName(workload) ? [] : [{ path: 'workload', kind: 'does not fit' }]
  issues.push(...findListIssues(keys, 'keys'))
  if (!Array.isArray(loginKeys)) issues.push({ path: 'loginKeys', kind: 'not an array' })
  else if (Array.isArray(keys)) {
    refuseSigningKeys(keys)
    refuseLoginKeys(keys, loginKeys)
    keys.forEach((key, index) => issues.push(...findSecretIssues(key, index)))
  }
  assertNoIssues(issues)
  const ring = keys.map(({ kid, k, retiredAtMs }) => ({ kid, retiredAtMs, derive: keyDerivation(toBytes(k)!) }))
  const first = ring[0]!
  return Object.freeze({
    sealer: toSealer({
      workload,
      encrypts: true,
      toPseudonym: undefined,
      seal: (claims, to) => encryptCompact(toHeader(first.kid, to), JSON.stringify(claims), first.derive(to)),
    }),
    opener: toOpener({
      workload: undefined,
      encrypts: true,
      open: (text, to) => {
        const header = readHeader(text)
        assertAlgorithm(header, 'dir', 'A256GCM')
        // Before the tag: what is told is that the text belongs elsewhere. That it is so, the tag proves below.
        if (header['aud'] !== to.audience) throw new ContextError('ERR_CONTEXT_SEAL_AUDIENCE')
        if (header['purpose'] !== to.purpose) throw new ContextError('ERR_CONTEXT_SEAL_PURPOSE')
        const key = ring.find(({ kid }) => kid === header['kid'])
        if (key === undefined) throw unknownKey(header)
        return { claims: parseJson(decryptCompact(text, key.derive(to))), retiredAtMs: key.retiredAtMs }
      },
    }),
  })
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The header of a text: the same for all of one key and destination. */
function toHeader(kid: string, { audience, purpose }: Destination): string {
  const header = { alg: 'dir', enc: 'A256GCM', typ: textType, kid, aud: audience, purpose }
  return Buffer.from(JSON.stringify(header)).toString('base64url')
}

function parseJson(plaintext: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(plaintext))
  } catch {
    throw new ContextError('ERR_CONTEXT_SEAL_CLAIMS')
  }
}

function findSecretIssues(key: SealingKey, index: number): readonly Issue[] {
  if (typeof key !== 'object' || key === null) return []
  const path = toIssuePath('keys', index)
  // A key of another kind has another algorithm and another secret: that is one fault, and has one name.
  if (key.kty !== undefined && key.kty !== 'oct') return [{ path: `${path}.kty`, kind: 'does not fit' }]
  const issues: Issue[] = key.kty === undefined ? [{ path: `${path}.kty`, kind: 'missing' }] : []
  if (key.alg !== 'A256GCM')
    issues.push({ path: `${path}.alg`, kind: key.alg === undefined ? 'missing' : 'does not fit' })
  // HKDF stretches nothing: a short or a chosen secret is guessed offline from one text.
  if ((toBytes(key.k)?.length ?? 0) < 32) issues.push({ path: `${path}.k`, kind: 'too small' })
  if (index === 0 && key.retiredAtMs !== undefined) issues.push({ path: `${path}.retiredAtMs`, kind: 'does not fit' })
  return issues
}
