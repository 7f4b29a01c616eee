// An issuer of access tokens, a server over a real socket and the official client, for tests.
import { jwtIdentity } from '@user-execution-context/golden-path/login'
import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { generateKeyPair, exportJWK, SignJWT } from 'jose'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { liveSessions, type LiveSessions } from 'user-execution-context'
import { mcpContexts, type McpContexts, type McpContextsOptions } from '../src/index.ts'

const issuer = 'https://id.example.com'
const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
const publicKey = { ...(await exportJWK(pair.publicKey)), alg: 'EdDSA', kid: 'k1' } as const

/** What a token of a test says; the rest is right. */
export type Claims = {
  readonly sub?: string
  readonly tid?: string
  readonly sid?: string
  readonly scope?: string
  readonly aud?: string | readonly string[]
  readonly iss?: string
  readonly client_id?: string
  readonly issuedAtMs?: number
  readonly lifeSeconds?: number
}

/** A signed access token for the server of a test. */
export const tokenOf = (resource: string, claims: Claims = {}): Promise<string> => {
  const { issuedAtMs = Date.now(), lifeSeconds = 900, aud = resource, iss = issuer, ...more } = claims
  const issuedAt = Math.floor(issuedAtMs / 1000)
  return new SignJWT({ sub: 'alice', tid: 'acme', client_id: 'inspector', ...more, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1', typ: 'at+jwt' })
    .setIssuer(iss)
    .setAudience(aud as string | string[])
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifeSeconds)
    .sign(pair.privateKey)
}

/** Another server, for which the same issuer gives tokens. */
export const elsewhere = 'https://elsewhere.example.com/mcp'

/** One identity for both servers: what refuses a token for the other is the check under test. */
export const newIdentity = (resource: string, sessions: LiveSessions) =>
  jwtIdentity({
    issuer,
    audience: [resource, `${resource}/`, elsewhere],
    keys: [publicKey as never],
    algorithms: ['EdDSA'],
    tenantClaim: 'tid',
    sessions,
  })

export type World = {
  readonly url: URL
  readonly contexts: McpContexts
  readonly sessions: LiveSessions
  readonly errors: unknown[]
  readonly token: (claims?: Claims) => Promise<string>
  readonly post: (token: string | undefined, body: unknown, headers?: Record<string, string>) => Promise<Response>
  readonly connect: (token: string | (() => string), options?: ClientOptions) => Promise<Client>
  readonly close: () => Promise<void>
}

/** Opens a server. `register` says what it offers. */
export async function openWorld(
  register: (contexts: McpContexts) => void,
  options: Partial<McpContextsOptions> = {},
): Promise<World> {
  const sessions = liveSessions({ maxProofMs: 3_600_000 })
  const errors: unknown[] = []
  const http = createServer()
  await listen(http)
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)
  const contexts = mcpContexts({
    identity: newIdentity(url.href, sessions),
    resource: url.href,
    authorizationServers: [issuer],
    server: { name: 'tests', version: '1.0.0' },
    sessions,
    onError: (error) => errors.push(error),
    ...options,
  })
  register(contexts)
  http.on('request', (request, response) => void toNodeHandler(contexts)(request as never, response))
  const clients: Client[] = []
  return {
    url,
    contexts,
    sessions,
    errors,
    token: (claims) => tokenOf(url.href, claims),
    post: (token, body, headers = {}) =>
      fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'accept': 'application/json, text/event-stream',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    connect: async (token, more = {}) => {
      const client = new Client(
        { name: 'client', version: '1.0.0' },
        {
          capabilities: { elicitation: {} },
          versionNegotiation: { mode: 'auto' },
          inputRequired: { autoFulfill: false },
          ...more,
        },
      )
      const authorized: typeof fetch = (input, init) => {
        const headers = new Headers(init?.headers)
        headers.set('authorization', `Bearer ${typeof token === 'string' ? token : token()}`)
        return fetch(input, { ...init, headers })
      }
      await client.connect(new StreamableHTTPClientTransport(url, { fetch: authorized }))
      clients.push(client)
      return client
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close().catch(() => undefined)))
      await contexts.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

function listen(http: Server): Promise<void> {
  return new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
}

/** The text of a result. */
export const textOf = (result: unknown): string =>
  ((result as { content?: readonly { text?: string }[] }).content ?? []).map(({ text }) => text).join()

/** A request of the protocol revision 2026-07-28, as a client writes it. */
export const modern = (method: string, params: Record<string, unknown> = {}, id: string | number = 1): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params: {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    },
  },
})
/** A request whose body comes when `before` is through: after the token was checked. */
export const lateRequest = (
  { url }: Pick<World, 'url'>,
  token: string,
  method: string,
  params: Record<string, unknown>,
  before: () => Promise<unknown>,
): Request =>
  new Request(url, {
    method: 'POST',
    duplex: 'half',
    headers: {
      'content-type': 'application/json',
      'accept': 'application/json, text/event-stream',
      'authorization': `Bearer ${token}`,
      ...modernHeaders(method),
    },
    body: new ReadableStream(
      {
        pull: async (controller) => {
          await before()
          controller.enqueue(new TextEncoder().encode(JSON.stringify(modern(method, params))))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    ),
  } as RequestInit)

/** The headers of that revision. */
export const modernHeaders = (method: string, name?: string): Record<string, string> => ({
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
  ...(name === undefined ? {} : { 'mcp-name': name }),
})
