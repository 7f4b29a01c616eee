/**
 * What an import of the files of earlier starts has put aside, without one user.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { readTextIfPresent, replaceFile, type StoredUser } from '@user-execution-context/golden-path/login'
import { toUserDirectory } from '../notes-agent/file-notes.ts'

/** Removes the user's notes and account from the files that importNotes() and importUsers() have put aside. */
export const forgetFiles = async (directory: string, context: UserExecutionContext): Promise<void> => {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    if (name.startsWith('notes.imported.'))
      await rm(toUserDirectory(path, toOwnerKey(context)), { recursive: true, force: true })
    if (name.startsWith('users.json.imported.')) await forgetAccount(path, context.userId)
  }
}

async function forgetAccount(path: string, userId: string): Promise<void> {
  const content = JSON.parse((await readTextIfPresent(path)) ?? '{"users":[]}') as {
    readonly users: readonly StoredUser[]
  }
  const users = content.users.filter((user) => user.userId !== userId)
  if (users.length < content.users.length) await replaceFile(path, JSON.stringify({ ...content, users }))
}
