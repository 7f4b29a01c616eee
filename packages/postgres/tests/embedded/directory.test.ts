import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareDirectory } from '../../src/embedded/directory.ts'
import { newDirectory } from './apps.ts'

describe('prepareDirectory', () => {
  it('refuses a file, and what is below one, by the name of the option and the path', () => {
    const file = join(newDirectory(), 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'below')])
      expect(() => prepareDirectory(path)).toThrow(
        expect.objectContaining({
          code: 'ERR_CONTEXT_INVALID_OPTIONS',
          issues: [{ path: 'directory', kind: 'does not fit' }],
          message: expect.stringContaining(`${JSON.stringify(path)} is a file, or leads through one.`) as string,
        }),
      )
  })

  it('names the directory that the account nobody cannot reach, where root starts it', () => {
    const closed = join(newDirectory(), 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o700)
    const path = join(closed, 'postgres')
    // Another account needs no other.
    if (process.getuid?.() !== 0) return expect(prepareDirectory(path)).toBeUndefined()
    expect(() => prepareDirectory(path)).toThrow(`the account nobody cannot reach ${JSON.stringify(path)}.`)
  })
})
