import { expect, test } from '@jest/globals'
import { mcpContexts } from '@user-execution-context/mcp'
import { mcpContexts as mcpContexts1 } from '@user-execution-context/mcp/sdk-1'
import { identityProvider } from 'user-execution-context'

const resource = 'https://notes.example.com/mcp'
const identity = identityProvider({ name: 'tokens', verify: (token: string) => ({ userId: token }) })
const options = {
  identity,
  resource,
  audienceOf: () => resource,
  authorizationServers: ['https://id.example.com'],
  server: { name: 'notes', version: '1.0.0' },
}

test.each([
  ['SDK 2', mcpContexts(options)],
  ['SDK 1', mcpContexts1(options)],
] as const)(
  'a server on %s takes the provider of the core that this test loaded, and no stranger',
  async (_, server) => {
    expect((await server.fetch(new Request(resource, { method: 'POST' }))).status).toBe(401)
    expect((await server.verifier.verifyAccessToken('alice')).extra).toBeDefined()
  },
)
