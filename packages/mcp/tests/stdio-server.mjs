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

const user = vouchForUser(process.env.NOTES_USER, { reason: 'the host starts this process for its user' })
if (sdk === undefined) {
  const { serveStdio } = await import('@modelcontextprotocol/server/stdio')
  serveStdio(contexts.factoryFor(user))
} else {
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js')
  await contexts.serverFor(user).connect(new StdioServerTransport())
}
