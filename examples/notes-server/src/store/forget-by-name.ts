/**
 * Removes a user of this server, with everything that is kept of them.
 */
import { ContextError, createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import type { UserStore } from '@user-execution-context/golden-path/login'
import { forgetUser, type ForgetUserOptions, type ForgottenUser } from '@user-execution-context/postgres'
import { notesTable } from '../notes-agent/postgres-notes.ts'
import { forgetFiles } from './forget-files.ts'

/** What openGoldenPathServer() calls its own users. */
const namespace = 'user-execution-context'

/** Where what is kept of a user is kept. */
export type ForgetParts = Pick<ForgetUserOptions, 'postgres' | 'wakes' | 'sessions'> & {
  readonly users: UserStore
  readonly dataDirectory: string
}

/**
 * Removes the user: account, sessions, runs, threads and notes. They go in one transaction. After a failure the user is
 * still there, disabled, and it can be called again. Rejects with `ERR_CONTEXT_USER_UNKNOWN`, and with what
 * forgetUser() throws.
 */
export const forgetByName = async (
  userName: string,
  { users, dataDirectory, ...options }: ForgetParts,
): Promise<ForgottenUser> => {
  const user = await users.find(userName)
  if (user === undefined) throw new ContextError('ERR_CONTEXT_USER_UNKNOWN')
  const { userId, tenantId } = user
  // Nobody signs in from here on: what a new session began would not be seen by the removal.
  await users.change(userId, { isDisabled: true })
  const ofTenant = tenantId === undefined ? {} : { tenantId }
  const context = createForUser(
    vouchForUser(userId, { reason: 'an administrator removes this user', namespace, ...ofTenant }),
  )
  await forgetFiles(dataDirectory, context)
  return forgetUser(context, { ...options, tables: [notesTable] })
}
