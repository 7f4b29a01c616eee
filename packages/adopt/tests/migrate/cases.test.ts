import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { casesDirectory, openCase, readSources } from './migrate-case.ts'
import type { OpenCase } from './migrate-case.ts'

const names = readdirSync(casesDirectory).sort()
let open: OpenCase | undefined
afterEach(() => open?.remove())

describe('migrate', () => {
  test.each(names.filter((name) => !name.startsWith('no-change-')))(
    '%s: gives the expected files, compiles, and changes nothing when run again',
    async (name) => {
      open = openCase(name)
      const before = readSources(open.root)
      const result = await open.run({ write: true })
      expect(result.unsettled).toEqual([])
      expect([result.diagnosticsBefore, result.diagnosticsAfter]).toEqual([0, 0])
      const after = readSources(open.root)
      expect(after).toEqual({ ...before, ...readSources(join(casesDirectory, name, 'output')) })
      expect(result.written).toBe(true)

      const again = await open.run({ write: true })
      expect(again.files).toEqual([])
      expect(readSources(open.root)).toEqual(after)
    },
  )

  test.each(names.filter((name) => name.startsWith('no-change-')))('%s: changes no file', async (name) => {
    expect(existsSync(join(casesDirectory, name, 'output'))).toBe(false)
    open = openCase(name)
    const before = readSources(open.root)
    const result = await open.run({ write: true })
    expect(result.diagnosticsBefore).toBe(0)
    expect(result.files).toEqual([])
    expect(result.written).toBe(false)
    expect(readSources(open.root)).toEqual(before)
  })
})
