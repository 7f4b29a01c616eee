/**
 * Signed texts, for hops from one service to another: JWS with EdDSA over Ed25519. Whoever can open cannot seal, and
 * everybody can read: so users are named by pairwise pseudonyms unless the sealer says `readable`.
 */
import { CompactSign, compactVerify, importJWK, type CryptoKey } from 'jose'
import { ContextError, toIssuePath, type Issue } from 'user-execution-context'
import { assertAlgorithm, readHeader, textType, unknownKey } from '../text/compact-text.ts'
import { isName } from '../text/limits.ts'
import { ownOptions } from '../text/own-options.ts'
import { assertNoIssues } from '../text/refused.ts'
import { findListIssues, refuseLoginKeys, toBytes, type AnyKey } from './key-issues.ts'
import { pairwisePseudonyms } from './pairwise.ts'
import { toOpener, toSealer, type Opener, type Sealer } from './sealer.ts'

/** The public half of an Ed25519 pair, as a JSON Web Key (RFC 8037). */
export type VerificationKey = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** Its name: in clear in every text. 1 to 128 printable characters without spaces, once in a ring. */
  readonly kid: string
  readonly x: string
  /** When it ceased to sign, milliseconds since the epoch: it opens what was signed before, until that has ended. */
  readonly retiredAtMs?: number | undefined
}

/** The private half: the public one and `d`. A credential: do not log. */
export type SigningKey = Omit<VerificationKey, 'retiredAtMs'> & { readonly d: string }

/** Options of {@link signingKeys}: a secret for pseudonyms, or `readable`. */
export type SigningKeysOptions = {
  /**
   * The name of this service, such as `'billing'`: claim `req_wl` of each text. 1 to 100 characters of the id
   * alphabet.
   */
  readonly workload: string
  readonly key: SigningKey
  /** Keys that sign login tokens, secret or public, as JWKs: the key may not be one of them. Default none. */
  readonly loginKeys?: readonly AnyKey[] | undefined
} & (
  | {
      /** 32 random bytes or more, base64url. Pseudonyms change with it, so it outlives the keys. A credential. */
      readonly pairwiseSecret: string
      readonly readable?: false | undefined
    }
  | {
      /** Users, sessions and persons are named as they are, for everybody who sees the text. */
      readonly readable: true
      readonly pairwiseSecret?: undefined
    }
)

/** Options of {@link verificationKeys}. */
export type VerificationKeysOptions = {
  /** The service whose keys these are: what it has as `workload` in its signingKeys(). */
  readonly workload: string
  readonly keys: readonly VerificationKey[]
  /** Keys that sign login tokens, secret or public, as JWKs: none of them may be in the ring. Default none. */
  readonly loginKeys?: readonly AnyKey[] | undefined
}

/**
 * The key of one service, which signs contexts for others. The text is no secret: it carries no data, and it names
 * users by pseudonyms that differ from audience to audience, unless `readable: true`.
 *
 * @param options - The name of this service, its key, and `pairwiseSecret` or `readable: true`.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_LOGIN_KEY`, `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { signingKeys, type SigningKey } from '@user-execution-context/transfer'
 *
 * export const openSigner = (key: SigningKey, pairwiseSecret: string) =>
 *   signingKeys({ workload: 'chat', key, pairwiseSecret })
 * ```
 */
export const signingKeys = (options: SigningKeysOptions): { readonly sealer: Sealer } => {
  const { workload, key, loginKeys = [], pairwiseSecret, readable } = ownOptions(options)
  const issues = [...findWorkloadIssues(workload), ...findListIssues([key], 'key'), ...findPrivateIssues(key, 'key')]
  const secret = toBytes(pairwiseSecret)
  if (readable !== undefined && typeof readable !== 'boolean') issues.push({ path: 'readable', kind: 'not a boolean' })
  if (readable === true ? pairwiseSecret !== undefined : (secret?.length ?? 0) < 32)
    issues.push({ path: 'pairwiseSecret', kind: pairwiseSecret === undefined ? 'missing' : 'does not fit' })
  if (!Array.isArray(loginKeys)) issues.push({ path: 'loginKeys', kind: 'not an array' })
  else refuseLoginKeys([key], loginKeys)
  assertNoIssues(issues)
  const { kid, kty, crv, x, d } = key
  const signer = importKey({ kty, crv, x, d })
  const sealer = toSealer({
    workload,
    encrypts: false,
    toPseudonym: secret === undefined ? undefined : pairwisePseudonyms(secret),
    seal: async (claims) =>
      new CompactSign(encoder.encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: textType, kid })
        .sign(await signer),
  })
  return Object.freeze({ sealer })
}

