// Every block of TypeScript in the documentation compiles against the package by name, or fails as it says.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pages } from './code-blocks.ts'
import { blocks, describeBlocks, newestVersion } from './compiled-blocks.ts'

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

describeBlocks(newestVersion)
