// What the file-backed stores accept of a file: what they wrote, and nothing that only looks like it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import { fileUserStore } from '../../src/login/user-store.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shapes-'))
})
afterEach(() => rm(directory, { recursive: true }))

const password = await passwordHasher({ cost: 1024 }).toRecord('secret')
const user = { userId: 'u-1', userName: 'ada', password }
const unreadable = { code: 'ERR_CONTEXT_STORE_UNREADABLE' }

describe('fileUserStore', () => {
  const open = async (content: unknown) => {
    await writeFile(join(directory, 'users.json'), JSON.stringify(content))
    return fileUserStore(directory)
  }

  test('opens the file that it wrote', async () => {
    expect(await (await open({ version: 1, users: [user] })).find('ada')).toEqual(user)
  })

  test.each([
    ['another version', { version: 2, users: [] }],
    ['no version', { users: [] }],
    ['no users', { version: 1 }],
    ['users by name', { version: 1, users: { ada: user } }],
    ['a user that is null', { version: 1, users: [user, null] }],
    ['a user without an id', { version: 1, users: [{ ...user, userId: undefined }] }],
    ['a user without a name', { version: 1, users: [{ ...user, userName: undefined }] }],
    ['a list', [{ version: 1, users: [] }]],
    ['nothing but null', null],
  ])('does not start over a file with %s', async (_what, content) => {
    await expect(open(content)).rejects.toMatchObject(unreadable)
  })

  test.each<[string, unknown]>([
    ['a password in clear', 'secret'],
    ['no password', null],
    ['no hash', { ...password, hash: undefined }],
    ['a hash that is a number', { ...password, hash: 7 }],
    ['no salt', { ...password, salt: undefined }],
    ['a salt that is a number', { ...password, salt: 7 }],
    ['another algorithm', { ...password, algorithm: 'md5' }],
    ['no cost', { ...password, cost: undefined }],
    ['a cost of one', { ...password, cost: 1 }],
    ['a cost that is no power of two', { ...password, cost: 1000 }],
    ['a block size of nothing', { ...password, blockSize: 0 }],
    ['half a parallelism', { ...password, parallelism: 0.5 }],
  ])('takes no password record of %s, from a file or from a caller', async (_what, record) => {
    const broken = { ...user, password: record }
    await expect(open({ version: 1, users: [broken] })).rejects.toMatchObject(unreadable)
    await rm(join(directory, 'users.json'))
    const store = await fileUserStore(directory)
    await expect(store.add(broken as typeof user)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [{ path: 'password' }],
    })
    expect(await store.count()).toBe(0)
  })
})
