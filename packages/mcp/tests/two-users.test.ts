// Two users of one server, 40 calls at once, over a real socket with the client of each SDK. The counts are the rows of
// docs/mcp.md.
import { toNodeHandler } from '@modelcontextprotocol/node'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { liveSessions, toOwnerKey } from 'user-execution-context'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { countGlue } from '../../../scripts/count-glue.mjs'
import { expectPageRow, versionOf } from '../../../scripts/page-row.ts'
import { findMeasured } from '../../../scripts/table-row.mjs'
import type { McpContexts } from '../src/index.ts'
import { mcpContexts as sdk1Contexts } from '../src/sdk-1.ts'
import { newIdentity, openWorld, textOf, tokenOf } from './world.ts'

const users = ['ada', 'bob'] as const
const calls = 40

/** Keeps a note, and answers with all of its user. */
function register(server: McpContexts): void {
  const notes = new Map<string, string[]>()
  server.registerTool('keep', { inputSchema: z.object({ text: z.string() }) }, ({ context }, { text }) => {
    const own = [...(notes.get(toOwnerKey(context)) ?? []), text]
    notes.set(toOwnerKey(context), own)
    return own.join()
  })
}

type Call = { readonly name: string; readonly arguments: { readonly text: string } }

/** Sends all calls at once, of the users in turn, and expects what the page says of them. */
async function expectCounts(
  library: string,
  clients: readonly { callTool: (call: Call) => Promise<unknown> }[],
  glue: number | string,
  measured: string,
): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: calls }, async (_, index) => {
      const at = index % users.length
      const own = `secret of ${users[at]} ${index}`
      return { at, own, text: textOf(await clients[at]!.callTool({ name: 'keep', arguments: { text: own } })) }
    }),
  )
  for (const { own, text } of answers) expect(text).toContain(own)
  const crossed = answers.filter(({ at, text }) => text.includes(`secret of ${users[1 - at]}`)).length
  expect(crossed).toBe(0)
  const cells = [clients.length, answers.length, crossed, glue, measured]
  expectPageRow('docs/mcp.md', library, versionOf(library, import.meta.url), cells)
}

test('a server of SDK 2 keeps two users apart in 40 calls at once', async () => {
  const world = await openWorld(register)
  try {
    const clients = await Promise.all(users.map(async (sub) => world.connect(await world.token({ sub }))))
    const cost = findMeasured('mcp', 'CPU of one request / ', 'tools/call')
    const program = readFileSync('../../examples/mcp/server.ts', 'utf8')
    const glue = countGlue(program, '@user-execution-context/mcp')
    await expectCounts('@modelcontextprotocol/server', clients as never, glue, cost)
  } finally {
    await world.close()
  }
})

test('a server of SDK 1 keeps two users apart in 40 calls at once', async () => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`)
  const server = sdk1Contexts({
    identity: newIdentity(url.href, liveSessions({ maxProofMs: 3_600_000 })),
    resource: url.href,
    authorizationServers: ['https://id.example.com'],
    server: { name: 'tests', version: '1.0.0' },
  })
  register(server as unknown as McpContexts)
  http.on('request', (request, response) => void toNodeHandler(server)(request as never, response))
  try {
    const clients = await Promise.all(
      users.map(async (sub) => {
        const client = new Client({ name: 'client', version: '1.0.0' })
        const headers = { authorization: `Bearer ${await tokenOf(url.href, { sub })}` }
        await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }) as never)
        return client
      }),
    )
    const cost = findMeasured('mcp', 'CPU of one request in a session', 'tools/call')
    await expectCounts('@modelcontextprotocol/sdk', clients as never, 'not counted', cost)
    await Promise.all(clients.map((client) => client.close()))
  } finally {
    await server.close()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
})
