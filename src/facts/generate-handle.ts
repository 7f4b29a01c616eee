/**
 * Texts that name something and cannot be guessed: 128 random bits.
 */

const { crypto } = globalThis
// Captured before any other code can replace it.
const fillRandomly = crypto.getRandomValues.bind(crypto)

/** A new handle: 32 hex digits in lower case. Works like a credential of its user: do not log. */
export const generateHandle = (): string => {
  const bytes = fillRandomly(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const handleGrammar = /^[0-9a-f]{32}$/

/** Whether a value has the form of a handle. */
export const isHandle = (value: unknown): value is string => typeof value === 'string' && handleGrammar.test(value)
