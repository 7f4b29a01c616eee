// A directory that is none, or that this account may not use: which option it is, which path, and what to do.
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileRevocationStore } from '../../src/login/file-revocation-store.ts'
import { fileSigningSecret } from '../../src/login/signing-secret.ts'
import { fileUserStore } from '../../src/login/user-store.ts'
import { openGoldenPathServer } from '../../src/server.ts'

let directory: string
let file: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'made-'))
  file = join(directory, 'file')
  await writeFile(file, '')
})
afterAll(() => rm(directory, { recursive: true }))

const stores = { fileUserStore, fileRevocationStore, fileSigningSecret }
const openServer = (dataDirectory: string) =>
  openGoldenPathServer({
    agent: async function* () {},
    dataDirectory,
    origins: ['http://localhost'],
  })
const opening = [
  ...Object.values(stores).map((open) => ['directory', open] as const),
  ['dataDirectory', openServer] as const,
]

/** Opens it in a process of its own, and prints why it is refused. */
const toProgram = (name: string, path: string): string => `
  import * as login from './dist/login.js'
  import { openGoldenPathServer } from './dist/server.js'
  const openServer = (dataDirectory) =>
    openGoldenPathServer({ agent: async function* () {}, dataDirectory, origins: ['http://localhost'] })
  const open = { ...login, openServer }[${JSON.stringify(name)}]
  await open(${JSON.stringify(path)}).catch((error) => console.log(String(error)))`

describe.each(opening)('the option %s of what keeps files', (option, open) => {
  test('is refused by its name and path where it is a file, or is below one', async () => {
    for (const path of [file, join(file, 'below')])
      await expect(open(path)).rejects.toMatchObject({
        code: 'ERR_CONTEXT_INVALID_OPTIONS',
        issues: [{ path: option, kind: 'does not fit' }],
        message: expect.stringContaining(`${JSON.stringify(path)} is a file, or leads through one. Name a directory`),
      })
  })

  test('is refused where this account may not write', async () => {
    const closed = join(directory, 'closed')
    await mkdir(closed, { recursive: true })
    await chmod(directory, 0o755)
    await chmod(closed, 0o555)
    for (const path of [closed, join(closed, 'below')]) {
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', toProgram(open.name, path)], {
        encoding: 'utf8',
        // Root may write everywhere.
        ...(process.getuid?.() === 0 && { uid: 65534, gid: 65534 }),
      })
      expect(stdout).toContain(`(${option}: does not fit). ${JSON.stringify(path)} cannot be made, read or written by`)
    }
  })

  test.each([5, '', 'a\0b'])('is refused where it is %j', async (path) => {
    await expect(open(path as string)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [expect.objectContaining({ path: option })],
    })
  })
})
