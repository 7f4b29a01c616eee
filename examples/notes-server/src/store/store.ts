/**
 * Where runs and notes are kept, open.
 */
import { join } from 'node:path'
import type { GoldenPathServerOptions } from '@user-execution-context/golden-path/server'
import type { ForgottenUser } from '@user-execution-context/postgres'
import { fileNotes } from '../notes-agent/file-notes.ts'
import type { Notes } from '../notes-agent/notes.ts'

/** What a server of the notes is opened on. */
export type Store = {
  /** Where runs are kept, in a sentence for the terminal. */
  readonly place: string
  /** Options of openNotesServer(). */
  readonly ports: Pick<
    GoldenPathServerOptions,
    'eventLog' | 'runQueue' | 'startKeys' | 'sessions' | 'users' | 'tickets' | 'attempts' | 'readinessNote'
  >
  readonly notes: Notes
  /** Removes the user of a name with everything that is kept of them. Missing for what is kept in files. */
  readonly forget?: (userName: string) => Promise<ForgottenUser>
  /** Closes it, after the server that works on it. */
  readonly close: () => Promise<void>
}

/** Runs in the memory of this process; notes and sign-outs in files of the data directory. */
export const memoryStore = (dataDirectory: string): Store => ({
  place: 'Runs are kept in the memory of this process, as UEC_STORE=memory asks, and end with it.',
  ports: {},
  notes: fileNotes(join(dataDirectory, 'notes')),
  close: async () => {},
})
