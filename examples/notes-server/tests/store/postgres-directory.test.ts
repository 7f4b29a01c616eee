import { chmod, lstat, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { placePostgres } from '../../src/store/postgres-directory.ts'

const isRoot = process.getuid?.() === 0
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'directory-'))
  await chmod(directory, 0o711)
})
afterEach(() => rm(directory, { recursive: true }))

describe('placePostgres', () => {
  test('gives a directory in the data directory, which nobody else can list', async () => {
    const data = join(directory, '.data')
    expect(await placePostgres(data, join(directory, 'elsewhere'))).toBe(join(data, 'postgres'))
    expect((await stat(data)).mode & 0o066).toBe(0)
  })

  test('gives root a directory elsewhere where the server cannot reach this one, and the same again', async () => {
    const home = join(directory, 'home')
    await mkdir(home, { mode: 0o700 })
    const [data, elsewhere] = [join(home, '.data'), join(directory, 'elsewhere')]
    const placed = await placePostgres(data, elsewhere)
    expect(dirname(placed)).toBe(isRoot ? elsewhere : data)
    expect(await placePostgres(data, elsewhere)).toBe(placed)
    if (isRoot) expect((await lstat(join(data, 'postgres'))).isSymbolicLink()).toBe(true)
    const server = await openEmbeddedPostgres({ directory: placed })
    await server.close()
    expect(await placePostgres(join(home, 'other'), elsewhere)).not.toBe(placed)
  })
})
