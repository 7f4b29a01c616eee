/**
 * The golden path with an agent over the notes of each user, and a page, on one port over one data directory.
 */
import { join } from 'node:path'
import {
  openGoldenPathServer,
  type CloseOptions,
  type GoldenPathServerOptions,
} from '@user-execution-context/golden-path/server'
import { addFirstUsers, type FirstUser } from './first-users.ts'
import { fileNotes } from './notes-agent/file-notes.ts'
import { notesAgent } from './notes-agent/notes-agent.ts'
import { showContext } from './notes-agent/show-context.ts'
import { readPageAssets } from './page/page-assets.ts'
import { servePage } from './page/serve-page.ts'

/** Options of openNotesServer(): those of the golden path, whose agent defaults to the one over the notes. */
export type NotesServerOptions = Omit<GoldenPathServerOptions, 'agent' | 'dataDirectory'> &
  Partial<Pick<GoldenPathServerOptions, 'agent'>> & {
    /** Where users, notes, the signing secret and revocations are kept. */
    readonly dataDirectory: string
    /** 0 takes a free port. */
    readonly port: number
    /** Where it listens. Default: this machine alone, `127.0.0.1`. */
    readonly host?: string | undefined
  }

/** A server that listens. */
export type NotesServer = {
  /** Where it listens, such as `http://localhost:3000`. */
  readonly url: string
  /** Users that were made because there were none, with their passwords: to be shown once. */
  readonly firstUsers: readonly FirstUser[]
  /** Cancels runs, closes sockets, stops listening; with options, after a time of grace. */
  readonly close: (options?: CloseOptions) => Promise<void>
}

/** Opens the server. Rejects with what openGoldenPathServer() throws, and with Node's error when the port is taken. */
export const openNotesServer = async ({ port, host, ...options }: NotesServerOptions): Promise<NotesServer> => {
  const page = servePage(await readPageAssets())
  const agent = options.agent ?? showContext(notesAgent(fileNotes(join(options.dataDirectory, 'notes'))))
  const goldenPath = await openGoldenPathServer({ ...options, agent })
  try {
    const url = await goldenPath.listen({ port, host, fallback: page })
    // After the port is taken: a start that fails must not make users whose passwords were never shown.
    const firstUsers = goldenPath.users === undefined ? [] : await addFirstUsers(goldenPath.users)
    return { url, firstUsers, close: goldenPath.close }
  } catch (error) {
    // Before the lock is let go: it would serve on over data that another process may have by then.
    await goldenPath.close()
    throw error
  }
}
