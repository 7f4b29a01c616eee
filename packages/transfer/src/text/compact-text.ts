/**
 * A sealed context as text: JWE or JWS in compact form (RFC 7516 section 7.1, RFC 7515 section 7.1), taken apart and
 * looked at before any key is touched.
 */
import { base64url } from 'jose'
import { ContextError, type IssueKind } from 'user-execution-context'
import { isCanonicalBase64url } from './base64url.ts'
import { maxTextCharacters } from './limits.ts'
import { refusedText } from './refused.ts'

/** The type of Transaction Tokens (draft-ietf-oauth-transaction-tokens, section 5.1): no login token has it. */
export const textType = 'txntoken+jwt'

/** The protected header of a text. Nothing in it is proven before the text is opened. */
export type TextHeader = { readonly [name: string]: unknown }

const decoder = new TextDecoder('utf-8', { fatal: true })
/** All that a header may hold. Nothing that fetches, embeds or compresses: no jku, x5u, jwk, x5c, zip, crit, b64. */
const knownNames: ReadonlySet<string> = new Set(['alg', 'enc', 'typ', 'kid', 'aud', 'purpose'])

/**
 * The header of a text, when the text has the form of one.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_TOO_LARGE`, `_MALFORMED`, `_TYPE`.
 */
export const readHeader = (text: unknown): TextHeader => {
  if (typeof text !== 'string') throw malformed('text', 'not a string')
  if (text.length > maxTextCharacters) throw new ContextError('ERR_CONTEXT_SEAL_TOO_LARGE')
  const segments = text.split('.')
  if (segments.length !== 3 && segments.length !== 5) throw malformed('text', 'does not fit')
  if (!segments.every(isCanonicalBase64url)) throw malformed('text', 'illegal character')
  const [segment = ''] = segments
  const seen = headers.get(segment)
  if (seen !== undefined) return seen
  const header = parseHeader(segment)
  // Before all else of the header: what is told to whoever passes a login token is that it is one.
  if (header['typ'] !== textType)
    throw refusedText('ERR_CONTEXT_SEAL_TYPE', 'typ', header['typ'] === undefined ? 'missing' : 'does not fit')
  if (Object.keys(header).some((name) => !knownNames.has(name))) throw malformed('header', 'unknown key')
  if (segment.length <= maxKeptCharacters) {
    if (headers.size >= maxKept) headers.clear()
    headers.set(segment, header)
  }
  return header
}

/**
 * Headers by their text. The texts of one key, audience and purpose share theirs, and reading it anew costs a tenth
 * of an opening. Nothing is trusted by it: the same text always gives the same header.
 */
const headers = new Map<string, TextHeader>()
const maxKept = 1000
const maxKeptCharacters = 1024

/**
 * Refuses a text whose header names another algorithm than its opener has, `none` among them.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_ALGORITHM`.
 */
export const assertAlgorithm = (header: TextHeader, alg: string, enc: string | undefined): void => {
  const { alg: named } = header
  // By name: an opener that is the wrong one meets any other, and only an attack meets this one.
  const isNone = typeof named === 'string' && named.toLowerCase() === 'none'
  if (named !== alg)
    throw refusedText('ERR_CONTEXT_SEAL_ALGORITHM', 'alg', isNone ? 'refused by policy' : 'does not fit')
  if (header['enc'] !== enc) throw refusedText('ERR_CONTEXT_SEAL_ALGORITHM', 'enc', 'does not fit')
}

/** The error for a text whose key its opener does not have. */
export const unknownKey = (header: TextHeader): ContextError =>
  refusedText('ERR_CONTEXT_SEAL_KEY', 'kid', header['kid'] === undefined ? 'missing' : 'does not fit')

function parseHeader(segment: string): TextHeader {
  try {
    const header: unknown = JSON.parse(decoder.decode(base64url.decode(segment)))
    // Own members only: a polluted Object.prototype must not give every header a type.
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return Object.freeze(Object.assign(Object.create(null) as Record<string, unknown>, header))
  } catch {
    // No JSON, or no UTF-8.
  }
  throw malformed('header', 'not JSON')
}

function malformed(path: string, kind: IssueKind): ContextError {
  return refusedText('ERR_CONTEXT_SEAL_MALFORMED', path, kind)
}
