/**
 * The sessions of Streamable HTTP: each belongs to the user who opened it, and to the client application.
 *
 * A session id is no proof of anything. It is looked up together with the owner of the token that came with it, and
 * the application that the token names: another user's session, another application's, one that has ended and one that
 * never was are one and the same miss. It is not tied to the bytes of a token, which a refresh changes.
 */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import { randomUUID } from 'node:crypto'
import {
  addIdentityWatcher,
  removeIdentityWatcher,
  toOwnerKey,
  type UserExecutionContext,
} from 'user-execution-context'
import type { Admitted } from '../requests/gate.ts'
import { refuseRequest } from '../requests/refusals.ts'
import type { ServerParts } from './server-parts.ts'
import { newServer } from './user-server.ts'

/** The sessions of a server. */
export type Sessions = {
  readonly answer: (admitted: Admitted) => Promise<Response>
  readonly close: () => Promise<void>
}

type Owner = Pick<Admitted, 'context' | 'authInfo'>

/** Something of a session that ends with the identity that used it last. It watches one at a time. */
class Tied {
  #context: UserExecutionContext | undefined
  readonly #end: () => void

  constructor(end: () => void) {
    this.#end = end
  }

  tie(context: UserExecutionContext): void {
    this.release()
    this.#context = context
    addIdentityWatcher(context, this)
  }

  release(): void {
    if (this.#context !== undefined) removeIdentityWatcher(this.#context, this)
    this.#context = undefined
  }

  identityEnded(): void {
    this.#context = undefined
    this.#end()
  }
}

type Session = {
  readonly ownerKey: string
  readonly clientId: string
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly end: () => Promise<void>
  /** To the token that came last. */
  readonly life: Tied
  /** To the token that opened it: its stream of notifications, which may outlast many tokens. */
  readonly stream: Tied
  usedAtMs: number
  /** Requests that are not answered to their end, and open streams. */
  inUse: number
}

/** Makes the registry of sessions. */
export const newSessions = (parts: ServerParts): Sessions => {
  const { settings, load } = parts
  /** By their last use, the one that is unused for longest first. */
  const sessions = new Map<string, Session>()
  let isClosed = false

  const open = async ({ context, authInfo }: Owner, release: () => void): Promise<Session> => {
    const server = newServer(context, parts)
    let id: string | undefined
    const end = async (): Promise<void> => {
      if (id !== undefined) sessions.delete(id)
      session.life.release()
      session.stream.release()
      release()
      await server.close().catch(settings.report)
    }
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: settings.limits.bodyBytes,
      onsessioninitialized: (newId) => {
        id = newId
        sessions.set(newId, session)
        // It was admitted before close(), which has not seen it.
        if (isClosed) void end()
      },
      onsessionclosed: end,
    })
    const session: Session = {
      ownerKey: toOwnerKey(context),
      clientId: authInfo.clientId,
      transport,
      end,
      life: new Tied(() => void end()),
      stream: new Tied(() => transport.closeStandaloneSSEStream()),
      usedAtMs: performance.now(),
      inUse: 0,
    }
    await server.connect(transport as Parameters<typeof server.connect>[0])
    return session
  }

  const find = (id: string, { context, authInfo }: Owner): Session | undefined => {
    const session = sessions.get(id)
    if (session?.ownerKey !== toOwnerKey(context) || session.clientId !== authInfo.clientId) return undefined
    session.usedAtMs = performance.now()
    sessions.delete(id)
    sessions.set(id, session)
    return session
  }

  const endIdle = (): void => {
    const usedBeforeMs = performance.now() - settings.limits.idleSessionMs
    for (const session of sessions.values()) {
      if (session.usedAtMs >= usedBeforeMs) return
      // A call may take longer than a session may be idle.
      if (session.inUse === 0) void session.end()
    }
  }

  const whileUsed = async (session: Session, handle: () => Promise<Response>): Promise<Response> => {
    session.inUse++
    let isLeft = false
    const leave = (): void => {
      // A reader that is cancelled comes to its end, too.
      if (isLeft) return
      isLeft = true
      session.inUse--
      session.usedAtMs = performance.now()
      const id = session.transport.sessionId
      if (id === undefined || sessions.get(id) !== session) return
      sessions.delete(id)
      sessions.set(id, session)
    }
    try {
      return onEnd(await handle(), leave)
    } catch (error) {
      leave()
      throw error
    }
  }

  const answer = async (admitted: Admitted): Promise<Response> => {
    endIdle()
    const { request, context, authInfo, body } = admitted
    const id = request.headers.get('mcp-session-id')
    let session = id === null ? undefined : find(id, admitted)
    if (id !== null && session === undefined) return refuseRequest(404, -32_001, 'Session not found')
    if (session === undefined) {
      if (!isInitializeRequest(body))
        return refuseRequest(400, -32_000, 'Bad Request: Mcp-Session-Id header is required')
      let release: () => void
      try {
        release = load.hold(context, 'sessions')
      } catch (error) {
        settings.report(error)
        return refuseRequest(429, -32_000, 'Too many sessions. Close one.', { headers: { 'retry-after': '60' } })
      }
      try {
        session = await open(admitted, release)
      } catch (error) {
        // A place that nobody gives back is gone for good: what configure() throws at times would shut a user out.
        release()
        throw error
      }
    }
    // The token that came last decides how long a session lives.
    session.life.tie(context)
    const { transport } = session
    const handle = (): Promise<Response> => transport.handleRequest(request, { authInfo, parsedBody: body })
    const response = await whileUsed(session, handle).finally(async () => {
      // An initialization that was refused, or that failed, has made no session.
      if (id === null && transport.sessionId === undefined) await session.end()
    })
    if (request.method === 'GET' && response.status === 200) session.stream.tie(context)
    return response
  }

  return Object.freeze({
    answer,
    close: async () => {
      isClosed = true
      await Promise.all(Array.from(sessions.values(), ({ end }) => end()))
    },
  })
}

/** The same answer, which calls back once when its body has come to its end, has failed or is given up. */
function onEnd(response: Response, end: () => void): Response {
  // Nobody need read why a request was refused, and nothing runs behind it.
  if (response.body === null || !response.ok) {
    end()
    return response
  }
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        end()
        controller.close()
      } catch (error) {
        end()
        controller.error(error)
      }
    },
    cancel: (reason) => {
      end()
      return reader.cancel(reason)
    },
  })
  return new Response(body, response)
}
