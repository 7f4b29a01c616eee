// Links of pages lead somewhere, and the invariants of ARCHITECTURE.md name tests that exist.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pages } from './code-blocks.ts'

/** Targets of links to files of the repository, seen from its root. */
const linksOf = (page: string): readonly string[] =>
  Array.from(readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g), ([, target]) =>
    join(dirname(page), target!),
  )

describe('the pages', () => {
  test.each(pages)('%s links to files that exist', (page) => {
    expect(linksOf(page).filter((target) => !existsSync(target))).toEqual([])
  })

  test('are all reached from the README', () => {
    const reached = new Set(['README.md'])
    for (const page of reached)
      if (page.endsWith('.md')) for (const target of linksOf(page)) if (existsSync(target)) reached.add(target)
    expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([])
  })
})

describe('the invariants of ARCHITECTURE.md', () => {
  const rows = Array.from(
    readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| (\d+) \| .+ \| \[.+?\]\((.+?)\): "(.+?)" \|$/gm),
    ([, number, file, title]) => ({ number: Number(number), file: file!, title: title! }),
  )

  test('are numbered without a gap', () => {
    expect(rows.length).toBeGreaterThan(15)
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1))
  })

  test('stand below a way of one request whose files exist', () => {
    const text = readFileSync('ARCHITECTURE.md', 'utf8')
    const named = Array.from(text.matchAll(/`((?:src|phases|login|server)\/[a-z/-]+\.ts)`/g), ([, file]) => file!)
    expect(named.length).toBeGreaterThan(10)
    const home = (file: string): string => (file.startsWith('src/') ? file : `packages/golden-path/src/${file}`)
    expect(named.filter((file) => !existsSync(home(file)))).toEqual([])
  })

  test.each(rows)('are held: $number by "$title"', ({ file, title }) => {
    expect(readFileSync(file, 'utf8')).toContain(title)
  })
})
