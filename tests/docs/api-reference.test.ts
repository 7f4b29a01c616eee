import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { documentedPackages, renderApiPage } from './api-pages.ts'
import { entryPointsOf } from './public-api.ts'

/** Functions that still lack an example, at most. The numbers only fall. */
const withoutExample: Readonly<Record<string, number>> = { 'core': 0, 'transfer': 0, 'golden-path': 0 }

describe.each(Object.entries(documentedPackages))('the reference of %s', (page, folder) => {
  test('says what the docstrings say', async () => {
    // A missing page would be written anew and pass.
    if (process.env['CI']) expect(existsSync(`docs/api/${page}.md`)).toBe(true)
    await expect(await renderApiPage(folder)).toMatchFileSnapshot(`../../docs/api/${page}.md`)
  })

  const entries = entryPointsOf(folder).flatMap(({ entries }) => entries)

  test('finds functions and types, and a docstring on every export', () => {
    expect(entries.filter(({ kind }) => kind === 'function').length).toBeGreaterThan(5)
    expect(entries.filter(({ text }) => text === '').map(({ name }) => name)).toEqual([])
  })

  test('shows an example of every function', () => {
    const functions = entries.filter(({ kind }) => kind === 'function')
    const without = functions.filter(({ examples }) => examples.length === 0).map(({ name }) => name)
    console.log(`${page}: ${functions.length} exported functions, ${without.length} without an example`)
    expect(without.length, without.join(', ')).toBeLessThanOrEqual(withoutExample[page] ?? 0)
  })
})
