/**
 * What every store of users must do, as cases that any test runner can run.
 */
import { deepEqual, equal } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { StoredUser } from '../login/stored-user.ts'
import type { UserStore } from '../login/user-store.ts'
import { refusalOf, type ContractCase } from './contract-case.ts'

// A record as passwordHasher() makes it. No case compares a password with it.
const password: StoredUser['password'] = {
  ...{ algorithm: 'scrypt', cost: 16_384, blockSize: 8, parallelism: 1 },
  ...{ salt: 'c2FsdC1vZi10aGUtY2FzZQ', hash: 'aGFzaC1vZi10aGUtY2FzZS1vZi0zMi1ieXRlcy1oZXJl' },
}

const newUser = (more: Partial<StoredUser> = {}): StoredUser => {
  const id = randomUUID()
  return { userId: id, userName: `Name-${id}`, password, ...more }
}

/**
 * The cases for a store of users.
 *
 * @param openStore - Gives the same store each time, opened anew where it can be. It may have users already: each case
 *   adds users of its own.
 * @example
 * ```ts
 * import { fileUserStore } from '@user-execution-context/golden-path/login'
 * import { userStoreContract } from '@user-execution-context/golden-path/contracts'
 *
 * for (const { run } of userStoreContract(() => fileUserStore('.data'))) await run()
 * ```
 */
export const userStoreContract = (openStore: () => UserStore | Promise<UserStore>): readonly ContractCase[] => {
  const newCase = (name: string, check: (store: UserStore, user: StoredUser) => Promise<void>): ContractCase => ({
    name,
    run: async () => check(await openStore(), newUser()),
  })
  return [
    newCase('finds by name in any case and by id who was added, when it is opened anew', async (store) => {
      const user = newUser({ tenantId: 'acme', permissions: ['notes:read', 'é'], isDisabled: false })
      await store.add(user)
      const again = await openStore()
      const { userId, userName } = user
      for (const name of [userName, userName.toUpperCase(), userName.toLowerCase()])
        deepEqual(await again.find(name), user)
      deepEqual(await again.findById(userId), user)
    }),
    newCase('finds nobody whom it does not have', async (store, user) => {
      for (const name of [user.userName, '', '%', 'a\0b', 'constructor', '__proto__'])
        equal(await store.find(name), undefined)
      for (const id of [user.userId, '', '%', 'a\0b', 'constructor', '__proto__'])
        equal(await store.findById(id), undefined)
    }),
    newCase('gives no key that a user was stored without', async (store, user) => {
      await store.add(user)
      deepEqual(Object.keys((await store.find(user.userName))!).toSorted(), ['password', 'userId', 'userName'])
    }),
    newCase('keeps one of many of the same name that are added at once', async (store, { userName }) => {
      const before = await store.count()
      const names = [userName, userName.toUpperCase(), userName.toLowerCase(), userName]
      const added = await Promise.allSettled(names.map((name) => store.add(newUser({ userName: name }))))
      const refusals = added.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
      deepEqual(refusals, Array(3).fill('ERR_CONTEXT_USER_EXISTS'))
      equal(await store.count(), before + 1)
    }),
    newCase('refuses the id of another user under another name', async (store, user) => {
      await store.add(user)
      const other = newUser({ userId: user.userId })
      equal(await refusalOf(() => store.add(other)), 'ERR_CONTEXT_USER_EXISTS')
      equal(await store.find(other.userName), undefined)
    }),
    newCase('changes a user, and gives the one before', async (store, user) => {
      await store.add(user)
      const change = { userName: newUser().userName, permissions: ['b'], isDisabled: true }
      deepEqual(await store.change(user.userId, change), user)
      const again = await openStore()
      deepEqual(await again.find(change.userName), { ...user, ...change })
      deepEqual(await again.findById(user.userId), { ...user, ...change })
      equal(await again.find(user.userName), undefined)
    }),
    newCase('changes neither id nor tenant', async (store, user) => {
      await store.add({ ...user, tenantId: 'acme' })
      const change = { userId: 'other', tenantId: 'rival', isDisabled: true }
      await store.change(user.userId, change as object)
      deepEqual(await store.findById(user.userId), { ...user, tenantId: 'acme', isDisabled: true })
      equal(await store.findById('other'), undefined)
    }),
    newCase(
      'refuses the name of another user in a change, and lets a user write theirs otherwise',
      async (store, user) => {
        const other = newUser()
        await store.add(user)
        await store.add(other)
        const taken = other.userName.toUpperCase()
        equal(await refusalOf(() => store.change(user.userId, { userName: taken })), 'ERR_CONTEXT_USER_EXISTS')
        await store.change(user.userId, { userName: user.userName.toUpperCase() })
        equal((await store.find(user.userName))?.userId, user.userId)
        equal((await store.find(taken))?.userId, other.userId)
      },
    ),
    newCase('loses no change of two at once', async (store, user) => {
      await store.add(user)
      await Promise.all([
        store.change(user.userId, { permissions: ['a'] }),
        store.change(user.userId, { isDisabled: true }),
      ])
      deepEqual(await store.findById(user.userId), { ...user, permissions: ['a'], isDisabled: true })
    }),
    newCase('removes a user, gives them, and has room for the name again', async (store, user) => {
      await store.add(user)
      const before = await store.count()
      deepEqual(await store.remove(user.userId), user)
      const again = await openStore()
      deepEqual([await again.find(user.userName), await again.findById(user.userId)], [undefined, undefined])
      equal(await again.count(), before - 1)
      await again.add(newUser({ userName: user.userName }))
    }),
    newCase('refuses to change or remove whom it does not have', async (store, { userId }) => {
      equal(await refusalOf(() => store.change(userId, { isDisabled: true })), 'ERR_CONTEXT_USER_UNKNOWN')
      equal(await refusalOf(() => store.remove(userId)), 'ERR_CONTEXT_USER_UNKNOWN')
    }),
    newCase('refuses what is no user, and keeps nothing of it', async (store, user) => {
      const faults: readonly object[] = [
        { userId: '' },
        { userId: 7 },
        { userId: 'a\nb' },
        { userName: '' },
        { userName: 'two words' },
        { userName: 'a\0b' },
        { tenantId: 'a b' },
        { password: 'secret' },
        { permissions: 'all' },
        { isDisabled: 'yes' },
      ]
      await store.add(user)
      const before = await store.count()
      for (const fault of faults) {
        const other = newUser(fault as Partial<StoredUser>)
        equal(await refusalOf(() => store.add(other)), 'ERR_CONTEXT_INVALID_OPTIONS')
        if ('userId' in fault || 'tenantId' in fault) continue
        equal(await refusalOf(() => store.change(user.userId, fault)), 'ERR_CONTEXT_INVALID_OPTIONS')
      }
      equal(await store.count(), before)
      deepEqual(await store.findById(user.userId), user)
    }),
  ]
}
