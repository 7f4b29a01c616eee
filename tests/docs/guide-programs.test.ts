// What a guide shows is what tests run with the real library: every block `ts guide` is a file of theirs, and every
// program is shown.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (path: string): string => readFileSync(path, 'utf8')
const filesOf = (directory: string): readonly string[] =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!\.test)\.tsx?$/.test(file))
        .map((file) => `${directory}/${file}`)
    : []
/** Programs of which each is shown by a page. */
const programs = [
  'examples/next',
  'integration/guides/programs',
  'integration/prisma/programs',
  'integration/transfer-bullmq/programs',
  'integration/workflows-restate/programs',
  'packages/golden-path/tests/recipes',
  'packages/postgres/tests/recipes',
].flatMap(filesOf)
const pages = readdirSync('docs/guides').map((file) => `docs/guides/${file}`)
const blocks = pages.flatMap((page) =>
  Array.from(read(page).matchAll(/^```tsx? guide\n([\s\S]*?)^```$/gm), ([, code]) => ({ page, code: code! })),
)

describe('the programs of the guides', () => {
  test('are found', () => {
    expect(blocks.length).toBeGreaterThan(3)
  })

  test('are what the pages show', () => {
    const run = new Set(programs.map(read))
    expect(
      blocks.filter(({ code }) => !run.has(code)).map(({ page, code }) => `${page}: ${code.slice(0, 80)}`),
    ).toEqual([])
  })

  test('are each shown by a page', () => {
    const shown = new Set(blocks.map(({ code }) => code))
    expect(programs.filter((program) => !shown.has(read(program)))).toEqual([])
  })
})

describe('the app of the guide for Next.js', () => {
  const glue = ['next.config.mjs', 'app/users.ts', 'app/save.ts', 'app/api/notes/route.ts']

  test('has 15 to 40 lines that know of the package', () => {
    const lines = glue.flatMap((file) => read(`examples/next/${file}`).trimEnd().split('\n'))
    expect(lines.length).toBeGreaterThanOrEqual(15)
    expect(lines.length).toBeLessThanOrEqual(40)
  })

  test('is shown with its configuration', () => {
    expect(read('docs/guides/next.md')).toContain(`\`\`\`js\n${read('examples/next/next.config.mjs')}\`\`\``)
  })
})

describe('the guide for Prisma', () => {
  test('shows the schema that is generated from', () => {
    expect(read('docs/guides/prisma.md')).toContain(`\`\`\`prisma\n${read('integration/prisma/schema.prisma')}\`\`\``)
  })
})
