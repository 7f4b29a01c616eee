// MCP with requestState (protocol revision 2026-07-28): the client holds the state, and can give it to anybody.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { acceptedContent, createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server'
import { openSealed, sealContext, sealingKeys } from '@user-execution-context/transfer'
import { createRequire } from 'node:module'
import { createForUser, deriveChild, identityProvider } from 'user-execution-context'
import { z } from 'zod'
import { check, expectNone } from '../harness/check.mjs'

const { version } = createRequire(import.meta.url)('./node_modules/@modelcontextprotocol/server/package.json')
const environment = `transfer, @modelcontextprotocol/server ${version}`
const secret = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const ring = sealingKeys({ workload: 'mcp', keys: [{ kty: 'oct', alg: 'A256GCM', kid: 'state-1', k: secret }] })
const hop = { audience: 'mcp', purpose: 'request-state' }
const signIn = identityProvider({ name: 'mcp-token', verify: (token) => ({ userId: token, tenantId: 'acme' }) })
const bytes = (text) => new TextEncoder().encode(text)
const confirmation = z.object({ confirm: z.boolean() })

/**
 * One server for each request, as the library makes them. Its context comes from the verified token of that request.
 */
async function newServer({ authInfo }) {
  const context = createForUser(await signIn(authInfo.token))
  const server = new McpServer({ name: 'notes', version: '1.0.0' })
  server.registerTool('publish', { inputSchema: z.object({ note: z.string() }) }, async (input, { mcpReq }) => {
    const bind = [bytes('publish'), bytes(JSON.stringify(input))]
    const state = mcpReq.requestState()
    const isConfirmed = acceptedContent(mcpReq.inputResponses, 'confirm', confirmation)?.confirm === true
    if (state === undefined || !isConfirmed) {
      const asking = deriveChild(context, 'ask', { agentContext: { price: 7 } })
      return inputRequired({
        requestState: await sealContext(asking, { ...hop, sealer: ring.sealer, ttlMs: 600_000, bind, carry: true }),
        inputRequests: { confirm: inputRequired.elicit({ message: 'Publish?', requestedSchema: confirmation }) },
      })
    }
    const opening = { ...hop, opener: ring.opener, owner: context, bind, liveness: 'end-only' }
    const opened = await openSealed(state, opening)
    const words = `${opened.userId} published ${input.note} for ${opened.agentContext.price}`
    return { content: [{ type: 'text', text: words }] }
  })
  return server
}

const handler = createMcpHandler(newServer)
async function connect(token) {
  const client = new Client(
    { name: 'client', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' }, inputRequired: { autoFulfill: false } },
  )
  const authInfo = { token, clientId: 'client', scopes: [] }
  const fetch = (url, init) => handler.fetch(new Request(url, init), { authInfo })
  await client.connect(new StreamableHTTPClientTransport(new URL('http://mcp.invalid/mcp'), { fetch }))
  return client
}

const call = (client, note, requestState) =>
  client.callTool(
    {
      name: 'publish',
      arguments: { note },
      ...(requestState && {
        requestState,
        inputResponses: { confirm: { action: 'accept', content: { confirm: true } } },
      }),
    },
    { allowInputRequired: true },
  )
const textOf = ({ content = [] }) => content.map(({ text }) => text).join()
const [alice, bob] = [await connect('alice'), await connect('bob')]

await check(environment, 'a request goes on for its user, with what the server knew', async () => {
  const asked = await call(alice, 'ducks')
  if (asked.resultType !== 'input_required') throw new Error(`It did not ask: ${JSON.stringify(asked)}`)
  if (Buffer.from(asked.requestState, 'base64url').toString('latin1').includes('alice'))
    throw new Error('The state names the user')
  const answer = textOf(await call(alice, 'ducks', asked.requestState))
  if (answer !== 'alice published ducks for 7') throw new Error(answer)
})

await check(environment, "another user's resume is refused, and so is another request of the same user", async () => {
  const { requestState } = await call(alice, 'geese')
  const attempts = {
    "alice's state from bob": [await call(bob, 'geese', requestState), 'another user than the one who presents it'],
    "alice's state for another note": [await call(alice, 'swans', requestState), 'other bytes than those'],
    'a state with one character changed': [
      await call(alice, 'geese', requestState.slice(0, -1) + (requestState.endsWith('A') ? 'Q' : 'A')),
      /was changed|not a sealed context/,
    ],
    'a state that somebody wrote': [await call(alice, 'geese', '{"user":"alice"}'), 'not a sealed context'],
  }
  const failures = []
  for (const [name, [result, words]] of Object.entries(attempts))
    if (result.isError !== true || !new RegExp(words).test(textOf(result)))
      failures.push(`${name}: ${JSON.stringify(result)}`)
  expectNone(failures)
})

await Promise.all([alice.close(), bob.close()])
process.exit(0)
