/**
 * The bounds of a sealed context.
 */

/** A longer text is neither made nor looked at. */
export const maxTextCharacters = 32_768
/** What `carry` may add, as UTF-8 bytes of JSON. */
export const maxCarriedBytes = 8192
/** How long a text may be good for: 400 days, so that a yearly job fits and a forgotten text ends. */
export const maxTtlMs = 400 * 86_400_000
/** How far the clocks of two machines may differ. */
export const clockToleranceMs = 5000
/** All bound parts together. */
export const maxBoundBytes = 1_048_576

/** A name for an audience or a purpose: a scope token (RFC 6749 section 3.3), so that an address is one too. */
const nameGrammar = /^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/

/** Whether a value can name an audience or a purpose. */
export const isName = (value: unknown): value is string => typeof value === 'string' && nameGrammar.test(value)
