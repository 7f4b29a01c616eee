/**
 * The users of a server that has users of its own.
 */
import type { PasswordHasher } from '../login/password-hasher.ts'
import type { UserStore } from '../login/user-store.ts'

/** Where the users are kept, and what makes their password records. */
export type OwnUsers = { readonly store: UserStore; readonly hasher: PasswordHasher }
