// Every block of TypeScript in the documentation compiles against the package by name, or fails as it says.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { compile, compilers, type Diagnostic } from '../violators/compile.ts'
import { findExamples, findPageBlocks, pages, toOneLine } from './code-blocks.ts'

const directory = '.data/documentation'
const versions = Object.keys(compilers) as (keyof typeof compilers)[]
const newest = versions.at(-1)!
const blocks = [...pages.flatMap(findPageBlocks), ...findExamples()]
  .filter(({ language }) => language === 'ts')
  .map((block, index) => ({ ...block, file: `block-${index}.ts` }))

beforeAll(() => {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  for (const { file, text } of blocks) writeFileSync(join(directory, file), `${text}\nexport {}\n`)
})

describe('the documentation', () => {
  test('shows TypeScript, and what must fail', () => {
    expect(blocks.length).toBeGreaterThan(6)
    expect(blocks.filter(({ fails }) => fails).length).toBeGreaterThan(0)
  })

  test('has no fence whose language nobody checks', () => {
    const fences = pages.flatMap((page) => readFileSync(page, 'utf8').match(/^```[a-z]+.*$/gm) ?? [])
    const known = [
      '```ts',
      '```ts runs',
      '```js runs',
      '```ts fails',
      // Programs of integration/jest-testing, compiled and run there: packages/testing/tests/docs compares them.
      '```ts jest',
      // Programs that tests run with their real libraries: guide-programs.test.ts compares them.
      '```ts guide',
      '```tsx guide',
      '```text',
      '```sh',
      '```json',
      '```js',
      '```html',
      '```yaml',
      '```sql',
      '```diff',
      '```jsonc',
      // The schema of integration/prisma, which guide-programs.test.ts compares.
      '```prisma',
    ]
    expect(fences.filter((fence) => !known.includes(fence))).toEqual([])
  })
})

describe.each(versions)('the documentation, on TypeScript %s', (version) => {
  let found: ReadonlyMap<string, readonly Diagnostic[]>
  beforeAll(() => {
    found = compile(
      version,
      directory,
      blocks.map(({ file }) => file),
      // NestJS has decorators of parameters, which the standard does not know.
      { experimentalDecorators: true },
    )
  })

  test.each(blocks.filter(({ fails }) => !fails))('compiles at $place', ({ file }) => {
    expect(found.get(file)).toEqual([])
  })

  test.each(blocks.filter(({ fails }) => fails))('fails as stated at $place', ({ file, says, claims }) => {
    const messages = found.get(file)!
    const printed = toOneLine(messages.map(({ code, text }) => `error ${code}: ${text}`).join(' '))
    expect(messages.length).toBeGreaterThan(0)
    expect(says.length).toBeGreaterThan(0)
    // The pages print what the newest compiler says; the words that matter are those of all.
    for (const words of [...says, ...(version === newest ? claims : [])]) expect(printed).toContain(words)
  })
})
