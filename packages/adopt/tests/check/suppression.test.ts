import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { applySuppressions, findSuppressions } from '../../src/check/suppression.ts'
import { makeFinding } from './findings.ts'

const read = (text: string) => findSuppressions('src/a.ts', text, parseSync)
const castAt = (line: number) => makeFinding({ file: 'src/a.ts', kind: 'cast', line })

describe('findSuppressions', () => {
  test('reads kinds, reason and the line that a comment speaks for', () => {
    expect(read('const a = b as C // context-allow cast: the store gives it back')).toMatchObject([
      { line: 1, targetLine: 1, kinds: ['cast'], reason: 'the store gives it back' },
    ])
    expect(read('// context-allow cast, any-flow: both\n\n// more\n/* and more */\nconst a = b as C')).toMatchObject([
      { line: 1, targetLine: 5, kinds: ['cast', 'any-flow'], reason: 'both' },
    ])
  })

  test('reads block and JSX comments', () => {
    expect(read('/**\n * context-allow new: the factory\n * itself\n */\nnew C()')).toMatchObject([
      { targetLine: 5, reason: 'the factory itself' },
    ])
    const jsx = findSuppressions(
      'src/a.tsx',
      'const x = (\n  <A>\n    {/* context-allow cast: page */}\n    {b as C}\n  </A>\n)',
      parseSync,
    )
    expect(jsx).toMatchObject([{ targetLine: 4, kinds: ['cast'] }])
  })

  test('does not take the mark inside a string or in the middle of a sentence', () => {
    expect(read('const a = "// context-allow cast: no"\n// see context-allow cast: no')).toEqual([])
  })

  test.each([
    ['// context-allow cast'],
    ['// context-allow cast:  '],
    ['// context-allow: why'],
    ['// context-allow casts: why'],
    ['// context-allow constructor: why'],
    ['// context-allow cast, casts: why'],
  ])('does not let "%s" allow anything, and says what is missing', (comment) => {
    const { open, remarks } = applySuppressions([castAt(2)], read(`${comment}\nb as C`))
    expect(open).toHaveLength(1)
    expect(remarks).toMatchObject([{ about: 'suppression-without-reason', file: 'src/a.ts', line: 1, fails: true }])
  })
})

describe('applySuppressions', () => {
  const comments = read('// context-allow cast: the store gives it back\nb as C\nc as C')

  test('takes out the sites of its kind and line, with the reason', () => {
    const { open, suppressed, remarks } = applySuppressions([castAt(2), castAt(3)], comments)
    expect(suppressed).toEqual([{ finding: castAt(2), reason: 'the store gives it back' }])
    expect([open, remarks]).toEqual([[castAt(3)], []])
  })

  test('does not allow another kind at the line, nor the line in another file', () => {
    const others = [
      makeFinding({ file: 'src/a.ts', kind: 'new', line: 2 }),
      makeFinding({ file: 'src/b.ts', kind: 'cast', line: 2 }),
    ]
    expect(applySuppressions(others, comments).open).toEqual(others)
  })

  test('reports a comment that allows nothing', () => {
    expect(applySuppressions([], comments).remarks).toMatchObject([
      { about: 'unused-suppression', line: 1, fails: true },
    ])
  })
})