/**
 * The public keys of one service, which open what it signed. For several services take several openers: none can
 * speak for another.
 *
 * @param options - The name of the service, and its keys.
 * @throws {ContextError} `ERR_CONTEXT_SEAL_LOGIN_KEY`, `ERR_CONTEXT_INVALID_OPTIONS` with all issues at once.
 * @example
 * ```ts
 * import { verificationKeys, type VerificationKey } from '@user-execution-context/transfer'
 *
 * export const fromChat = (key: VerificationKey) => verificationKeys({ workload: 'chat', keys: [key] })
 * ```
 */
export const verificationKeys = (options: VerificationKeysOptions): { readonly opener: Opener } => {
  const { workload, keys, loginKeys = [] } = ownOptions(options)
  const issues = [...findWorkloadIssues(workload), ...findListIssues(keys, 'keys')]
  if (!Array.isArray(loginKeys)) issues.push({ path: 'loginKeys', kind: 'not an array' })
  else if (Array.isArray(keys)) {
    refuseLoginKeys(keys, loginKeys)
    keys.forEach((key, index) => issues.push(...findPublicIssues(key, toIssuePath('keys', index))))
  }
  assertNoIssues(issues)
  const ring = keys.map(({ kid, kty, crv, x, retiredAtMs }) => ({ kid, retiredAtMs, key: importKey({ kty, crv, x }) }))
  const opener = toOpener({
    workload,
    encrypts: false,
    open: async (text) => {
      const header = readHeader(text)
      assertAlgorithm(header, 'EdDSA', undefined)
      const found = ring.find(({ kid }) => kid === header['kid'])
      if (found === undefined) throw unknownKey(header)
      return { claims: await verify(text, await found.key), retiredAtMs: found.retiredAtMs }
    },
  })
  return Object.freeze({ opener })
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

async function verify(text: string, key: CryptoKey): Promise<unknown> {
  let payload: Uint8Array
  try {
    ;({ payload } = await compactVerify(text, key, { algorithms: ['EdDSA'] }))
  } catch {
    throw new ContextError('ERR_CONTEXT_SEAL_BROKEN')
  }
  try {
    return JSON.parse(decoder.decode(payload))
  } catch {
    throw new ContextError('ERR_CONTEXT_SEAL_CLAIMS')
  }
}

function importKey(key: { kty: 'OKP'; crv: 'Ed25519'; x: string; d?: string }): Promise<CryptoKey> {
  const imported = importJWK({ ...key, ext: false }, 'EdDSA') as Promise<CryptoKey>
  // A key that cannot be imported is reported by the first text that needs it, not as an unhandled rejection.
  imported.catch(() => undefined)
  return imported
}

function findWorkloadIssues(workload: unknown): Issue[] {
  // It becomes part of the namespace of pseudonyms.
  return isName(workload) && workload.length <= 100 && !/[/*<>]/.test(workload)
    ? []
    : [{ path: 'workload', kind: 'does not fit' }]
}

type GivenKey = AnyKey & { readonly crv?: unknown; readonly d?: unknown }

function findPrivateIssues(key: GivenKey, path: string): Issue[] {
  const issues = findCurveIssues(key, path)
  if (isOfCurve(key) && toBytes(key.d)?.length !== 32) issues.push({ path: `${path}.d`, kind: 'does not fit' })
  return issues
}

function findPublicIssues(key: GivenKey, path: string): Issue[] {
  const issues = findCurveIssues(key, path)
  // An opener has no use for a private key, and one that was given by mistake is no longer secret.
  if (isOfCurve(key) && key.d !== undefined) issues.push({ path: `${path}.d`, kind: 'illegal key' })
  return issues
}

/** A key of another kind or curve has other parts: that is one fault, and has one name. */
function findCurveIssues(key: GivenKey, path: string): Issue[] {
  if (!isRecord(key)) return []
  const { kty, crv, x } = key
  if (kty !== 'OKP') return [{ path: `${path}.kty`, kind: kty === undefined ? 'missing' : 'does not fit' }]
  if (crv !== 'Ed25519') return [{ path: `${path}.crv`, kind: crv === undefined ? 'missing' : 'does not fit' }]
  return toBytes(x)?.length === 32 ? [] : [{ path: `${path}.x`, kind: 'does not fit' }]
}

function isOfCurve(key: GivenKey): boolean {
  return isRecord(key) && key.kty === 'OKP' && key.crv === 'Ed25519'
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
