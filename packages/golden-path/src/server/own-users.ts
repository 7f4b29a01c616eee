/**
 * The users of a server that has users of its own.
 */
import type { PasswordHasher } from '../login/password-hasher.ts'
import type { UserAccounts } from '../login/user-accounts.ts'
import type { UserStore } from '../login/user-store.ts'

/** Where the users are kept, what makes their password records, and what changes them and ends what was made before. */
export type OwnUsers = { readonly store: UserStore; readonly hasher: PasswordHasher; readonly accounts: UserAccounts }
