/**
 * Notes in files: one for each user, found by the context alone.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ContextError, requireContext, toOwnerKey, type UserExecutionContext } from 'user-execution-context'
import { readTextIfPresent, replaceFile } from '@user-execution-context/golden-path/login'
import { findNotes, type Note, type Notes, type NotesBounds } from './notes.ts'

const fileName = 'notes.json'

/**
 * Opens the notes of a directory. One process at a time. Rejections: `ERR_CONTEXT_NOT_ISSUED`,
 * `ERR_CONTEXT_STORE_UNREADABLE`.
 */
export const fileNotes = (directory: string, { maxNotes = 10_000 }: NotesBounds = {}): Notes => {
  // Only of users with a write under way: the next write of a user waits for the last one.
  const lastWrites = new Map<string, Promise<unknown>>()

  const list = async (context: UserExecutionContext): Promise<readonly Note[]> =>
    parseNotes(await readTextIfPresent(join(toUserDirectory(directory, toOwnerKey(context)), fileName)))

  const add = async (context: UserExecutionContext, text: string): Promise<Note | undefined> => {
    const notes = await list(context)
    if (notes.length >= maxNotes) return undefined
    const note: Note = { number: notes.length + 1, text, createdAt: new Date().toISOString() }
    const userDirectory = toUserDirectory(directory, toOwnerKey(context))
    await mkdir(userDirectory, { recursive: true, mode: 0o700 })
    await replaceFile(join(userDirectory, fileName), JSON.stringify({ version: 1, notes: [...notes, note] }))
    return note
  }

  return Object.freeze({
    list: async (context: UserExecutionContext) => {
      requireContext(context)
      return list(context)
    },
    search: async (context: UserExecutionContext, words: readonly string[]) => {
      requireContext(context)
      return findNotes(await list(context), words)
    },
    add: async (context: UserExecutionContext, text: string) => {
      requireContext(context)
      const ownerKey = toOwnerKey(context)
      const write = (lastWrites.get(ownerKey) ?? Promise.resolve()).then(() => add(context, text))
      const settled = write.then(
        () => undefined,
        () => undefined,
      )
      lastWrites.set(ownerKey, settled)
      void settled.then(() => {
        if (lastWrites.get(ownerKey) === settled) lastWrites.delete(ownerKey)
      })
      return write
    },
  })
}

/**
 * All notes of a directory, for a program that moves them. Each comes with the owner key that its directory names.
 * Rejects with `ERR_CONTEXT_STORE_UNREADABLE`.
 */
export const readAllNotes = async (
  directory: string,
): Promise<readonly { readonly ownerKey: string; readonly notes: readonly Note[] }[]> => {
  const files = (await readdir(directory, { recursive: true })).filter((path) => /(?:^|[\\/])notes\.json$/.test(path))
  return Promise.all(
    files.map(async (path) => {
      const pieces = path.split(/[\\/]/).slice(0, -1)
      const ownerKey = Buffer.from(pieces.join(''), 'hex').toString('utf8')
      return { ownerKey, notes: parseNotes(await readTextIfPresent(join(directory, path))) }
    }),
  )
}

/**
 * The directory of a user. Hexadecimal, because base64url and the ids themselves differ in case only, which some file
 * systems do not see; in pieces, because names are bounded. Different users never share one: `notes.json` is no piece.
 */
export const toUserDirectory = (directory: string, ownerKey: string): string => {
  const pieces =
    Buffer.from(ownerKey, 'utf8')
      .toString('hex')
      .match(/.{1,200}/g) ?? []
  return join(directory, ...pieces)
}

function parseNotes(text: string | undefined): readonly Note[] {
  if (text === undefined) return []
  try {
    const content: unknown = JSON.parse(text)
    if (isNotesFile(content)) return content.notes
  } catch {
    // Falls through: what JSON.parse says would quote the user's text.
  }
  throw new ContextError('ERR_CONTEXT_STORE_UNREADABLE', { issues: [{ path: fileName, kind: 'does not fit' }] })
}

function isNotesFile(content: unknown): content is { readonly version: 1; readonly notes: Note[] } {
  if (typeof content !== 'object' || content === null) return false
  const { version, notes } = content as { readonly version?: unknown; readonly notes?: unknown }
  return version === 1 && Array.isArray(notes)
}
