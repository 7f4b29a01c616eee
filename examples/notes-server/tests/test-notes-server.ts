/**
 * The notes server on a free port over a directory of its own, with two users whose passwords are known. For tests
 * only.
 */
import {
  openTestServer,
  type TestServer,
  type TestServerOptions,
} from '../../../packages/golden-path/tests/server/test-server.ts'
import { openNotesServer } from '../src/open-notes-server.ts'

export type { TestServer } from '../../../packages/golden-path/tests/server/test-server.ts'

/** Without a queue: the sources of the golden path and its built form each have a sealed class of their own there. */
export type TestNotesServerOptions = Omit<TestServerOptions, 'runQueue'>

/** Opens a server. Its agent is the one over the notes unless the options name another. */
export const openTestNotesServer = ({ agent, ...options }: TestNotesServerOptions = {}): Promise<TestServer> =>
  openTestServer(options, ({ agent: _agent, runQueue: _runQueue, ...given }) =>
    openNotesServer({ ...given, ...(agent && { agent }), port: 0 }),
  )
