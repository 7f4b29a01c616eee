import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { documentedPackages, renderApiPage } from './api-pages.ts'
import { entryPointsOf } from './public-api.ts'

describe.each(Object.entries(documentedPackages))('the reference of %s', (page, directory) => {
  test('says what the docstrings say', async () => {
    // A missing page would be written anew and pass.
    if (process.env['CI']) expect(existsSync(`docs/api/${page}.md`)).toBe(true)
    await expect(await renderApiPage(directory)).toMatchFileSnapshot(`../../docs/api/${page}.md`)
  })

  const entries = entryPointsOf(directory).flatMap(({ entries }) => entries)

  test('finds functions and types, and a docstring on every export', () => {
    expect(entries.filter(({ kind }) => kind === 'function').length).toBeGreaterThan(2)
    expect(entries.filter(({ text }) => text === '').map(({ name }) => name)).toEqual([])
  })
})

/** Every package that is published and whose entry points are code, also one without a reference. */
const directories = ['.', ...readdirSync('packages').map((name) => `packages/${name}`)].filter((directory) =>
  hasEntryPoints(directory),
)

describe.each(directories)('the functions that %s exports', (directory) => {
  test('have an example each', () => {
    const functions = entryPointsOf(directory).flatMap(({ entries }) =>
      entries.filter(({ kind }) => kind === 'function'),
    )
    const without = functions.filter(({ examples }) => examples.length === 0).map(({ name }) => name)
    console.log(`${directory}: ${functions.length} exported functions, ${without.length} without an example`)
    expect(without).toEqual([])
  })
})

test('the packages are all there', () => {
  expect(directories).toEqual(
    expect.arrayContaining(['.', 'packages/golden-path', 'packages/lint', 'packages/testing']),
  )
})

function hasEntryPoints(directory: string): boolean {
  const { exports } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as { readonly exports?: object }
  return Object.values(exports ?? {}).some((target) => typeof target === 'object')
}
