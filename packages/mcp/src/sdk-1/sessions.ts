/**
 * The sessions of Streamable HTTP: each belongs to the user who opened it.
 *
 * A session id is no proof of anything. It is looked up together with the owner of the token that came with it: another
 * user's session, one that has ended and one that never was are one and the same miss. It is not tied to the bytes of a
 * token, which a refresh changes.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import { randomUUID } from 'node:crypto'
import { isContextError, toOwnerKey, watchIdentity, type UserExecutionContext } from 'user-execution-context'
import type { Admitted } from '../requests/gate.ts'
import { refuseRequest } from '../requests/refusals.ts'
import type { ServerParts } from './server-parts.ts'
import { newServer } from './user-server.ts'

/** The sessions of a server. */
export type Sessions = {
  readonly answer: (admitted: Admitted) => Promise<Response>
  readonly close: () => Promise<void>
}

type Session = {
  readonly ownerKey: string
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly end: () => Promise<void>
  usedAtMs: number
  stopWatching: () => void
}

/** Makes the registry of sessions. */
export const newSessions = (parts: ServerParts): Sessions => {
  const { settings, load } = parts
  const sessions = new Map<string, Session>()

  const open = async (context: UserExecutionContext): Promise<Session> => {
    const release = load.hold(context, 'sessions')
    const server = newServer(context, parts)
    let id: string | undefined
    const end = async (): Promise<void> => {
      if (id !== undefined) sessions.delete(id)
      session.stopWatching()
      release()
      await server.close().catch(settings.report)
    }
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: settings.limits.bodyBytes,
      onsessioninitialized: (newId) => {
        id = newId
        sessions.set(newId, session)
      },
      onsessionclosed: end,
    })
    const session: Session = {
      ownerKey: toOwnerKey(context),
      transport,
      end,
      usedAtMs: performance.now(),
      stopWatching: () => undefined,
    }
    await server.connect(transport as Parameters<typeof server.connect>[0])
    return session
  }

  /** The token that came last decides how long a session lives. */
  const use = (session: Session, context: UserExecutionContext): void => {
    session.usedAtMs = performance.now()
    session.stopWatching()
    session.stopWatching = watchIdentity(context, () => void session.end())
  }

  const endIdle = (): void => {
    const usedBeforeMs = performance.now() - settings.limits.idleSessionMs
    for (const session of sessions.values()) if (session.usedAtMs < usedBeforeMs) void session.end()
  }

  const answer = async ({ request, context, authInfo, body }: Admitted): Promise<Response> => {
    endIdle()
    const id = request.headers.get('mcp-session-id')
    let session = id === null ? undefined : sessions.get(id)
    if (id !== null && (session === undefined || session.ownerKey !== toOwnerKey(context)))
      return refuseRequest(404, -32_001, 'Session not found')
    if (session === undefined) {
      if (!isInitializeRequest(body))
        return refuseRequest(400, -32_000, 'Bad Request: Mcp-Session-Id header is required')
      try {
        session = await open(context)
      } catch (error) {
        settings.report(error)
        if (!isContextError(error)) throw error
        return refuseRequest(429, -32_000, 'Too many sessions. Close one.', { headers: { 'retry-after': '60' } })
      }
    }
    use(session, context)
    const response = await session.transport.handleRequest(request, { authInfo, parsedBody: body })
    // An initialization that was refused has made no session.
    if (id === null && session.transport.sessionId === undefined) await session.end()
    return response
  }

  return Object.freeze({
    answer,
    close: async () => {
      await Promise.all(Array.from(sessions.values(), ({ end }) => end()))
    },
  })
}
