// What the projects with peers run over the golden path: its server with real sockets, and the clients and models of
// the versions that the project has installed. The modules are the project's own.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

const issuer = 'https://id.example.com'
const secret = Buffer.alloc(32, 7)

/** An agent that answers with what it was asked. */
const parrot = async function* (_scope, { text }) {
  yield { type: 'agent_message_delta', text: `You said: ${text}` }
}

/** Opens the golden path with tokens of an issuer of ours. */
export function openParrot({ login, server }, options = {}) {
  const keys = [{ kty: 'oct', alg: 'HS256', k: secret.toString('base64url') }]
  return server.openGoldenPathServer({
    agent: parrot,
    identity: login.jwtIdentity({ issuer, audience: 'chat', algorithms: ['HS256'], keys }),
    ...options,
  })
}

/** Opens the server on a free port, runs `use`, and closes it. */
export async function withServer(modules, use, agent = parrot) {
  const goldenPath = await openParrot(modules, { agent })
  const http = createServer(goldenPath.handleRequest).on('upgrade', goldenPath.handleUpgrade).listen(0, '127.0.0.1')
  await once(http, 'listening')
  try {
    return await use(`127.0.0.1:${http.address().port}`)
  } finally {
    await goldenPath.close()
    http.close()
    http.closeAllConnections()
  }
}

/**
 * Two users run side by side over WebSockets of `ws`: each hears the end of their own run, and nothing of the other's.
 */
export async function expectTwoUsersApart(host, { WebSocket }, path = '/ws') {
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((userId) => talk(host + path, WebSocket, userId)))
  for (const [own, other, text] of [
    ['alice', 'bob', alice],
    ['bob', 'alice', bob],
  ]) {
    if (!text.includes('agent_completed')) throw new Error(`${own} hears no end: ${text}`)
    if (!text.includes(`secret of ${own}`)) throw new Error(`${own} hears no answer: ${text}`)
    if (text.includes(`secret of ${other}`)) throw new Error(`${own} hears ${other}`)
  }
}

async function talk(address, WebSocket, userId) {
  const socket = new WebSocket(`ws://${address}`, { headers: { authorization: `Bearer ${toToken(userId)}` } })
  let heard = ''
  await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`closed; heard ${heard}`)))
    socket.on('message', (data) => {
      const text = String(data)
      heard += text
      if (text.includes('connection_ready'))
        socket.send(JSON.stringify({ type: 'start_run', input: { text: `secret of ${userId}` }, clientRequestId: '1' }))
      if (text.includes('agent_completed')) resolve()
    })
  })
  socket.terminate()
  return heard
}

/** The stock client of AG-UI runs an agent over HTTP and ends with its answer. */
export async function expectAgUiClient(host, { HttpAgent }) {
  const agent = new HttpAgent({
    url: `http://${host}/ag-ui`,
    headers: { authorization: `Bearer ${toToken('alice')}` },
    initialMessages: [{ id: 'message-1', role: 'user', content: 'hello' }],
  })
  await agent.runAgent({})
  const { role, content } = agent.messages.at(-1)
  if (role !== 'assistant' || content !== 'You said: hello') throw new Error(`The client ends with ${role}: ${content}`)
}

/** A model of the AI SDK, reached over HTTP, calls a tool and answers; the user of the run gets both, streamed. */
export async function expectStreamedModel({ aiSdk, ai, openaiCompatible, ...modules }, { WebSocket }) {
  await withModelServer(async (baseURL) => {
    const model = openaiCompatible.createOpenAICompatible({ name: 'local', baseURL }).chatModel('local')
    const whoAmI = aiSdk.aiSdkTool({
      description: 'Says who the user is.',
      inputSchema: ai.jsonSchema({ type: 'object', properties: {} }),
      execute: (scope) => `secret of ${scope.context.userId}`,
    })
    const agent = aiSdk.aiSdkAgent(model, { tools: { whoAmI } })
    await withServer(modules, (host) => expectTwoUsersApart(host, { WebSocket }), agent)
  })
}

/**
 * A server that speaks the chat completions protocol: it calls the tool first, then answers with what the tool said.
 */
async function withModelServer(use) {
  const http = createServer(async (request, response) => {
    const { messages } = JSON.parse((await request.toArray()).join(''))
    const result = messages.findLast(({ role }) => role === 'tool')?.content
    const call = { index: 0, id: 'call-1', type: 'function', function: { name: 'whoAmI', arguments: '{}' } }
    const deltas = result === undefined ? [{ tool_calls: [call] }] : [{ content: 'You are ' }, { content: result }]
    const reason = result === undefined ? 'tool_calls' : 'stop'
    const toChunk = (delta, finish_reason = null) => ({
      id: 'answer-1',
      created: 0,
      model: 'local',
      choices: [{ index: 0, delta, finish_reason }],
    })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of [...deltas.map((delta) => toChunk(delta)), toChunk({}, reason)])
      response.write(`data: ${JSON.stringify(chunk)}\n\n`)
    response.end('data: [DONE]\n\n')
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  try {
    return await use(`http://127.0.0.1:${http.address().port}/v1`)
  } finally {
    http.close()
    http.closeAllConnections()
  }
}

/** A token of the issuer. */
export function toToken(subject) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: 'chat', sub: subject, iat: now, exp: now + 600 }
  const signed = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
