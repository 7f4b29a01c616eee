/**
 * A user id out of whatever an identity provider calls its users.
 */
import { ContextError } from '../errors/context-error.ts'
import { findIdIssue, type UserId } from './ids.ts'
import { toSha256 } from './sha-256.ts'

/** The id alphabet without `%`, which escapes. */
const legal = /^[A-Za-z0-9!#$&()+,\-.:;=?@[\]^_{|}~]$/
const illegal = /[^A-Za-z0-9!#$&()+,\-.:;=?@[\]^_{|}~]/
const maxIdCharacters = 128

/**
 * Encodes a subject as a user id, injectively: equal ids mean equal subjects. A subject of the id alphabet stays as it
 * is; `%` and every other character becomes its UTF-8 bytes as `%` and two hex digits (`o'brien@x.com` is
 * `o%27brien@x.com`); a subject that is a word of the deny list has its first character escaped (`test` is `%74est`);
 * what is longer than 128 characters then becomes `%sha256:` and 64 hex digits, which no other subject gives.
 *
 * Nothing is trimmed, lower-cased or normalised: two subjects that only look alike are two users. The attacks it stops:
 * a subject `a%27b` that would be the id of subject `a'b` if `%` were not escaped in every subject; a composed and a
 * decomposed `é` that become one user; a long subject that is cut to the id of another.
 *
 * @param subject - As the provider gives it (`sub` of a token): any text but the empty one. Lone surrogates are kept
 *   apart.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_ID` for the empty text and for what is no text: it names nobody.
 * @example
 * ```ts
 * import { encodeSubject } from 'user-execution-context'
 *
 * export const userId = encodeSubject("o'brien@x.com") // "o%27brien@x.com"
 * ```
 */
export const encodeSubject = (subject: string): UserId => {
  if (typeof subject !== 'string' || subject === '') {
    const kind = subject === '' ? 'empty' : subject === undefined || subject === null ? 'missing' : 'not a string'
    throw new ContextError('ERR_CONTEXT_INVALID_ID', { issues: [{ path: 'subject', kind }] })
  }
  const escaped = illegal.test(subject) ? Array.from(subject, escapeIllegal).join('') : subject
  if (escaped.length > maxIdCharacters) return `%sha256:${toSha256(escaped)}` as UserId
  return (findIdIssue(escaped) === undefined ? escaped : escape(escaped[0]!) + escaped.slice(1)) as UserId
}

function escapeIllegal(character: string): string {
  return legal.test(character) ? character : escape(character)
}

/** Its UTF-8 bytes in hex. A lone surrogate has the three bytes of its number, which no other character has (WTF-8). */
function escape(character: string): string {
  const code = character.codePointAt(0)!
  const isLone = code >= 0xd800 && code <= 0xdfff
  const bytes = isLone ? [0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)] : new TextEncoder().encode(character)
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
