import { mkdir, mkdtemp, open, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  identityProvider,
  liveSessions,
  type LiveSessions,
  type Tombstone,
  type VerifiedUser,
} from 'user-execution-context'
import { revocationStoreContract } from '@user-execution-context/testing'
import { fileRevocationStore } from '../../src/login/file-revocation-store.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'revocations-'))
  path = join(directory, 'revocations.jsonl')
})
afterEach(() => rm(directory, { recursive: true }))

const record = (name: string, change: Partial<Tombstone> = {}): Tombstone => ({
  key: `session:${name}`,
  notBeforeMs: 1,
  untilMs: Date.now() + 3_600_000,
  reason: 'session_revoked',
  ...change,
})
const namesIn = async (): Promise<readonly string[]> =>
  ((await fileRevocationStore(directory)).tombstones ?? []).map(({ key }) => key.slice('session:'.length))
const size = async (): Promise<number> => (await stat(path)).size

describe('fileRevocationStore keeps the contract of a store of revocations', () => {
  const openNode = async () => ({ store: await fileRevocationStore(directory) })
  test.each(revocationStoreContract({ openNode, isShared: false }))('$name', async ({ run }) => run())
})

describe('fileRevocationStore', () => {
  test('keeps what liveSessions() revokes over a restart, for tokens with and without a session', async () => {
    const start = async (): Promise<readonly [LiveSessions, (facts: object) => Promise<VerifiedUser>]> => {
      const sessions = liveSessions({ maxProofMs: 60_000, store: await fileRevocationStore(directory) })
      const verify = (facts: object) => ({ userId: 'ada', issuedAtMs: 1000 + Date.now() - 1000, ...facts })
      return [sessions, identityProvider({ name: 'test', sessions, verify })]
    }
    const [sessions, signIn] = await start()
    const issuedAtMs = Date.now()
    const facts = [
      { sessionId: '1', tenantId: 'a', issuedAtMs },
      { userId: 'bob', issuedAtMs },
    ]
    const others = [
      { sessionId: '1', tenantId: 'b', issuedAtMs },
      { sessionId: '2', tenantId: 'a', issuedAtMs },
    ]
    for (const one of facts) await sessions.revoke({ session: await signIn(one) })
    const [, signInAgain] = await start()
    for (const one of facts)
      await expect(signInAgain(one)).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDENTITY_REVOKED' })
    for (const other of others) await expect(signInAgain(other)).resolves.toMatchObject({ userId: 'ada' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('makes no revocation weaker when the clock is set back, in the file of now and in one of before', async () => {
    const [strict, weak] = [
      record('1', { notBeforeMs: 9 }),
      record('1', { notBeforeMs: 5, untilMs: Date.now() + 99_999 }),
    ]
    const store = await fileRevocationStore(directory)
    for (const one of [strict, weak]) await store.write(one)
    expect((await fileRevocationStore(directory)).tombstones).toEqual([strict])
    // The later line counted: what a version before this one wrote.
    await writeFile(path, [strict, weak].map((one) => `${JSON.stringify(one)}\n`).join(''))
    expect((await fileRevocationStore(directory)).tombstones).toEqual([strict])
  })

  test('writes one line for a revocation, however many there are', async () => {
    const many = Array.from({ length: 50_000 }, (_, index) => `${JSON.stringify(record(`many-${index}`))}\n`)
    await writeFile(path, many.join(''))
    const store = await fileRevocationStore(directory)
    const before = await size()
    for (let index = 0; index < 20; index++) await store.write(record(`new-${index}`))
    const grown = (await size()) - before
    // The whole file is 6 MB.
    expect(grown).toBeGreaterThan(0)
    expect(grown).toBeLessThan(20 * 200)
  })

  test('writes the file anew without what no longer counts, once that is most of it', async () => {
    const store = await fileRevocationStore(directory)
    const writes: Promise<void>[] = []
    for (let index = 0; index < 1500; index++) writes.push(store.write(record('same')))
    await Promise.all(writes)
    expect(await size()).toBeLessThan(1100 * 120)
    expect(await namesIn()).toEqual(['same'])
  })

  test('forgets at the next time that it is written anew what no proof can outlive', async () => {
    await writeFile(
      path,
      `${JSON.stringify(record('old', { untilMs: Date.now() - 1 }))}\n${JSON.stringify(record('cut'))}`,
    )
    await (await fileRevocationStore(directory)).write(record('new'))
    expect(await readFile(path, 'utf8')).not.toContain('old')
    expect(await namesIn()).toEqual(['new'])
  })

  test('starts over a last line that a crash cut, which nobody was told of', async () => {
    const line = JSON.stringify(record('whole'))
    for (const cut of ['', '{', line.slice(0, 30), line]) {
      await writeFile(path, `${line}\n${cut}`)
      expect(await namesIn()).toEqual(['whole'])
    }
  })

  test.each(['{}', '[]', 'null', 'text', '{"key":7}', '{"key":"a","notBeforeMs":"1","untilMs":2}', ''])(
    'does not start over a line %j',
    async (line) => {
      await writeFile(path, `${line}\n${JSON.stringify(record('one'))}\n`)
      await expect(fileRevocationStore(directory)).rejects.toMatchObject({
        code: 'ERR_CONTEXT_STORE_UNREADABLE',
        issues: [{ path: 'revocations.jsonl', kind: 'does not fit' }],
      })
    },
  )

  test('rejects what the disk does not take, and writes it as soon as the disk takes it', async () => {
    const store = await fileRevocationStore(directory)
    // A directory where the file belongs: no write can succeed.
    await mkdir(path)
    await expect(store.write(record('first'))).rejects.toThrow()
    await expect(store.write(record('second'))).rejects.toThrow()
    await rmdir(path)
    await expect.poll(() => readFile(path, 'utf8').catch(() => ''), { timeout: 15_000 }).toContain('second')
    await store.write(record('third'))
    expect(await namesIn()).toEqual(['first', 'second', 'third'])
  }, 20_000)
  test('answers for a line that is on the disk, and for the first one when the name of the file is', async () => {
    const handle = await toHandlePrototype()
    const [line, whole] = [vi.spyOn(handle, 'datasync'), vi.spyOn(handle, 'sync')]
    const store = await fileRevocationStore(directory)
    await store.write(record('first'))
    // The file, and the directory that holds its name.
    expect([line.mock.calls.length, whole.mock.calls.length]).toEqual([0, process.platform === 'win32' ? 1 : 2])
    await store.write(record('second'))
    expect(line).toHaveBeenCalledTimes(1)
    vi.restoreAllMocks()
  })

  test('appends nothing to half a line that a full disk left', async () => {
    const store = await fileRevocationStore(directory)
    await store.write(record('first'))
    const handle = await toHandlePrototype()
    vi.spyOn(handle, 'appendFile').mockImplementationOnce(async function (this: typeof handle, text) {
      await this.write(String(text).slice(0, 10))
      throw new Error('ENOSPC')
    })
    await expect(store.write(record('second'))).rejects.toThrow('ENOSPC')
    await store.write(record('third'))
    expect(await namesIn()).toEqual(['first', 'second', 'third'])
    vi.restoreAllMocks()
  })

  test.each([{ key: 7 }, { key: undefined }, { untilMs: '1' }, { untilMs: null }, { notBeforeMs: null }])(
    'takes no line with %j',
    async (change) => {
      await writeFile(path, `${JSON.stringify({ ...record('one'), ...change })}\n`)
      await expect(fileRevocationStore(directory)).rejects.toMatchObject({ code: 'ERR_CONTEXT_STORE_UNREADABLE' })
    },
  )
})

async function toHandlePrototype(): Promise<Awaited<ReturnType<typeof open>>> {
  const handle = await open(join(directory, 'any'), 'w')
  await handle.close()
  return Object.getPrototypeOf(handle) as typeof handle
}
