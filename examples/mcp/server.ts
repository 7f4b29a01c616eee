// MCP: a context for each request. Everyone has notes of their own, and deleting them asks the user first.
import { createServer, type RequestListener } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { inputRequired } from '@modelcontextprotocol/server'
import { mcpContexts } from '@user-execution-context/mcp'
import { identityProvider, toOwnerKey } from 'user-execution-context'
import { z } from 'zod'

const port = Number(process.env.PORT ?? 3000)
const resource = `http://127.0.0.1:${port}/mcp`
// Yours: jwtIdentity() with your issuer. Here a table, so that the program needs no issuer.
const tokens = new Map([
  ['token-of-ada', { userId: 'ada', permissions: ['notes:write'] }],
  ['token-of-bob', { userId: 'bob' }],
])
const identity = identityProvider({ name: 'tokens', verify: (token: string) => tokens.get(token) })
export const server = mcpContexts({
  identity,
  resource,
  audienceOf: () => resource, // a JWT says it itself, in its aud
  authorizationServers: ['https://id.example.com'],
  server: { name: 'notes', version: '1.0.0' },
})

const notes = new Map<string, string[]>()
const text = z.object({ text: z.string() })
server.registerTool('add', { inputSchema: text, permissions: ['notes:write'] }, ({ context }, input) => {
  notes.set(toOwnerKey(context), [...(notes.get(toOwnerKey(context)) ?? []), input.text])
  return 'Added.'
})
server.registerTool('list', {}, ({ context }) => (notes.get(toOwnerKey(context)) ?? ['No notes.']).join('\n'))
server.registerTool('clear', {}, ({ context }, _input, call) => {
  const requestedSchema = { type: 'object' as const, properties: { yes: { type: 'boolean' as const } } }
  const answer = call.answer('sure', z.object({ yes: z.literal(true) }))
  if (!answer) return call.ask({ sure: inputRequired.elicit({ message: 'Delete all notes?', requestedSchema }) })
  return notes.delete(toOwnerKey(context)) ? 'Deleted.' : 'Nothing to delete.'
})
export const http = createServer(toNodeHandler(server) as RequestListener).listen(port, '127.0.0.1')
http.on('listening', () => console.log('Listens on', resource))
