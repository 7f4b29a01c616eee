// What a guide shows is what tests run with the real library: every block `ts guide` is a file of theirs, and every
// program is shown.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (path: string): string => readFileSync(path, 'utf8')
const filesOf = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!\.test)\.tsx?$/.test(file))
        .map((file) => `${folder}/${file}`)
    : []
/** Programs of which each is shown by a page. */
const programs = [
  'integration/guides/programs',
  'integration/transfer-bullmq/programs',
  'packages/golden-path/tests/recipes',
  'packages/postgres/tests/recipes',
].flatMap(filesOf)
/** An app of which a page shows what matters. */
const app = filesOf('integration/http-next/app')
const pages = readdirSync('docs/guides').map((file) => `docs/guides/${file}`)
const blocks = pages.flatMap((page) =>
  Array.from(read(page).matchAll(/^```tsx? guide\n([\s\S]*?)^```$/gm), ([, code]) => ({ page, code: code! })),
)

describe('the programs of the guides', () => {
  test('are found', () => {
    expect(blocks.length).toBeGreaterThan(3)
    expect(app.length).toBeGreaterThan(3)
  })

  test('are what the pages show', () => {
    const run = new Set([...programs, ...app].map(read))
    expect(
      blocks.filter(({ code }) => !run.has(code)).map(({ page, code }) => `${page}: ${code.slice(0, 80)}`),
    ).toEqual([])
  })

  test('are each shown by a page', () => {
    const shown = new Set(blocks.map(({ code }) => code))
    expect(programs.filter((program) => !shown.has(read(program)))).toEqual([])
  })
})
