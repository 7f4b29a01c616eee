// Verified users for tests, made the way any caller makes them: there is no second entry point for tests.
import type { VerifiedUser } from 'user-execution-context'
import { vouchForUser, type Vouching } from 'user-execution-context/restricted'

/** A verified user. */
export const newUser = (userId = 'user-1', facts: Omit<Vouching, 'reason'> = {}): VerifiedUser =>
  vouchForUser(userId, { ...facts, reason: 'unit test' })
