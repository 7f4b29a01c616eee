/**
 * Bytes as a text with one character a byte.
 */

/** Numbers of a list that may be bytes or character codes: at least as many as a canary that was cut short has. */
const fewestNumbers = 16

/**
 * The text of a Buffer, a typed array, an ArrayBuffer or a list of numbers (as JSON prints a Buffer); undefined for
 * anything else. By shape, because a test runner gives a test built-ins of another realm.
 *
 * @param place - Where it stands, for the message.
 * @throws {TypeError} For compressed bytes.
 */
export const toBytesText = (value: object, place: string): string | undefined => {
  const codes = toCodes(value)
  if (codes === undefined) return undefined
  refuseCompressed(codes, place)
  let text = ''
  // In pieces: a call takes a limited number of arguments.
  for (let start = 0; start < codes.length; start += 4096) {
    text += String.fromCharCode(...codes.slice(start, start + 4096))
  }
  return text
}

function toCodes(value: object): Uint8Array | readonly number[] | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))) {
    return new Uint8Array(value as ArrayBuffer)
  }
  const isCodes =
    Array.isArray(value) &&
    value.length >= fewestNumbers &&
    value.every((code: unknown) => typeof code === 'number' && Number.isInteger(code) && code >= 0 && code <= 0xffff)
  return isCodes ? (value as readonly number[]) : undefined
}

/** gzip, zlib (RFC 1950, of each level) and Zstandard, by their first bytes. Brotli has none. */
function refuseCompressed(codes: Uint8Array | readonly number[], place: string): void {
  const [first, second, third] = codes
  const isGzip = first === 0x1f && second === 0x8b
  // At the lower levels it begins as the text "x^2" does.
  const isZlib = first === 0x78 && (second === 0x9c || second === 0xda || (isLowLevel(second) && !isAscii(codes)))
  const isZstandard = first === 0x28 && second === 0xb5 && third === 0x2f
  if (isGzip || isZlib || isZstandard) {
    throw new TypeError(`${place} is compressed. Decompress it, then check what it holds.`)
  }
}

const isLowLevel = (second: number | undefined): boolean => second === 0x01 || second === 0x5e

const isAscii = (codes: Uint8Array | readonly number[]): boolean =>
  codes.slice(2).every((code) => (code > 0x1f && code < 0x7f) || (code > 0x08 && code < 0x0e))
