import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashBytes, toSha256 } from '../../src/facts/sha-256.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('hashBytes', () => {
  // The examples that NIST publishes with FIPS 180-4.
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('gives the digest that FIPS 180-4 states', (text, digest) => {
    expect(hashBytes(encode(text))).toBe(digest)
  })

  test('agrees with the hash of Node around each border of a block', () => {
    for (let length = 0; length < 260; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 255)
      expect(hashBytes(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
    }
  })

  test('agrees with the hash of Node on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
        expect(hashBytes(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
      }),
    )
  })
})

describe('toSha256', () => {
  test('agrees with the computed hash on any text, also on halves of characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toSha256(text)).toBe(hashBytes(encode(text)))
      }),
    )
    expect(toSha256('\ud800 half')).toBe(hashBytes(encode('\ud800 half')))
  })
})

describe('pseudonyms and audit hashes', () => {
  const program = `
    const { createForUser, toLogFields, openAuditTrail } = require('user-execution-context')
    const { vouchForUser } = require('user-execution-context/restricted')
    const context = createForUser(vouchForUser('auth0:5f7c', { reason: 'one hash', tenantId: 'acme' }))
    console.log(toLogFields(context).userHash)
    openAuditTrail({ write: () => {} }).record(context, 'started').then((record) => {
      const { hash, ...rest } = record
      console.log(JSON.stringify({ hash, rest }))
    })`
  const run = (before: string): readonly string[] => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', before + program], { encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    return stdout.trim().split('\n')
  }

  test.each([
    ['has a built-in hash', ''],
    ['has none, as in a browser', 'process.getBuiltinModule = undefined\n'],
    ['has no process at all', 'const { log } = console; delete globalThis.process\n'],
  ])('are the same where the runtime %s', (_runtime, before) => {
    const [userHash, record] = run(before)
    expect(userHash).toBe(createHash('sha256').update('vouched:acme:auth0%3A5f7c').digest('hex').slice(0, 32))
    const { hash, rest } = JSON.parse(record!) as { readonly hash: string; readonly rest: Record<string, unknown> }
    const sorted = Object.fromEntries(Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1)))
    expect(hash).toBe(createHash('sha256').update(JSON.stringify(sorted)).digest('hex'))
  })
})
