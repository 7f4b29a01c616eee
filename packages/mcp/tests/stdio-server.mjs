// The server that stdio.test.ts starts: a process whose user the host names in NOTES_USER, as docs/mcp.md says.
//   NOTES_USER=alice node stdio-server.mjs [sdk-1]
import { encodeKey } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { z } from 'zod'

const [sdk] = process.argv.slice(2)
const { mcpContexts } = await import(
  sdk === undefined ? '@user-execution-context/mcp' : '@user-execution-context/mcp/sdk-1'
)
const contexts = mcpContexts({
  identity: () => Promise.reject(new Error('Nobody signs in here.')),
  resource: 'http://localhost/mcp',
  authorizationServers: ['http://localhost'],
  server: { name: 'notes', version: '1.0.0' },
})
const notes = []
contexts.registerTool('add_note', { inputSchema: z.object({ text: z.string() }) }, ({ context }, { text }) => {
  notes.push(text)
  return encodeKey([context.userId, context.identity.provider, context.requestId, ...notes])
})
contexts.registerTool('delete_notes', { permissions: ['notes:delete'] }, () => {
  notes.length = 0
  return 'Deleted.'
})

if (sdk === undefined) {
  const { inputRequired } = await import('@modelcontextprotocol/server')
  const sure = z.object({ yes: z.boolean() })
  const requestedSchema = { type: 'object', properties: { yes: { type: 'boolean' } } }
  const question = { sure: inputRequired.elicit({ message: 'Sure?', requestedSchema }) }
  const confirmed = (call, answer) => (call.answer('sure', sure)?.yes === true ? answer : call.ask(question))
  contexts.registerResource('asked', 'notes://asked', {}, ({ context }, _input, call) =>
    confirmed(call, `read by ${context.userId}`),
  )
  contexts.registerResourceTemplate('each', 'notes://each/{id}', {}, (_scope, { variables }, call) =>
    confirmed(call, `read ${variables.id}`),
  )
  // What a schema makes of the input need not be JSON.
  const counts = z.record(z.string(), z.number()).transform((record) => new Map(Object.entries(record)))
  contexts.registerTool('count', { inputSchema: z.object({ counts }) }, (_scope, input, call) =>
    confirmed(call, `counted ${input.counts.get('a')}`),
  )
  const argsSchema = z.object({ tags: z.string().transform((tags) => new Set(tags.split(' '))) })
  contexts.registerPrompt('tagged', { argsSchema }, (_scope, { tags }, call) => confirmed(call, `${tags.size} tags`))
}

const user = vouchForUser(process.env.NOTES_USER, { reason: 'the host starts this process for its user' })
if (sdk === undefined) {
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
  serveStdio(contexts.factoryFor(user))
} else {
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js')
  await contexts.serverFor(user).connect(new StdioServerTransport())
}
