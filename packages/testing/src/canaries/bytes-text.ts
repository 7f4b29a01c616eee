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
  if (codes instanceof Uint8Array) refuseCompressed(codes, place)
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

/** gzip, zlib and Zstandard, by their first bytes. Brotli has none. */
function refuseCompressed([first, second, third]: Iterable<number>, place: string): void {
  const isGzip = first === 0x1f && second === 0x8b
  const isZlib = first === 0x78 && (second === 0x9c || second === 0xda)
  const isZstandard = first === 0x28 && second === 0xb5 && third === 0x2f
  if (isGzip || isZlib || isZstandard) {
    throw new TypeError(`${place} is compressed. Decompress it, then check what it holds.`)
  }
}
