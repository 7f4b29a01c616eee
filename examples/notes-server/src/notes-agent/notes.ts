/**
 * The notes of users: the port. Whose they are, the context alone says. There is no entry by an id.
 */
import type { UserExecutionContext } from 'user-execution-context'

/** One note. The text is the user's: do not log. */
export type Note = {
  /** Position in the user's notes, from 1. */
  readonly number: number
  readonly text: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** The notes of whoever the context is for. A signal that aborts ends what a store is waiting for. */
export type Notes = {
  /** Keeps a note durably. Resolves to undefined when the user has as many as the store keeps. */
  readonly add: (context: UserExecutionContext, text: string, signal?: AbortSignal) => Promise<Note | undefined>
  /** All notes, oldest first. */
  readonly list: (context: UserExecutionContext, signal?: AbortSignal) => Promise<readonly Note[]>
  /** The notes that hold every word, compared without case, oldest first. */
  readonly search: (
    context: UserExecutionContext,
    words: readonly string[],
    signal?: AbortSignal,
  ) => Promise<readonly Note[]>
}

/** Bounds of a store of notes. */
export type NotesBounds = {
  /** Notes of one user. Default 10,000. */
  readonly maxNotes?: number
}

/** The notes that hold every word, compared without case. */
export const findNotes = (notes: readonly Note[], words: readonly string[]): readonly Note[] => {
  const wanted = words.map((word) => word.toLowerCase())
  return notes.filter(({ text }) => wanted.every((word) => text.toLowerCase().includes(word)))
}
