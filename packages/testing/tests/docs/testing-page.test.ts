// The page shows the programs of tests/examples (which this suite runs) and of integration/jest-testing, letter by
// letter.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const page = readFileSync('../../docs/testing.md', 'utf8')
const examples = readdirSync('tests/examples').map((file) => `tests/examples/${file}`)
const jestDirectory = '../../integration/jest-testing/examples'
const jestExamples = readdirSync(jestDirectory).map((file) => `${jestDirectory}/${file}`)

const blocksOf = (language: string): readonly string[] =>
  Array.from(page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')), ([, text]) => text!)

describe('docs/testing.md', () => {
  test.each(examples)('shows %s', (file) => {
    expect(blocksOf('ts')).toContain(readFileSync(file, 'utf8'))
  })

  test('shows no test that this suite does not run', () => {
    const texts = examples.map((file) => readFileSync(file, 'utf8'))
    expect(blocksOf('ts').filter((block) => block.includes('test(') && !texts.includes(block))).toEqual([])
  })

  test.each(jestExamples)('shows %s', (file) => {
    expect(blocksOf('ts jest')).toContain(readFileSync(file, 'utf8'))
  })
})
