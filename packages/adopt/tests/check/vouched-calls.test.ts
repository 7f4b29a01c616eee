import { parseSync, Visitor } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { countVouchedCalls, sumVouchedCalls } from '../../src/check/vouched-calls.ts'

const countIn = (text: string): number => countVouchedCalls('src/a.ts', text, { parseSync, Visitor })

describe('countVouchedCalls', () => {
  test('counts calls by any local name', () => {
    expect(
      countIn(
        "import { vouchForUser } from 'user-execution-context/restricted'\n" +
          'vouchForUser(a, b); f(() => vouchForUser(c, d))',
      ),
    ).toBe(2)
    expect(countIn(`import { vouchForUser as v } from 'user-execution-context/restricted'\nv(a, b)`)).toBe(1)
    expect(countIn(`import * as core from 'user-execution-context/restricted'\ncore.vouchForUser(a, b)`)).toBe(1)
  })

  test.each([
    'const v = vouchForUser\nv(a, b)',
    'const v = vouchForUser, w = v\nw(a, b)',
    'vouchForUser.call(undefined, a, b)',
    'const v = vouchForUser\nv.apply(undefined, [a, b])',
    'vouchForUser.bind(undefined, a)',
  ])('counts a call by another name or by another function: %s', (code) => {
    expect(countIn(`import { vouchForUser } from 'user-execution-context/restricted'\n${code}`)).toBe(1)
  })

  test('does not count mentions, strings and functions of that name from nowhere', () => {
    expect(
      countIn(
        "import { vouchForUser } from 'user-execution-context/restricted'\n" +
          "export const x = vouchForUser // vouchForUser()\n'vouchForUser()'",
      ),
    ).toBe(0)
    expect(countIn('const v = other.vouch\nv(a)\nv.call(a)\nvouchForUser.toString()')).toBe(0)
    expect(countIn('function vouchForUser() {}\nvouchForUser()')).toBe(0)
  })
})

describe('sumVouchedCalls', () => {
  test('adds up and lists the fullest file first', () => {
    expect(
      sumVouchedCalls([
        ['a.ts', 1],
        ['b.ts', 0],
        ['c.ts', 5],
      ]),
    ).toEqual({
      total: 6,
      inTests: 0,
      byFile: [
        ['c.ts', 5],
        ['a.ts', 1],
      ],
    })
  })

  test.each([
    'tests/a.ts',
    'src/deep/__tests__/a.ts',
    'src/a.test.ts',
    'src/a.spec.tsx',
    'e2e/a.mts',
    '.app/tests/a.ts',
  ])('counts %s apart: what stands in tests stays', (file) => {
    expect(sumVouchedCalls([[file, 3]])).toEqual({ total: 0, inTests: 3, byFile: [] })
    expect(sumVouchedCalls([[file, 3]], ['other/**']).total).toBe(3)
  })
})
