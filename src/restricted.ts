/**
 * The entry point that needs a review: making a user without an identity provider. Every import of it is easy to find.
 */
export { vouchForUser, type Unbranded } from './identity/verified-user.ts'
export type { Vouching } from './identity/vouching.ts'
