import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passwordHasher, type UserStore } from '@user-execution-context/golden-path/login'
import type { OwnUsers } from '@user-execution-context/golden-path/server'
import { openEmbeddedPostgres, openPostgres, postgresUsers } from '@user-execution-context/postgres'
import { describe, expect, test } from 'vitest'
import { addFirstUsers } from '../src/first-users.ts'

describe('addFirstUsers', () => {
  test('makes each user once, and its maker alone says the password, of processes that start at once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'first-'))
    await chmod(directory, 0o711)
    const server = await openEmbeddedPostgres({ directory: join(directory, 'postgres') })
    const postgres = await openPostgres({ connections: server.connections })
    try {
      const store = postgresUsers(postgres.service)
      const hasher = passwordHasher()
      // All have looked before the first adds: nobody is there.
      let looked = 0
      let goOn!: () => void
      const all = new Promise<void>((resolve) => (goOn = resolve))
      const count = async (): Promise<number> => {
        const found = await store.count()
        if (++looked === 3) goOn()
        await all
        return found
      }
      const raced: UserStore = { ...store, count }
      const users = { store: raced, hasher } as OwnUsers
      const made = (await Promise.all([1, 2, 3].map(() => addFirstUsers(users)))).flat()
      expect(made.map(({ userName }) => userName).sort()).toEqual(['alice', 'bob'])
      expect(await store.count()).toBe(2)
      for (const { userName, password } of made) {
        const user = await store.find(userName)
        expect(await hasher.isMatch(password, user!.password)).toBe(true)
      }
      expect(await addFirstUsers({ store, hasher } as OwnUsers)).toEqual([])
    } finally {
      await postgres.close()
      await server.close()
      await rm(directory, { recursive: true })
    }
  }, 120_000)

  test('throws what else keeps the store from adding them', async () => {
    const store = { count: async () => 0, add: () => Promise.reject(new Error('no disk')) } as unknown as UserStore
    await expect(addFirstUsers({ store, hasher: passwordHasher() } as OwnUsers)).rejects.toThrow('no disk')
  })
})
