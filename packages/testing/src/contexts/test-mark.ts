/**
 * The mark of every user that this package makes. It stands in `context.identity.reason`, in each log line and in each
 * audit record, so a context of a test is never taken for one of production.
 */
import type { IdentityOrigin } from 'user-execution-context'

/** Why no identity provider verified the user of a test. */
export const testReason = 'made by @user-execution-context/testing for a test'

/**
 * Whether an identity carries the mark. Messages and snapshots name such a user, because the id stands in the source of
 * the test; of every other user they print no id.
 */
export const isMadeForTest = (identity: IdentityOrigin): boolean =>
  identity.provider === 'vouched' && identity.reason === testReason
