// A server for one user who is known without a token: over stdio, its process is that user's.
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { createForUser, identityProvider, liveSessions } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { describe, expect, test } from 'vitest'
import type { McpServer } from '@modelcontextprotocol/server'
import { mcpContexts } from '../src/index.ts'
import { notesServer } from './notes.ts'
import { textOf } from './world.ts'

const openServer = () => {
  const contexts = mcpContexts({
    identity: () => Promise.reject(new Error('Nobody signs in here.')),
    resource: 'http://localhost/mcp',
    authorizationServers: ['http://localhost'],
    server: { name: 'notes', version: '1.0.0' },
  })
  const { seen } = notesServer(contexts)
  return { contexts, seen }
}
const connect = async (server: McpServer): Promise<Client> => {
  const [ours, theirs] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'host', version: '1.0.0' }, { capabilities: { elicitation: {} } })
  await Promise.all([server.connect(ours), client.connect(theirs)])
  return client
}

describe('a server for one user', () => {
  test('serves the user who was vouched for, with a context for each call, and says so (AISVS 10.3.2)', async () => {
    const { contexts, seen } = openServer()
    const user = vouchForUser('alice', { reason: 'the host starts this process for its user' })
    const client = await connect(contexts.factoryFor(user)({ era: 'legacy' }) as McpServer)
    expect(textOf(await client.callTool({ name: 'whoami', arguments: {} }))).toContain('alice')
    await client.callTool({ name: 'whoami', arguments: {} })
    expect(seen.map(({ identity }) => identity)).toMatchObject([{ provider: 'vouched' }, { provider: 'vouched' }])
    expect(seen[0]!.requestId).not.toBe(seen[1]!.requestId)
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('add_note')
    await client.close()
  })

  test('asks its user, and hears the answer', async () => {
    const { contexts } = openServer()
    const user = vouchForUser('alice', { reason: 'the host starts this process for its user' })
    const client = await connect(contexts.factoryFor(user)({ era: 'legacy' }) as McpServer)
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { confirm: true } }))
    const result = await client.callTool({ name: 'delete_notes', arguments: { which: 'all' } })
    expect(textOf(result)).toBe('Deleted all of alice, 0 when asked.')
    await client.close()
  })

  test('answers no more once its user was signed out: no call, and no list', async () => {
    const { contexts } = openServer()
    const sessions = liveSessions({ maxProofMs: 60_000 })
    const signIn = identityProvider({
      name: 'os',
      sessions,
      verify: (name: string) => ({ userId: name, sessionId: 's' }),
    })
    const user = await signIn('alice')
    const client = await connect(contexts.factoryFor(user)({ era: 'legacy' }) as McpServer)
    await sessions.revoke({ session: createForUser(user) })
    const refusal = { code: -32603, message: expect.stringContaining('Please sign in.') as string }
    await expect(client.callTool({ name: 'whoami', arguments: {} })).rejects.toMatchObject(refusal)
    await expect(client.listTools()).rejects.toMatchObject(refusal)
    expect(() => contexts.factoryFor(user)).toThrow()
  })

  test('is made for a verified user only', () => {
    const { contexts } = openServer()
    expect(() => contexts.factoryFor({ userId: 'alice' } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_USER_NOT_VERIFIED' }) as Error,
    )
  })
})
