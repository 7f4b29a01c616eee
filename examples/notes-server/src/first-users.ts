/**
 * The two users of a new data directory, with passwords that are printed once and kept nowhere.
 */
import { randomInt, randomUUID } from 'node:crypto'
import type { OwnUsers } from '@user-execution-context/golden-path/server'

/** A new user's credentials. Printed once, never logged. */
export type FirstUser = { readonly userName: string; readonly password: string }

/** Adds two users to an empty store. Resolves to their credentials, or to none when there are users already. */
export const addFirstUsers = async ({ store, hasher }: OwnUsers): Promise<readonly FirstUser[]> => {
  if ((await store.count()) > 0) return []
  const firstUsers = ['alice', 'bob'].map((userName) => ({ userName, password: newPassword() }))
  for (const { userName, password } of firstUsers) {
    await store.add({ userId: randomUUID(), userName, password: await hasher.toRecord(password) })
  }
  return firstUsers
}

/** 20 characters out of 32 that are not taken for one another: 100 random bits. */
function newPassword(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  const characters = Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)])
  return characters.join('').replace(/(.{5})(?=.)/g, '$1-')
}
