import { describe, expect, test } from 'vitest'
import { foldText, textDigest, toFingerprint } from '../src/fingerprint.ts'

const site = {
  file: 'src/a.ts',
  kind: 'cast',
  type: 'Context',
  enclosing: 'Chat.run',
  text: 'body as Context',
} as const

describe('foldText', () => {
  test('folds white space and drops comments', () => {
    expect(foldText('{\n  a, // first\n  /* second */ b\n}')).toBe('{ a, b }')
  })

  test('keeps what looks like a comment inside strings and templates', () => {
    expect(foldText(`f('http://x', "/* y */", \`// z\`)`)).toBe(`f('http://x', "/* y */", \`// z\`)`)
  })
})

describe('textDigest', () => {
  test.each([
    ['quotes', `run({ id: "a" })`, `run({ id: 'a' })`],
    ['line breaks and a trailing comma', `run({ id, thread })`, `run({\n  id,\n  thread,\n})`],
    ['blanks around punctuation', `{id:1}`, `{ id: 1 }`],
    ['a comment', `{ id }`, `{ id /* from the token */ }`],
    ['semicolons', `make();`, `make()`],
  ])('does not see %s', (_what, left, right) => {
    expect(textDigest(left)).toBe(textDigest(right))
  })

  test.each([
    ['another name', '{ id }', '{ ids }'],
    ['blanks inside a string', `'a b'`, `'ab'`],
    ['words that were apart', 'new Context', 'newContext'],
    ['a hole in an array', '[a, , b]', '[a, b]'],
  ])('sees %s', (_what, left, right) => {
    expect(textDigest(left)).not.toBe(textDigest(right))
  })
})

describe('toFingerprint', () => {
  test('is a fixed function of the parts, so that a committed baseline keeps its meaning', () => {
    expect(toFingerprint(site)).toBe('3e25ccdcc00d4e75')
  })

  test.each(['file', 'kind', 'type', 'enclosing', 'text'] as const)('changes with the %s', (part) => {
    expect(toFingerprint({ ...site, [part]: 'other' })).not.toBe(toFingerprint(site))
  })
})
