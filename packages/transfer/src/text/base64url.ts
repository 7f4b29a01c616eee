/**
 * Base64url as RFC 4648 section 3.5 wants it: one text for the same bytes, and no other.
 *
 * The attack it stops: most decoders drop the spare bits of the last character, so a text has up to 15 twins that
 * verify, and a memory of used texts, a deny list or a cache that compares texts takes a twin for a new one.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** The bits of the last character that carry nothing, by what remains of the length in groups of four. */
const spareBits: readonly number[] = [0, -1, 15, 3]

/** Whether a text is base64url without padding, with all spare bits zero. The empty text is. */
export const isCanonicalBase64url = (text: string): boolean => {
  const spare = spareBits[text.length % 4]!
  if (spare === -1 || !/^[A-Za-z0-9_-]*$/.test(text)) return false
  return spare === 0 || (alphabet.indexOf(text[text.length - 1]!) & spare) === 0
}
