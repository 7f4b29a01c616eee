// Verified users for tests, made the way any caller makes them: tests have no entry point of their own.
import { vouchForUser, type VerifiedUser } from '../src/identity/verified-user.ts'
import type { Vouching } from '../src/identity/vouching.ts'

/** A verified user. */
export const newUser = (userId = 'user-1', facts: Omit<Vouching, 'reason'> = {}): VerifiedUser =>
  vouchForUser(userId, { ...facts, reason: 'unit test' })
