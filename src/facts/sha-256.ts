/**
 * SHA-256 (FIPS 180-4) of a text, the same in every runtime, as pseudonyms and audit records need it. That of Web
 * Crypto is behind a promise, for which printing cannot wait.
 */

/** SHA-256 of the UTF-8 bytes of a text: 64 hex digits in lower case. */
export const toSha256 = (text: string): string => hashByNode(text) ?? hashBytes(new TextEncoder().encode(text))

type Hash = { readonly update: (text: string) => { readonly digest: (encoding: 'hex') => string } }
type NodeCrypto = { readonly createHash: (algorithm: 'sha256') => Hash }
type Runtime = { readonly process?: { readonly getBuiltinModule?: (name: string) => NodeCrypto | undefined } }

/** Node from 20.16, Bun and Deno have the hash built in, without an import that no bundler resolves. */
const { getBuiltinModule } = (globalThis as Runtime).process ?? {}

function hashByNode(text: string): string | undefined {
  return getBuiltinModule?.('node:crypto')?.createHash('sha256').update(text).digest('hex')
}

/** Of bytes. */
export const hashBytes = (bytes: Uint8Array): string => {
  const state = Uint32Array.from(initialState)
  const schedule = new Uint32Array(64)
  const padded = pad(bytes)
  for (let block = 0; block < padded.byteLength; block += blockBytes) compress(state, schedule, padded, block)
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
}

const blockBytes = 64

/** Section 5.1.1: one bit, zeros, the length in bits. */
function pad(bytes: Uint8Array): DataView {
  const view = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / blockBytes) * blockBytes))
  new Uint8Array(view.buffer).set(bytes)
  view.setUint8(bytes.length, 0x80)
  view.setUint32(view.byteLength - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(view.byteLength - 4, bytes.length << 3)
  return view
}

/** Section 6.2.2, for one block. */
function compress(state: Uint32Array, schedule: Uint32Array, data: DataView, block: number): void {
  for (let step = 0; step < 16; step++) schedule[step] = data.getUint32(block + step * 4)
  for (let step = 16; step < 64; step++) {
    const [early, late] = [schedule[step - 15]!, schedule[step - 2]!]
    const mixedEarly = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const mixedLate = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule[step] = schedule[step - 16]! + mixedEarly + schedule[step - 7]! + mixedLate
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let step = 0; step < 64; step++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const first = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + roundConstants[step]! + schedule[step]!
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => (state[index] = state[index]! + word))
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

/** Section 4.2.2: of the cube roots of the first 64 primes the first 32 bits of the fraction. */
// prettier-ignore
const roundConstants: readonly number[] = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]
/** Section 5.3.3: the same of the square roots of the first eight primes. */
// prettier-ignore
const initialState: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]
