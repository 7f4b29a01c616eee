// One of the servers that bench/sockets.mjs compares, in a process of its own.
//   node --expose-gc bench/socket-server.mjs ours|users|filed|written|bare
// Tells its parent the port (and a token), and its memory when asked.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import { identityProvider, liveSessions } from 'user-execution-context'
import { openGoldenPathServer } from '@user-execution-context/golden-path/server'
import { openNotesServer } from '../examples/notes-server/dist/open-notes-server.js'

const openers = { ours, users, filed, written, bare: () => openPlain((webSocket, text) => webSocket.send(text)) }
const { close, ...address } = await openers[process.argv[2]]()
process.on('message', async (word) => {
  if (word === 'memory') process.send({ memory: settledMemory() })
  if (word === 'close') {
    await close()
    process.disconnect()
  }
})
process.send(address)

/** After several collections: heap and buffers in use, and what the process holds of the machine. */
function settledMemory() {
  for (let pass = 0; pass < 6; pass++) globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

async function ours() {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'bench-sockets-'))
  async function* agent() {
    yield { type: 'agent_completed', text: 'done' }
  }
  const server = await openNotesServer({
    dataDirectory,
    port: 0,
    agent,
    log: () => {},
    limits: {
      connectionsPerUser: 100_000,
      connectionsPerAddress: 100_000,
      pendingUpgrades: 10_000,
      messagesPerSecond: 1_000_000,
      heartbeatMs: 600_000,
    },
  })
  const post = (path, body, token) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    }).then((response) => response.json())
  const signIn = async (user) => (await post('/login', user)).accessToken
  const [own, other] = await Promise.all(server.firstUsers.map(signIn))
  const { runId: foreignRunId } = await post('/runs', { input: { text: 'of another user' } }, other)
  return {
    port: Number(new URL(server.url).port),
    token: own,
    foreignRunId,
    close: async () => {
      await server.close()
      rmSync(dataDirectory, { recursive: true })
    },
  }
}

/** The same, with a registry in which each proof is filed, so that a sign-out ends its socket. */
function filed() {
  return users(liveSessions({ maxProofMs: 3_600_000 }))
}

/** The same server with the tokens of another issuer: each names a user and a session of its own. */
async function users(sessions) {
  const server = await openGoldenPathServer({
    agent: async function* () {},
    ...(sessions !== undefined && { sessions }),
    identity: identityProvider({
      name: 'benchmark',
      sessions,
      verify: (token) => ({
        userId: `user-${token}`,
        sessionId: `session-${token}`,
        expiresAtMs: Date.now() + 900_000,
      }),
    }),
    log: () => {},
    limits: { connectionsPerAddress: 100_000, pendingUpgrades: 10_000, heartbeatMs: 600_000 },
  })
  const url = await server.listen({ port: 0 })
  return { port: Number(new URL(url).port), close: server.close }
}

/** What one writes by hand: it knows no user, checks nothing, keeps nothing, and says the same. */
function written() {
  return openPlain((webSocket, text) => {
    const { input } = JSON.parse(text)
    const ids = { threadId: randomUUID(), runId: randomUUID(), requestId: randomUUID() }
    const { threadId, runId } = ids
    let sequence = 0
    const send = (type, data) =>
      webSocket.send(
        JSON.stringify({
          version: 1,
          epoch: 1,
          sequence: ++sequence,
          type,
          timestamp: new Date().toISOString(),
          ...ids,
          data,
        }),
      )
    webSocket.send(JSON.stringify({ version: 1, type: 'run_accepted', threadId, runId }))
    send('agent_started', { input })
    send('agent_completed', { text: 'done' })
  })
}

async function openPlain(answer) {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {})
      webSocket.on('message', (data) => answer(webSocket, String(data)))
    }),
  )
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: server.address().port,
    token: 'none',
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
    },
  }
}
