// Holds the tests to the lists of controls: each is named by a test that meets it, or has a reason why none can, and no
// test names one that the lists do not have.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { aisvs, rfcs, transactionTokens, type Control } from './controls.ts'

const self = 'tests/repository/'
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.startsWith(self))
/** Comments that go on in the next line are read as one. */
const texts = files.map((file) => readFileSync(file, 'utf8').replaceAll(/\n\s*\/\/ ?/g, ' '))
const all = texts.join('\n')

const numbers = (list: string): readonly string[] => list.match(/\d+(?:\.\d+)*/g) ?? []
const list = String.raw`\d+(?:\.\d+)*(?:(?:, | and )\d+(?:\.\d+)+)*`
/** The numbers that tests name after these words. */
const named = (start: string): readonly string[] =>
  [...all.matchAll(new RegExp(`${start}(${list})`, 'g'))].flatMap(([, found]) => numbers(found!))
const metBy = (controls: Readonly<Record<string, Control>>): readonly string[] =>
  Object.keys(controls).filter((control) => controls[control]!.apart === undefined)

describe('the controls of', () => {
  type Row = readonly [string, Readonly<Record<string, Control>>, string]
  test.each<Row>([
    ['AISVS', aisvs, 'AISVS '],
    ...Object.entries(rfcs).map(([name, controls]): Row => [name, controls, `${name} sections? `]),
  ])('%s are named by the tests that meet them, and no other', (_name, controls, start) => {
    const found = new Set(named(start))
    expect(metBy(controls).filter((control) => !found.has(control))).toEqual([])
    expect([...found].filter((control) => !metBy(controls).includes(control))).toEqual([])
  })

  test('Transaction Tokens are named by the tests that meet them', () => {
    const missing = metBy(transactionTokens).filter((title) => !all.includes(`Transaction Tokens, ${title}`))
    expect(missing).toEqual([])
  })
})
