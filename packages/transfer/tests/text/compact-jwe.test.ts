import { compactDecrypt, CompactEncrypt } from 'jose'
import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { decryptCompact, encryptCompact } from '../../src/text/compact-jwe.ts'
import { codeOf } from '../deployment.ts'

const key = createSecretKey(randomBytes(32))
const header = { alg: 'dir', enc: 'A256GCM', typ: 'txntoken+jwt' }
const toHeader = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const plaintexts = ['', 'a', '{"é":"\u{1F600}"}', 'x'.repeat(15), 'x'.repeat(16), 'é'.repeat(10_000)]
const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('the compact form', () => {
  test.each(plaintexts)('is one that jose reads: %#', async (plaintext) => {
    const text = encryptCompact(toHeader(header), plaintext, key)
    const opened = await compactDecrypt(text, key)
    expect([read(opened.plaintext), opened.protectedHeader]).toEqual([plaintext, header])
  })

  test.each(plaintexts)('reads what jose writes: %#', async (plaintext) => {
    const text = await new CompactEncrypt(new TextEncoder().encode(plaintext)).setProtectedHeader(header).encrypt(key)
    expect(read(decryptCompact(text, key))).toBe(plaintext)
  })

  test('has an initialisation vector of its own each time', () => {
    const vectors = Array.from({ length: 1000 }, () => encryptCompact(toHeader(header), 'a', key).split('.')[2])
    expect(new Set(vectors).size).toBe(1000)
  })

  test('is refused with a shorter tag, another vector, a wrapped key or a part more', async () => {
    const parts = encryptCompact(toHeader(header), 'plaintext', key).split('.')
    const withPart = (index: number, part: string): string =>
      parts.map((own, at) => (at === index ? part : own)).join('.')
    const cut = (index: number, bytes: number): string =>
      withPart(index, Buffer.from(parts[index]!, 'base64url').subarray(0, bytes).toString('base64url'))
    const wrong = [cut(4, 15), cut(4, 12), cut(4, 4), cut(4, 0), cut(2, 11), cut(2, 0), cut(3, 3), withPart(1, 'AAAA')]
    wrong.push(withPart(0, toHeader({ ...header, kid: 'k1' })), `${parts.join('.')}.`, parts.slice(0, 4).join('.'), '')
    for (const text of wrong) expect(await codeOf(() => decryptCompact(text, key))).toBe('ERR_CONTEXT_SEAL_BROKEN')
    expect(read(decryptCompact(parts.join('.'), key))).toBe('plaintext')
  })
})
