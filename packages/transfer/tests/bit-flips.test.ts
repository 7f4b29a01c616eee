// Each bit of every character of a text, flipped: none of the texts that come out is opened. AISVS 9.5.2.
import { describe, expect, test } from 'vitest'
import { openSealed, sealContext } from '../src/index.ts'
import { alice, codeOf, fromChat, opening, readableSigner, sealing, utf8 } from './deployment.ts'

const bind = utf8('job-1')
const forms = {
  'an encrypted text': { sealer: sealing.sealer, opener: opening.opener },
  'a signed text': { sealer: readableSigner.sealer, opener: fromChat.opener },
}
/**
 * Why a text with one flipped bit can be refused. Every other code would say that a later check was all that stopped
 * it.
 */
const expected = [
  'ERR_CONTEXT_SEAL_MALFORMED',
  'ERR_CONTEXT_SEAL_TYPE',
  'ERR_CONTEXT_SEAL_ALGORITHM',
  'ERR_CONTEXT_SEAL_KEY',
  'ERR_CONTEXT_SEAL_AUDIENCE',
  'ERR_CONTEXT_SEAL_PURPOSE',
  'ERR_CONTEXT_SEAL_BROKEN',
]

describe.each(Object.entries(forms))('%s', (_form, { sealer, opener }) => {
  test('is opened in no form with one bit flipped, at any position of header, payload, signature or tag', async () => {
    const text = await sealContext(alice, { ...sealing, sealer, bind })
    const open = (candidate: string) => codeOf(openSealed(candidate, { ...opening, opener, bind }))
    expect(await open(text)).toMatch(/^let in/)
    const counts = new Map<string, number>()
    for (let position = 0; position < text.length; position++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = String.fromCharCode(text.charCodeAt(position) ^ (1 << bit))
        const code = await open(text.slice(0, position) + flipped + text.slice(position + 1))
        counts.set(code, (counts.get(code) ?? 0) + 1)
      }
    }
    console.log(`${text.length} characters x 8 bits:`, Object.fromEntries(counts))
    expect([...counts.keys()].filter((code) => !expected.includes(code))).toEqual([])
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(text.length * 8)
    expect(counts.get('ERR_CONTEXT_SEAL_BROKEN')).toBeGreaterThan(1000)
  })

  test('has no twin: no other last character of any part opens', async () => {
    const text = await sealContext(alice, { ...sealing, sealer, bind })
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const parts = text.split('.')
    let tried = 0
    for (const [index, part] of parts.entries()) {
      for (const character of part === '' ? '' : alphabet) {
        const twin = part.slice(0, -1) + character
        if (twin === part) continue
        const candidate = parts.map((other, at) => (at === index ? twin : other)).join('.')
        expect(await codeOf(openSealed(candidate, { ...opening, opener, bind }))).toMatch(/^ERR_CONTEXT_SEAL_/)
        tried++
      }
    }
    expect(tried).toBe(63 * parts.filter((part) => part !== '').length)
  })

  test.each([
    ['padding', (text: string) => `${text}=`],
    ['white space before', (text: string) => ` ${text}`],
    ['a line break after', (text: string) => `${text}\n`],
    ['a part more', (text: string) => `${text}.`],
    ['a part less', (text: string) => text.slice(0, text.lastIndexOf('.'))],
    ['the other alphabet', (text: string) => text.replaceAll('-', '+').replaceAll('_', '/')],
  ])('is not opened with %s', async (_fault, change) => {
    const seal = () => sealContext(alice, { ...sealing, sealer, bind })
    let text = await seal()
    // Some texts hold no character in which the two alphabets differ.
    for (let tries = 0; tries < 100 && change(text) === text; tries++) text = await seal()
    const candidate = change(text)
    if (candidate === text) throw new Error('No text changed')
    expect(await codeOf(openSealed(candidate, { ...opening, opener, bind }))).toBe('ERR_CONTEXT_SEAL_MALFORMED')
  })
})
