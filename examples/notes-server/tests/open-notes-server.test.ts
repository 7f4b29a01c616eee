import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openNotesServer } from '../src/open-notes-server.ts'

const countListening = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'TCPServerWrap').length

describe('openNotesServer', () => {
  test('listens no more when its start fails after the port was taken', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'server-'))
    // A directory where the file is written first: the first users cannot be saved.
    await mkdir(join(dataDirectory, 'users.json.new'))
    const before = countListening()
    await expect(openNotesServer({ dataDirectory, port: 0, log: () => {} })).rejects.toMatchObject({ code: 'EISDIR' })
    expect(countListening()).toBe(before)
    await rm(dataDirectory, { recursive: true })
  })
})
