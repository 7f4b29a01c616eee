/**
 * The two users of a new data directory, with passwords that are printed once and kept nowhere.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { isContextError } from 'user-execution-context'
import type { OwnUsers } from '@user-execution-context/golden-path/server'

/** A new user's credentials. Printed once, never logged. */
export type FirstUser = { readonly userName: string; readonly password: string }

/**
 * Adds two users to an empty store. Resolves to the credentials of those that it added: none when there are users
 * already. Of two processes that start at once over one store, each user is added by one, which knows the password.
 */
export const addFirstUsers = async ({ store, hasher }: OwnUsers): Promise<readonly FirstUser[]> => {
  if ((await store.count()) > 0) return []
  const firstUsers: FirstUser[] = []
  for (const userName of ['alice', 'bob']) {
    const password = newPassword()
    try {
      await store.add({ userId: randomUUID(), userName, password: await hasher.toRecord(password) })
      firstUsers.push({ userName, password })
    } catch (error) {
      if (!isContextError(error) || error.code !== 'ERR_CONTEXT_USER_EXISTS') throw error
    }
  }
  return firstUsers
}

/** 20 characters out of 32 that are not taken for one another: 100 random bits. */
function newPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const characters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)])
  return characters.join('').replace(/(.{5})(?=.)/g, '$1-')
}
