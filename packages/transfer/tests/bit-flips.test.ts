// Each bit of every character of a text, flipped: none of the texts that come out is opened. AISVS 9.5.2.
import { describe, expect, test } from 'vitest'
import { inProcessReplayMemory, openSealed, sealContext } from '../src/index.ts'
import { alice, codeOf, fromChat, opening, readableSigner, sealing, utf8 } from './deployment.ts'

const bind = utf8('job-1')
const ring = { sealer: sealing.sealer, opener: opening.opener }
const service = { sealer: readableSigner.sealer, opener: fromChat.opener }
const forms = {
  'an encrypted text': { ...ring, isOnce: false },
  'an encrypted text of one use': { ...ring, isOnce: true },
  'a signed text': { ...service, isOnce: false },
  'a signed text of one use': { ...service, isOnce: true },
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

describe.each(Object.entries(forms))('%s', (_form, { sealer, opener, isOnce }) => {
  const replay = isOnce ? inProcessReplayMemory() : undefined
  const seal = () => sealContext(alice, { ...sealing, sealer, bind, ...(isOnce && { once: true }) })
  const open = (text: string) => codeOf(openSealed(text, { ...opening, opener, bind, ...(replay && { replay }) }))
  /** Nothing that was tried has used the text up; one that opens once does so now. */
  const expectUnused = async (text: string) => {
    expect(await open(text)).toMatch(/^let in/)
    expect(await open(text)).toMatch(isOnce ? /^ERR_CONTEXT_SEAL_REPLAYED$/ : /^let in/)
  }

  test('is opened in no form with one bit flipped, at any position of header, payload, signature or tag', async () => {
    const text = await seal()
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
    await expectUnused(text)
  })

  test('has no twin: no other last character of any part opens', async () => {
    const text = await seal()
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const parts = text.split('.')
    let tried = 0
    for (const [index, part] of parts.entries()) {
      for (const character of part === '' ? '' : alphabet) {
        const twin = part.slice(0, -1) + character
        if (twin === part) continue
        const candidate = parts.map((other, at) => (at === index ? twin : other)).join('.')
        expect(await open(candidate)).toMatch(/^ERR_CONTEXT_SEAL_/)
        tried++
      }
    }
    expect(tried).toBe(63 * parts.filter((part) => part !== '').length)
    await expectUnused(text)
  })

  test.each([
    ['padding', (text: string) => `${text}=`],
    ['white space before', (text: string) => ` ${text}`],
    ['a line break after', (text: string) => `${text}\n`],
    ['a part more', (text: string) => `${text}.`],
    ['a part less', (text: string) => text.slice(0, text.lastIndexOf('.'))],
    ['the other alphabet', (text: string) => text.replaceAll('-', '+').replaceAll('_', '/')],
  ])('is not opened with %s', async (_fault, change) => {
    let text = await seal()
    // Some texts hold no character in which the two alphabets differ.
    for (let tries = 0; tries < 100 && change(text) === text; tries++) text = await seal()
    const candidate = change(text)
    if (candidate === text) throw new Error('No text changed')
    expect(await open(candidate)).toBe('ERR_CONTEXT_SEAL_MALFORMED')
    await expectUnused(text)
  })
})
