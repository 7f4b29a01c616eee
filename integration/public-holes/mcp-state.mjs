// MCP: a tool asks before it deletes, and the client keeps the state of the question. The SDK's own codec signs the
// state and can bind it to the OAuth client: two users of one application share it. Run: node mcp-state.mjs
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import {
  acceptedContent,
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  McpServer,
} from '@modelcontextprotocol/server'
import { mcpContexts } from '@user-execution-context/mcp'
import { identityProvider } from 'user-execution-context'
import { z } from 'zod'
import { showHole } from './hole.mjs'

const address = 'http://localhost/mcp'
const sureSchema = z.object({ sure: z.boolean() })
const question = inputRequired.elicit({
  message: 'Delete all notes?',
  requestedSchema: { type: 'object', properties: { sure: { type: 'boolean' } } },
})
const implementation = { name: 'notes', version: '1.0.0' }

function bareServer() {
  const codec = createRequestStateCodec({
    key: crypto.getRandomValues(new Uint8Array(32)),
    bind: ({ http }) => http.authInfo.clientId,
  })
  const handler = createMcpHandler(({ authInfo }) => {
    const server = new McpServer(implementation, { requestState: { verify: codec.verify } })
    server.registerTool('delete_notes', {}, async (request) => {
      const state = request.mcpReq.requestState()
      if (state === undefined || acceptedContent(request.mcpReq.inputResponses, 'sure', sureSchema) === undefined)
        return inputRequired({
          inputRequests: { sure: question },
          requestState: await codec.mint({ owner: authInfo.extra.user }, request),
        })
      return { content: [{ type: 'text', text: `deleted all of ${state.owner}, caller ${authInfo.extra.user}` }] }
    })
    return server
  })
  return (token) => (url, init) => {
    const authInfo = { token, clientId: 'one-application', scopes: [], extra: { user: token } }
    return handler.fetch(new Request(url, init), { authInfo })
  }
}

function ourServer() {
  const server = mcpContexts({
    identity: identityProvider({ name: 'tokens', verify: (token) => ({ userId: token }) }),
    resource: address,
    audienceOf: () => address,
    authorizationServers: ['http://localhost'],
    server: implementation,
  })
  server.registerTool('delete_notes', {}, async ({ context }, _input, call) => {
    if (call.answer('sure', sureSchema) === undefined) return call.ask({ sure: question }, { owner: context.userId })
    return `deleted all of ${call.kept.owner}, caller ${context.userId}`
  })
  return (token) => (url, init) => {
    const request = new Request(url, init)
    request.headers.set('authorization', `Bearer ${token}`)
    return server.fetch(request)
  }
}

async function attack(fetchAs) {
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((token) => connect(fetchAs(token))))
  const call = (client, more) =>
    client.callTool({ name: 'delete_notes', arguments: {}, ...more }, { allowInputRequired: true })
  const { requestState } = await call(alice)
  const inputResponses = { sure: { action: 'accept', content: { sure: true } } }
  return call(bob, { requestState, inputResponses }).then(
    ({ content }) => content[0].text,
    (error) => `bob is refused: ${error.message}`,
  )
}

async function connect(fetch) {
  const client = new Client(
    { name: 'hole', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' }, inputRequired: { autoFulfill: false } },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(address), { fetch }))
  return client
}

await showHole({
  hole: "the state of one user's request, sent by another",
  libraries: ['@modelcontextprotocol/server', '@modelcontextprotocol/client'],
  bare: () => attack(bareServer()),
  ours: () => attack(ourServer()),
  isOpen: (words) => words.includes('deleted all of alice, caller bob'),
})
