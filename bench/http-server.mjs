// One of the servers that bench/sign-in.mjs compares, in a process of its own.
//   node bench/http-server.mjs ours|bare
// Tells its parent the port and a token, and the CPU time that it has used when asked.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { openGoldenPathServer } from '../packages/golden-path/dist/server.js'
import { newToken, openIdentity } from './tokens.mjs'

const { close, ...address } = await { ours, bare }[process.argv[2]]()
process.on('message', async (word) => {
  if (word === 'cpu') process.send({ cpu: process.cpuUsage() })
  if (word === 'close') {
    await close()
    process.disconnect()
  }
})
process.send(address)

async function ours() {
  async function* agent() {
    yield { type: 'agent_message_delta', text: 'You have ' }
    yield { type: 'agent_message_delta', text: '42 pieces of fruit.' }
    yield { type: 'agent_completed', text: 'You have 42 pieces of fruit.' }
  }
  const identity = await openIdentity()
  const server = await openGoldenPathServer({ agent, identity, log: () => {} })
  const url = await server.listen({ port: 0 })
  return { port: Number(new URL(url).port), token: await newToken(), close: server.close }
}

/** What one writes by hand: it knows no user, checks nothing, and says the same. */
async function bare() {
  const runs = new Map()
  const server = createServer((request, response) => {
    if (request.method === 'GET') return follow(request.url.split('/')[2], response)
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      const ids = { threadId: randomUUID(), runId: randomUUID() }
      runs.set(ids.runId, { ...ids, requestId: randomUUID(), input: JSON.parse(body).input })
      const text = JSON.stringify(ids)
      response
        .writeHead(202, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
        .end(text)
    })
  })
  const follow = (id, response) => {
    const { input, ...ids } = runs.get(id)
    runs.delete(id)
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    let sequence = 0
    const send = (type, data) => {
      const timestamp = new Date().toISOString()
      const event = JSON.stringify({ version: 1, epoch: 1, sequence: ++sequence, type, timestamp, ...ids, data })
      response.write(`id: 1.${sequence}\ndata: ${event}\n\n`)
    }
    send('agent_started', { input })
    send('agent_message_delta', { text: 'You have ' })
    send('agent_message_delta', { text: '42 pieces of fruit.' })
    send('agent_completed', { text: 'You have 42 pieces of fruit.' })
    response.end()
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: server.address().port, token: 'none', close: async () => server.close() }
}
