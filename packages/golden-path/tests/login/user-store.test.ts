import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { userStoreContract } from '../../src/contracts.ts'
import { passwordHasher } from '../../src/login/password-hasher.ts'
import { fileUserStore } from '../../src/login/user-store.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'users-'))
})
afterEach(() => rm(directory, { recursive: true }))

const hasher = passwordHasher({ cost: 1024 })
const password = await hasher.toRecord('secret-canary')

describe('fileUserStore keeps the contract of a store of users', () => {
  test.each(userStoreContract(() => fileUserStore(directory)))('$name', ({ run }) => run())
})

describe('fileUserStore', () => {
  test('finds after a restart who was added before it', async () => {
    await (await fileUserStore(directory)).add({ userId: 'u-1', userName: 'ada', password, tenantId: 'acme' })
    const reopened = await fileUserStore(directory)
    expect(await reopened.find('ADA')).toEqual({ userId: 'u-1', userName: 'ada', password, tenantId: 'acme' })
    expect(await reopened.find('bob')).toBeUndefined()
  })

  test('keeps no password, and lets only its owner read the file', async () => {
    await (await fileUserStore(directory)).add({ userId: 'u-1', userName: 'ada', password })
    expect(await readFile(join(directory, 'users.json'), 'utf8')).not.toContain('secret-canary')
    expect((await stat(join(directory, 'users.json'))).mode & 0o777).toBe(0o600)
  })

  test('refuses a second user of the same name, also when both are added at once', async () => {
    const users = await fileUserStore(directory)
    const outcomes = await Promise.allSettled(
      ['ada', 'Ada'].map((userName, index) => users.add({ userId: `u-${index}`, userName, password })),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(outcomes[1]).toMatchObject({ reason: { code: 'ERR_CONTEXT_USER_EXISTS' } })
    expect(await users.count()).toBe(1)
  })

  test('refuses a second user of the same id under another name', async () => {
    const users = await fileUserStore(directory)
    await users.add({ userId: 'u-1', userName: 'ada', password })
    await expect(users.add({ userId: 'u-1', userName: 'bob', password })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_USER_EXISTS',
    })
    expect(await users.find('bob')).toBeUndefined()
  })

  test('shows nobody whom the disk did not take, and goes on when it takes others', async () => {
    const users = await fileUserStore(directory)
    // A directory where the new file belongs: no write can succeed.
    await mkdir(join(directory, 'users.json.new'))
    await expect(users.add({ userId: 'u-1', userName: 'ada', password })).rejects.toThrow()
    expect([await users.find('ada'), await users.count()]).toEqual([undefined, 0])
    await rmdir(join(directory, 'users.json.new'))
    await users.add({ userId: 'u-2', userName: 'bob', password })
    expect([await users.find('ada'), await users.count()]).toEqual([undefined, 1])
  })

  test('changes and removes a user durably, and finds by the name and the id of now', async () => {
    const users = await fileUserStore(directory)
    await users.add({ userId: 'u-1', userName: 'ada', password, permissions: ['a'] })
    await users.add({ userId: 'u-2', userName: 'bob', password })
    const before = await users.change('u-1', { userName: 'Countess', permissions: ['b'], isDisabled: true })
    expect(before).toEqual({ userId: 'u-1', userName: 'ada', password, permissions: ['a'] })
    expect(await users.remove('u-2')).toMatchObject({ userName: 'bob' })
    for (const store of [users, await fileUserStore(directory)]) {
      const after = { userId: 'u-1', userName: 'Countess', password, permissions: ['b'], isDisabled: true }
      expect([await store.find('COUNTESS'), await store.findById('u-1')]).toEqual([after, after])
      expect([await store.find('ada'), await store.find('bob'), await store.findById('u-2')]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
      expect(await store.count()).toBe(1)
    }
  })

  test('changes neither the id nor the tenant of a user, nor a user into one that exists', async () => {
    const users = await fileUserStore(directory)
    await users.add({ userId: 'u-1', userName: 'ada', password, tenantId: 'acme' })
    await users.add({ userId: 'u-2', userName: 'bob', password })
    await users.change('u-1', { userId: 'u-9', tenantId: 'other', isDisabled: false } as object)
    expect(await users.findById('u-1')).toMatchObject({ tenantId: 'acme', isDisabled: false })
    await expect(users.change('u-1', { userName: 'BOB' })).rejects.toMatchObject({ code: 'ERR_CONTEXT_USER_EXISTS' })
    await expect(users.change('u-1', { userName: 'a b' })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
    })
    expect(await users.find('ada')).toMatchObject({ userId: 'u-1' })
    for (const change of [users.change('u-3', {}), users.remove('u-3')])
      await expect(change).rejects.toMatchObject({ code: 'ERR_CONTEXT_USER_UNKNOWN' })
  })

  test.each([
    ['one id', [{}, { userName: 'bob' }], 'users[1].userId'],
    ['one name', [{}, { userId: 'u-2' }], 'users[1].userName'],
    ['one name in capitals', [{}, { userId: 'u-2', userName: 'ADA' }], 'users[1].userName'],
    [
      'one id, further on',
      [{}, { userId: 'u-2', userName: 'bob' }, { userId: 'u-2', userName: 'eve' }],
      'users[2].userId',
    ],
  ])('does not start over a file with two users of %s, and names the entry', async (_name, changes, place) => {
    const file = join(directory, 'users.json')
    const text = JSON.stringify({
      version: 1,
      users: changes.map((change) => ({ userId: 'u-1', userName: 'ada', password, ...change })),
    })
    await writeFile(file, text)
    await expect(fileUserStore(directory)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_STORE_UNREADABLE',
      issues: [{ path: `users.json ${place}`, kind: 'duplicate' }],
    })
    expect(await readFile(file, 'utf8')).toBe(text)
  })

  test.each([
    ['userName', { userName: 'a b' }],
    ['userName', { userName: '' }],
    ['userId', { userId: 'null' }],
    ['tenantId', { tenantId: '' }],
    ['permissions', { permissions: 'admin' as never }],
    ['isDisabled', { isDisabled: 'false' as never }],
  ])('refuses a user with a bad %s', async (path, change) => {
    const users = await fileUserStore(directory)
    await expect(users.add({ userId: 'u-1', userName: 'ada', password, ...change })).rejects.toMatchObject({
      code: 'ERR_CONTEXT_INVALID_OPTIONS',
      issues: [{ path }],
    })
    expect(await users.count()).toBe(0)
  })

  test.each(['', '{', '[]', '{"version":2,"users":[]}', '{"version":1,"users":[{"userId":"u-1"}]}'])(
    'refuses to start over a file that reads %s, and leaves it alone',
    async (text) => {
      await writeFile(join(directory, 'users.json'), text)
      await expect(fileUserStore(directory)).rejects.toMatchObject({ code: 'ERR_CONTEXT_STORE_UNREADABLE' })
      expect(await readFile(join(directory, 'users.json'), 'utf8')).toBe(text)
    },
  )

  test('ignores what a crash left beside the file', async () => {
    await (await fileUserStore(directory)).add({ userId: 'u-1', userName: 'ada', password })
    await writeFile(join(directory, 'users.json.new'), '{"version":1,"us')
    const reopened = await fileUserStore(directory)
    await reopened.add({ userId: 'u-2', userName: 'bob', password })
    expect(await (await fileUserStore(directory)).count()).toBe(2)
  })

  test('lets only its owner read the file, whatever the mode of what lay beside it', async () => {
    await writeFile(join(directory, 'users.json.new'), '')
    await chmod(join(directory, 'users.json.new'), 0o666)
    await (await fileUserStore(directory)).add({ userId: 'u-1', userName: 'ada', password })
    expect((await stat(join(directory, 'users.json'))).mode & 0o777).toBe(0o600)
  })

  test('has every acknowledged user after the process is killed in the middle of its writes', async () => {
    for (let round = 0; round < 5; round++) {
      const before = await (await fileUserStore(directory)).count()
      const acknowledged = await killWhileAdding(`r${round}`, 20 + round * 17)
      const after = await fileUserStore(directory)
      for (const userName of acknowledged) expect(await after.find(userName)).toMatchObject({ userName })
      // At most the one write that was under way may be there without having been acknowledged.
      expect((await after.count()) - before - acknowledged.length).toBeLessThanOrEqual(1)
      expect(acknowledged.length).toBeGreaterThan(0)
    }
  })
})

/** Adds users in another process, which is killed without warning a while after its first acknowledgement. */
function killWhileAdding(prefix: string, delayMs: number): Promise<string[]> {
  const script = `
    import { fileUserStore } from './dist/login/user-store.js'
    const users = await fileUserStore(process.argv[1])
    const filler = { algorithm: 'scrypt', cost: 1024, blockSize: 8, parallelism: 3, salt: 'x'.repeat(20000), hash: 'y' }
    for (let index = 0; ; index++) {
      const userName = '${prefix}-' + index
      await users.add({ userId: userName, userName, password: filler })
      process.stdout.write(userName + '\\n')
    }`
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), delayMs))
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', () => resolve(output.split('\n').slice(0, -1)))
  })
}
