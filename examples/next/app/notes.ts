import 'server-only'
import { toOwnerKey, type UserExecutionContext } from 'user-execution-context'

const shared = globalThis as { notes?: Map<string, readonly string[]> }
const notes = (shared.notes ??= new Map())

/** Adds a note of a user, and gives all that this user has. */
export const addNote = (context: UserExecutionContext, text: string): readonly string[] => {
  const own = [...(notes.get(toOwnerKey(context)) ?? []), text]
  notes.set(toOwnerKey(context), own)
  return own
}
