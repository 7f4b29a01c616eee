import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/errors/error-codes.ts'
import { renderErrorsPage } from './errors-page.ts'

const page = 'docs/errors.md'
const directories = [
  'src',
  'packages/golden-path/src',
  'packages/transfer/src',
  'packages/postgres/src',
  'packages/http/src',
  'packages/mcp/src',
  'examples/notes-server/src',
]
const sources = directories.flatMap((directory) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(`${directory}/${file}`, 'utf8')),
)

describe('docs/errors.md', () => {
  test('says what the table of codes says', async () => {
    // A missing page would be written anew and pass.
    if (process.env['CI']) expect(existsSync(page)).toBe(true)
    await expect(renderErrorsPage()).toMatchFileSnapshot(`../../${page}`)
  })

  test('lists no code that no source names', () => {
    const unused = Object.keys(errorCodes).filter((code) => !sources.some((source) => source.includes(`'${code}'`)))
    expect(unused).toEqual([])
  })

  test('lists every code that the sources name', () => {
    const named = new Set(
      sources.flatMap((source) => source.match(/'ERR_CONTEXT_[A-Z_]+'/g) ?? []).map((code) => code.slice(1, -1)),
    )
    expect([...named].filter((code) => !(code in errorCodes))).toEqual([])
  })
})
