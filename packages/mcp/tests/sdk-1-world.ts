// A server on SDK 1 that is asked by Requests, without a socket, so that a test says what each of them holds.
import { liveSessions, type LiveSessions } from 'user-execution-context'
import { mcpContexts, type McpContexts, type McpContextsOptions } from '../src/sdk-1.ts'
import { newIdentity, tokenOf, type Claims } from './world.ts'

const resource = 'https://notes.example.com/mcp'

/** What a server answers to a request. */
export type Answer = {
  readonly result?: Readonly<Record<string, unknown>> & { readonly isError?: boolean }
  readonly error?: { readonly code: number; readonly message: string }
}
export type Sdk1World = {
  readonly contexts: McpContexts
  readonly sessions: LiveSessions
  readonly errors: { readonly code?: string; readonly message: string }[]
  /** Sends a request, or ends or streams a session by the method of HTTP. */
  readonly send: (
    claims: Claims,
    session: string | undefined,
    body: object | 'GET' | 'DELETE' | 'HEAD',
  ) => Promise<Response>
  /** Opens a session. Gives its id. */
  readonly begin: (claims: Claims) => Promise<string>
  /** Sends a request in a session. */
  readonly ask: (claims: Claims, session: string, method: string, params?: object, id?: number) => Promise<Answer>
}

const initialization = {
  protocolVersion: '2025-11-25',
  capabilities: { elicitation: {} },
  clientInfo: { name: 'raw', version: '1.0.0' },
}

/** Opens a server. */
export function openSdk1(
  register: (contexts: McpContexts) => void,
  options: Partial<McpContextsOptions> = {},
): Sdk1World {
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const errors: Sdk1World['errors'] = []
  const contexts = mcpContexts({
    identity: newIdentity(resource, sessions),
    resource,
    authorizationServers: ['https://id.example.com'],
    server: { name: 'tests', version: '1.0.0' },
    onError: (error) => errors.push(error as never),
    ...options,
  })
  register(contexts)
  const send: Sdk1World['send'] = async (claims, session, body) => {
    const headers = {
      'content-type': 'application/json',
      'accept': 'application/json, text/event-stream',
      'authorization': `Bearer ${await tokenOf(resource, claims)}`,
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    }
    const more = typeof body === 'string' ? { method: body } : { method: 'POST', body: JSON.stringify(body) }
    return contexts.fetch(new Request(resource, { headers, ...more }))
  }
  return {
    contexts,
    sessions,
    errors,
    send,
    begin: async (claims) => {
      const body = { jsonrpc: '2.0', id: 0, method: 'initialize', params: initialization }
      const opened = await send(claims, undefined, body)
      await opened.text()
      return opened.headers.get('mcp-session-id')!
    },
    ask: async (claims, session, method, params = {}, id = 1) => {
      const text = await (await send(claims, session, { jsonrpc: '2.0', id, method, params })).text()
      const data = text.split('\n').filter((line) => line.startsWith('data: '))
      return JSON.parse(data.at(-1)?.slice(6) ?? text) as Answer
    },
  }
}
