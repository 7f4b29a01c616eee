import { base64url } from 'jose'
import { describe, expect, test } from 'vitest'
import { isCanonicalBase64url } from '../../src/text/base64url.ts'

describe('isCanonicalBase64url', () => {
  test('takes what encoding bytes gives, of every length', () => {
    for (let length = 0; length <= 64; length++) {
      const text = base64url.encode(crypto.getRandomValues(new Uint8Array(length)))
      expect([text, isCanonicalBase64url(text)]).toEqual([text, true])
    }
  })

  test('takes exactly the texts that decode and encode to themselves, among all of up to three characters', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
    const toSelf = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text
    const texts = characters.flatMap((one) => [
      one,
      ...characters.flatMap((two) => [one + two, ...characters.map((three) => one + two + three)]),
    ])
    expect(texts.filter((text) => isCanonicalBase64url(text) !== toSelf(text))).toEqual([])
  })

  test.each([['='], ['AA=='], ['AA='], ['A+'], ['A/'], [' AA'], ['AA\n'], ['é'], ['AAAAA']])('refuses %j', (text) => {
    expect(isCanonicalBase64url(text)).toBe(false)
  })
})
