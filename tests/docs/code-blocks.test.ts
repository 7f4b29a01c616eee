// Every block of TypeScript in the documentation compiles against the package by name, or fails as it says.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { compile, type Diagnostic } from '../violators/compile.ts'
import { findExamples, findPageBlocks, pages, toOneLine } from './code-blocks.ts'

const folder = '.data/documentation'
const blocks = [...pages.flatMap(findPageBlocks), ...findExamples()].map((block, index) => ({ ...block, file: `block-${index}.ts` }))
let found: ReadonlyMap<string, readonly Diagnostic[]>

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { file, text } of blocks) writeFileSync(join(folder, file), `${text}\nexport {}\n`)
  found = compile('7.0', folder, blocks.map(({ file }) => file))
})

describe('the documentation', () => {
  test('shows TypeScript, and what must fail', () => {
    expect(blocks.length).toBeGreaterThan(6)
    expect(blocks.filter(({ fails }) => fails).length).toBeGreaterThan(0)
  })

  test('has no fence whose language nobody checks', () => {
    const fences = pages.flatMap((page) => readFileSync(page, 'utf8').match(/^```[a-z]+.*$/gm) ?? [])
    const known = ['```ts', '```ts fails', '```text', '```sh', '```json', '```js', '```html', '```yaml', '```sql', '```diff', '```jsonc']
    expect(fences.filter((fence) => !known.includes(fence))).toEqual([])
  })

  test.each(blocks.filter(({ fails }) => !fails))('compiles at $place', ({ file }) => {
    expect(found.get(file)).toEqual([])
  })

  test.each(blocks.filter(({ fails }) => fails))('fails as stated at $place', ({ file, says, claims }) => {
    const messages = found.get(file)!
    const printed = toOneLine(messages.map(({ code, text }) => `error ${code}: ${text}`).join(' '))
    expect(messages.length).toBeGreaterThan(0)
    expect(says.length).toBeGreaterThan(0)
    for (const words of [...says, ...claims]) expect(printed).toContain(words)
  })
})
