import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { suites } from '../../scripts/suites.mjs'

type Listed = { readonly file: string; readonly projectName: string }

const listed = JSON.parse(
  execFileSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }),
) as readonly Listed[]

describe('npm test', () => {
  it('runs every test file, and each in one suite only', () => {
    const files = readdirSync('tests', { recursive: true, encoding: 'utf8' })
      .map((file) => join('tests', file))
      .filter((file) => file.endsWith('.test.ts') && !file.includes('fixtures') && !file.includes('node_modules'))
    expect(listed.map(({ file }) => relative('.', file)).sort()).toEqual(files.sort())
  })

  it('has a suite for every project of vitest', () => {
    const names: readonly string[] = suites.map(({ name }) => name)
    expect([...new Set(listed.map(({ projectName }) => projectName))].filter((name) => !names.includes(name))).toEqual(
      [],
    )
  })
})
