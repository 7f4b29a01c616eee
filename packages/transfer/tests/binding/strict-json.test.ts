import { describe, expect, test } from 'vitest'
import { openSealed, parseBoundJson, sealContext } from '../../src/index.ts'
import { alice, codeOf, opening, sealing, utf8 } from '../deployment.ts'

const unambiguous = [
  '{}',
  '[]',
  '{"a":1,"b":[{"a":1},{"a":2}],"c":{"a":{"a":null}}}',
  ' \n{ "to" : "alice" , "cents" : 100 }\t',
  '[0,-0,1.50,1.5e1,100e-2,0.1,-2.5,1e3,9007199254740991,-9007199254740991,5e-324,1.7976931348623157e-300]',
  '{"say":"\\"},{\\u0022a\\u0022:","a":"\\ud83d\\ude00 \u{1F600}"}',
  '{"constructor":2,"toString":3}',
  '["a","a"]',
  '[{"a":1},{"a":1}]',
  ...['"text"', '42', '-1.5', 'true', 'null'],
]
const ambiguous = {
  'a key twice': '{"to":"alice","to":"mallory"}',
  'a key twice, deep inside': '[{"a":[{"b":{"c":1,"d":2,"c":1}}]}]',
  'a key twice, after an object that had it': '{"a":{"b":1},"b":2,"b":3}',
  'a key twice, one of them escaped': '{"to":1,"\\u0074o":2}',
  'a key twice, the empty one': '{"":1,"":2}',
  '__proto__ twice': '{"__proto__":1,"__proto__":2}',
  'a key that a copy takes for its prototype': '{"to":"alice","__proto__":{"cents":1}}',
  'a key that a copy takes for its prototype, escaped and deep inside': '[{"a":{"__pr\\u006fto__":{}}}]',
  'an integer beyond 2^53 - 1': '{"id":9007199254740992}',
  'an integer that rounds to another': '[9007199254740993]',
  'an integer below -(2^53 - 1)': '[-9007199254740992]',
  'an unsafe integer written with an exponent': '[1e16]',
  'an unsafe integer written as a fraction': '[90071992547409930.0]',
  'a number beyond all doubles': '[1e400]',
  'a number that becomes zero': '[1e-400]',
  'a fraction with more digits than a double holds': '[0.1000000000000000055]',
  'a lone high surrogate': '["\\ud83d"]',
  'a lone low surrogate, in a key': '{"\\ude00":1}',
  'surrogates the wrong way round': '["\\ude00\\ud83d"]',
  'nothing but an integer that rounds to another': '9007199254740993',
  'nothing but an integer, behind white space': ' -9007199254740993\n',
  'nothing but a number beyond all doubles': '1e400',
  'nothing but a string with a lone surrogate': '"\\ud800"',
}

describe('parseBoundJson', () => {
  test.each(unambiguous)('reads %s', (text) => {
    expect(parseBoundJson(utf8(text))).toEqual(JSON.parse(text))
  })

  test.each(Object.entries(ambiguous))('refuses %s', async (_fault, text) => {
    expect(await codeOf(() => parseBoundJson(utf8(text)))).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
  })

  test.each([['{"a":1'], [''], ['undefined'], ["{'a':1}"], ['[1,]']])('refuses what is no JSON: %j', async (text) => {
    expect(await codeOf(() => parseBoundJson(utf8(text)))).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
  })

  test.each([['text'], [undefined], [[1, 2]]])('takes bytes only: %j', async (value) => {
    expect(await codeOf(() => parseBoundJson(value as never))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })

  test('freezes what it gives, and is not stopped by depth', () => {
    const value = parseBoundJson(utf8('{"list":[{"inner":1}]}')) as { list: [{ inner: number }] }
    expect(Object.isFrozen(value) && Object.isFrozen(value.list) && Object.isFrozen(value.list[0])).toBe(true)
    const depth = 5000
    expect(Object.isFrozen(parseBoundJson(utf8('['.repeat(depth) + ']'.repeat(depth))))).toBe(true)
  })

  // What binding takes, it gives back: up to 1 MiB, of whatever form.
  test('is not stopped by size', async () => {
    const items = `[${Array(500_000).fill('0').join()}]`
    const words = JSON.stringify(['\\'.repeat(500_000)])
    const keys = `{${Array.from({ length: 90_000 }, (_, index) => `"${index}":0`).join()}}`
    for (const text of [items, words, keys]) {
      expect(await codeOf(sealContext(alice, { ...sealing, bind: utf8(text) }))).toMatch(/^let in/)
      expect(parseBoundJson(utf8(text))).toEqual(JSON.parse(text))
    }
  })
})

describe('a binding', () => {
  test.each(Object.entries(ambiguous))('refuses JSON with %s, at both ends and in every part', async (_fault, text) => {
    const bytes = utf8(text)
    expect(await codeOf(sealContext(alice, { ...sealing, bind: bytes }))).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
    const bind = [utf8('tool'), bytes]
    expect(await codeOf(sealContext(alice, { ...sealing, bind }))).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
    const sealed = await sealContext(alice, { ...sealing, bind: utf8('tool') })
    expect(await codeOf(openSealed(sealed, { ...opening, bind }))).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
  })

  test.each(unambiguous)('takes %s', async (text) => {
    expect(await codeOf(sealContext(alice, { ...sealing, bind: utf8(text) }))).toMatch(/^let in/)
  })

  test('refuses JSON for a careless reader: behind a byte-order mark, or with bytes that are no UTF-8', async () => {
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('{"a":1}'))
    const broken = Uint8Array.of(...utf8('{"a":"'), 0xff, ...utf8('"}'))
    const bare = [Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('42')), Uint8Array.of(0x22, 0xff, 0x22)]
    for (const bind of [marked, broken, ...bare])
      expect(await codeOf(sealContext(alice, { ...sealing, bind }))).toBe('ERR_CONTEXT_SEAL_AMBIGUOUS_JSON')
  })

  test('takes bytes that nobody takes for JSON', async () => {
    for (const bind of [Uint8Array.of(0xff, 0x00), utf8('{"a":1,"a":2'), utf8('to=alice&to=mallory'), utf8('')])
      expect(await codeOf(sealContext(alice, { ...sealing, bind }))).toMatch(/^let in/)
  })

  test.each([['text'], [42], [null], [['text']], [[Uint8Array.of(1), undefined]], [[]], [{}]])(
    'is made of bytes: %j is none',
    async (bind) => {
      expect(await codeOf(sealContext(alice, { ...sealing, bind: bind as never }))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
    },
  )

  test('holds at most 1 MiB', async () => {
    const bind = new Uint8Array(1_048_576 - 8)
    expect(await codeOf(sealContext(alice, { ...sealing, bind }))).toMatch(/^let in/)
    const more = [bind, new Uint8Array(1)]
    expect(await codeOf(sealContext(alice, { ...sealing, bind: more }))).toBe('ERR_CONTEXT_INVALID_OPTIONS')
  })
})
