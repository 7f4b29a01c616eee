// What a request to a server of mcpContexts() costs against the bare SDK: createMcpHandler() behind
// requireBearerAuth(), with the same tools, and a token check that costs nothing.
// node --expose-gc bench/mcp-pair.mjs PAIR
import {
  acceptedContent,
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  McpServer,
  requireBearerAuth,
} from '@modelcontextprotocol/server'
import { mcpContexts } from '@user-execution-context/mcp'
import { identityProvider } from 'user-execution-context'
import { z } from 'zod'
import { compareAsync } from './measure.mjs'

const resource = 'https://notes.example.com/mcp'
const implementation = { name: 'notes', version: '1.0.0' }
const inputSchema = z.object({ text: z.string(), tags: z.array(z.string()).optional() })
const sureSchema = z.object({ yes: z.boolean() })
const sure = inputRequired.elicit({
  message: 'Sure?',
  requestedSchema: { type: 'object', properties: { yes: { type: 'boolean' } } },
})
const names = Array.from({ length: 9 }, (_, index) => `tool_${index}`)
const token = [{ alg: 'none' }, { aud: resource, client_id: 'bench' }]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.')
  .concat('.c2lnbmF0dXJl')
const expiresAtMs = Date.now() + 3_600_000
const users = new Map([[token, { userId: 'alice', tenantId: 'acme', permissions: ['notes:write'], expiresAtMs }]])
const text = (words) => ({ content: [{ type: 'text', text: words }] })

function openBare() {
  const codec = createRequestStateCodec({ key: new Uint8Array(32).fill(7), bind: ({ http }) => http.authInfo.clientId })
  const verifyAccessToken = async (bearer) => {
    const user = users.get(bearer)
    return {
      token: bearer,
      clientId: 'bench',
      scopes: user.permissions,
      expiresAt: expiresAtMs / 1000,
      extra: { user },
    }
  }
  const gate = requireBearerAuth({ verifier: { verifyAccessToken } })
  const handler = createMcpHandler(() => {
    const server = new McpServer(implementation, { requestState: { verify: codec.verify } })
    for (const name of names)
      server.registerTool(name, { description: 'A tool', inputSchema }, (input, { http }) =>
        text(`${http.authInfo.extra.user.userId} ${input.text}`),
      )
    server.registerTool('ask', {}, async (request) => {
      const answer = acceptedContent(request.mcpReq.inputResponses, 'sure', sureSchema)
      if (answer !== undefined) return text('done')
      return inputRequired({ inputRequests: { sure }, requestState: await codec.mint({}, request) })
    })
    return server
  })
  return async (request) => {
    const authInfo = await gate(request)
    return authInfo instanceof Response ? authInfo : handler.fetch(request, { authInfo })
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
  server.registerTool('ask', {}, (_scope, _input, call) =>
    call.answer('sure', sureSchema) === undefined ? call.ask({ sure }) : text('done'),
  )
  return server.fetch
}

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
}
async function send(fetch, method, params = {}) {
  const headers = {
    'authorization': `Bearer ${token}`,
    'content-type': 'application/json',
    'accept': 'application/json, text/event-stream',
    'host': 'notes.example.com',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(params.name && { 'mcp-name': params.name }),
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope } })
  const answer = await (await fetch(new Request(resource, { method: 'POST', headers, body }))).json()
  if (answer.error !== undefined || answer.result.isError) throw new Error(JSON.stringify(answer))
  return answer.result
}
const call = (fetch) => send(fetch, 'tools/call', { name: 'tool_3', arguments: { text: 'ducks', tags: ['a', 'b'] } })
const list = (fetch) => send(fetch, 'tools/list')
async function ask(fetch) {
  const { requestState } = await send(fetch, 'tools/call', { name: 'ask', arguments: {} })
  const inputResponses = { sure: { action: 'accept', content: { yes: true } } }
  const { content } = await send(fetch, 'tools/call', { name: 'ask', arguments: {}, requestState, inputResponses })
  if (content[0].text !== 'done') throw new Error('It asked again')
}

const [bare, ours] = [openBare(), openOurs()]
const pairs = {
  control: [() => call(bare), () => call(bare)],
  call: [() => call(ours), () => call(bare)],
  list: [() => list(ours), () => list(bare)],
  ask: [() => ask(ours), () => ask(bare)],
}
const [first, second] = pairs[process.argv[2]]
console.log(JSON.stringify(await compareAsync(first, second, { operations: 150, rounds: 21 })))
