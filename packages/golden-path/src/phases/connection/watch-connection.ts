/**
 * Ends a connection with the identity of its user, with or without a server around it.
 */
import type { UserExecutionContext, VerifiedUser } from 'user-execution-context'
import { toOutlet, type Connection } from './connection.ts'

/**
 * Closes a connection with 4401 when an identity ends: that of its context, or of a newer proof of the same user, in
 * place of the one before. The caller has checked whose it is.
 */
export const watchConnection = (connection: Connection, identity: UserExecutionContext | VerifiedUser): void =>
  toOutlet(connection).watch(identity)
