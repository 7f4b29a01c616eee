// The guides show the programs that the tests run, and answer what the pages say.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = '../..'
const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8')
// The guides of other packages are run by their tests, and those with blocks `ts guide` in integration/.
const guides = readdirSync(`${root}/docs/guides`)
  .filter((file) => read(`docs/guides/${file}`).includes("'@user-execution-context/http/"))
  .filter((file) => !/^```tsx? guide$/m.test(read(`docs/guides/${file}`)))
  .map((file) => file.replace('.md', ''))

describe.each(guides)('the guide %s', (name) => {
  const page = read(`docs/guides/${name}.md`)

  test('shows the program that was run', () => {
    const blocks = Array.from(page.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, code]) => code)
    expect(blocks).toContain(read(`examples/${name}/server.ts`))
  })

  test('is listed in docs/http.md', () => {
    expect(read('docs/http.md')).toContain(`(guides/${name}.md)`)
  })
})

test.each(guides)('the program of %s has 15 to 40 lines', (name) => {
  const lines = read(`examples/${name}/server.ts`).trimEnd().split('\n').length
  expect(lines).toBeGreaterThanOrEqual(15)
  expect(lines).toBeLessThanOrEqual(40)
})
