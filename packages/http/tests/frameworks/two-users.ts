/**
 * Two users whose token is their id, and the servers that they ask. For tests only.
 */
import type { Server } from 'node:http'
import { identityProvider } from 'user-execution-context'
import { afterEach } from 'vitest'
import { portOf } from './client.ts'

export const identity = identityProvider({
  name: 'tokens',
  verify: (token: string) => (['ada', 'bob'].includes(token) ? { userId: token } : undefined),
})

/** A function that gives the port of a server, which is closed with all its connections after the test. */
export const closeAfterEach = (): ((server: Server) => Promise<number>) => {
  const opened: Server[] = []
  afterEach(async () => {
    for (const server of opened.splice(0)) {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    }
  })
  return (server) => {
    opened.push(server)
    return portOf(server)
  }
}
