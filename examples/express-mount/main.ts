// The golden path mounted in an Express app, and one run over HTTP and server-sent events.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { identityProvider } from 'user-execution-context'
import type { Agent } from '@user-execution-context/golden-path'
import { hardenHttpServer, openGoldenPathServer } from '@user-execution-context/golden-path/server'

// Yours: jwtIdentity() with your issuer. Here one token, so that the program needs no issuer.
const identity = identityProvider({
  name: 'static-token',
  verify: (token: string) => (token === 'token-of-ada' ? { userId: 'ada' } : undefined),
})
const agent: Agent = async function* (scope, { text }) {
  yield { type: 'agent_message_delta', text: `${scope.context.userId} said: ${text}` }
}
const goldenPath = await openGoldenPathServer({ agent, identity, prefix: '/api', log: () => {} })

const app = express()
app.get('/', (_request, response) => void response.send('the app'))
app.use(goldenPath.handleRequest)
const server = hardenHttpServer(createServer(app)).on('upgrade', goldenPath.handleUpgrade)
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const ask = async (path: string, token?: string, body?: object): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  })

console.log(await (await ask('/')).text())
console.log('without a token:', (await ask('/api/runs', undefined, { input: { text: 'hi' } })).status)

const started = await ask('/api/runs', 'token-of-ada', { input: { text: 'hi' } })
const { runId } = (await started.json()) as { runId: string }
const events = await (await ask(`/api/runs/${runId}/events`, 'token-of-ada')).text()
for (const [, type] of events.matchAll(/"type":"(agent_\w+)"/g)) console.log(type)
console.log(/ada said: hi/.test(events))

await goldenPath.close()
server.close()
