/**
 * JWE in compact form with `dir` and A256GCM (RFC 7516 section 3.1, RFC 7518 section 5.3), by the cipher of Node.
 *
 * jose has it too, through WebCrypto and its thread pool, where an opening costs three times as much (measured). What
 * is written here is the joining of five parts; a test has jose read what this writes, and the reverse.
 */
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto'
import { ContextError } from 'user-execution-context'

const ivBytes = 12
const tagBytes = 16
const cipher = 'aes-256-gcm'

/** A text of a header, as base64url, and of a plaintext. Each has an initialisation vector of its own, at random. */
export const encryptCompact = (header: string, plaintext: string, key: KeyObject): string => {
  const iv = randomBytes(ivBytes)
  const encryption = createCipheriv(cipher, key, iv, { authTagLength: tagBytes })
  encryption.setAAD(Buffer.from(header, 'ascii'))
  const body = encryption.update(plaintext, 'utf8', 'base64url') + encryption.final('base64url')
  return `${header}..${iv.toString('base64url')}.${body}.${encryption.getAuthTag().toString('base64url')}`
}

/**
 * The plaintext of a text whose header was read. Nothing of it is given before the tag has proven all of it.
 *
 * @throws {ContextError} `ERR_CONTEXT_SEAL_BROKEN`.
 */
export const decryptCompact = (text: string, key: KeyObject): Uint8Array => {
  const [header = '', encryptedKey, iv = '', body = '', tag = '', ...others] = text.split('.')
  if (encryptedKey !== '' || others.length > 0) throw broken()
  try {
    // With the length, because a shorter tag is guessed sooner, and would be taken.
    const decryption = createDecipheriv(cipher, key, Buffer.from(iv, 'base64url'), { authTagLength: tagBytes })
    decryption.setAAD(Buffer.from(header, 'ascii'))
    decryption.setAuthTag(Buffer.from(tag, 'base64url'))
    const start = decryption.update(body, 'base64url')
    const end = decryption.final()
    return end.length === 0 ? start : Buffer.concat([start, end])
  } catch {
    throw broken()
  }
}

function broken(): ContextError {
  return new ContextError('ERR_CONTEXT_SEAL_BROKEN')
}
