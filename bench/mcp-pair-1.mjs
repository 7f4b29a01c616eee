// What a request to a server of mcpContexts() on SDK 1 costs against the bare SDK: a Streamable HTTP transport for each
// session behind what requireBearerAuth() checks, with the same tools, and a token check that costs nothing.
// node --expose-gc bench/mcp-pair-1.mjs PAIR
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { mcpContexts } from '@user-execution-context/mcp/sdk-1'
import { identityProvider } from 'user-execution-context'
import { z } from 'zod'
import { compareAsync } from './measure.mjs'

const resource = 'https://notes.example.com/mcp'
const resourceUrl = new URL(resource)
const implementation = { name: 'notes', version: '1.0.0' }
const inputSchema = z.object({ text: z.string(), tags: z.array(z.string()).optional() })
const names = Array.from({ length: 10 }, (_, index) => `tool_${index}`)
const token = [{ alg: 'none' }, { aud: resource, client_id: 'bench' }]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')
  .concat('.c2lnbmF0dXJl')
const expiresAtMs = Date.now() + 3_600_000
const users = new Map([[token, { userId: 'alice', tenantId: 'acme', permissions: ['notes:write'], expiresAtMs }]])
const text = (words) => ({ content: [{ type: 'text', text: words }] })

/** As the examples of the SDK serve sessions: found by the id that the client sends. */
function openBare() {
  const sessions = new Map()
  const open = async () => {
    const server = new McpServer(implementation)
    for (const name of names)
      server.registerTool(name, { description: 'A tool', inputSchema }, (input, { authInfo }) =>
        text(`${authInfo.extra.user.userId} ${input.text}`),
      )
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    await server.connect(transport)
    return transport
  }
  const verifyAccessToken = async (bearer) => {
    const user = users.get(bearer)
    return {
      token: bearer,
      clientId: 'bench',
      scopes: user.permissions,
      expiresAt: expiresAtMs / 1000,
      resource: resourceUrl,
      extra: { user },
    }
  }
  // What requireBearerAuth() of the SDK checks, which is for Express.
  const gate = async (request) => {
    const [type, bearer] = (request.headers.get('authorization') ?? '').split(' ')
    if (type.toLowerCase() !== 'bearer' || !bearer) return new Response(null, { status: 401 })
    const authInfo = await verifyAccessToken(bearer)
    const isLive = authInfo.resource.href === resource && authInfo.expiresAt >= Date.now() / 1000
    return isLive ? authInfo : new Response(null, { status: 401 })
  }
  return async (request) => {
    const authInfo = await gate(request)
    if (authInfo instanceof Response) return authInfo
    const transport = sessions.get(request.headers.get('mcp-session-id')) ?? (await open())
    return transport.handleRequest(request, { authInfo })
  }
}

function openOurs() {
  const server = mcpContexts({
    identity: identityProvider({ name: 'tokens', verify: (bearer) => users.get(bearer) }),
    resource,
    authorizationServers: ['https://id.example.com'],
    server: implementation,
    limits: { requestsPerMinute: 2_000_000_000 },
  })
  for (const name of names)
    server.registerTool(
      name,
      { description: 'A tool', inputSchema, permissions: ['notes:write'] },
      ({ context }, input) => text(`${context.userId} ${input.text}`),
    )
  return server.fetch
}

async function send(fetch, session, method, params) {
  const headers = {
    'authorization': `Bearer ${token}`,
    'content-type': 'application/json',
    'accept': 'application/json, text/event-stream',
    'host': 'notes.example.com',
    'mcp-protocol-version': '2025-11-25',
    ...(session && { 'mcp-session-id': session }),
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const ends = method === 'DELETE'
  const request = ends ? { method, headers } : { method: 'POST', headers, body }
  const answer = await fetch(new Request(resource, request))
  const words = await answer.text()
  if (!answer.ok || (!ends && !words.includes('"result"'))) throw new Error(`${answer.status} ${words}`)
  return answer.headers.get('mcp-session-id')
}
const begin = (fetch) =>
  send(fetch, undefined, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  })

const [bare, ours] = [openBare(), openOurs()]
const [ofBare, ofOurs] = [await begin(bare), await begin(ours)]
const input = { name: 'tool_3', arguments: { text: 'ducks', tags: ['a', 'b'] } }
const call = (fetch, session) => () => send(fetch, session, 'tools/call', input)
const list = (fetch, session) => () => send(fetch, session, 'tools/list', {})
const session = (fetch) => async () => send(fetch, await begin(fetch), 'DELETE')
const pairs = {
  control: [call(bare, ofBare), call(bare, ofBare)],
  call: [call(ours, ofOurs), call(bare, ofBare)],
  list: [list(ours, ofOurs), list(bare, ofBare)],
  session: [session(ours), session(bare)],
}
const [first, second] = pairs[process.argv[2]]
console.log(JSON.stringify(await compareAsync(first, second, { operations: 150, rounds: 21 })))
