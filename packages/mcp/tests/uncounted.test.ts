// Servers that are reached by no request of HTTP: the requests of a user count there too.
import { InMemoryTransport, createMcpHandler } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { InMemoryTransport as Sdk1Transport } from '@modelcontextprotocol/sdk/inMemory.js'
import { vouchForUser } from 'user-execution-context/restricted'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSdk1 } from './sdk-1-world.ts'
import { modern, modernHeaders, openWorld, type World } from './world.ts'

const limits = { requestsPerMinute: 3 }
const userOf = (userId: string) => vouchForUser(userId, { reason: 'the host starts this process for its user' })
const tooMany = { error: { message: 'Too many requests. Try again later.' } }
type Line = {
  send: (message: never) => Promise<void>
  onmessage?: ((message: never) => void) | undefined
  start: () => Promise<void>
}

/** Sends lists over a transport, one after the other. */
async function listOver(line: Line, count: number, list: (id: number) => object): Promise<readonly object[]> {
  const answers: object[] = []
  for (let id = 1; id <= count; id++) {
    const answered = new Promise<object>((resolve) => (line.onmessage = resolve))
    await line.send(list(id) as never)
    answers.push(await answered)
  }
  return answers
}

let world: World
beforeAll(async () => {
  world = await openWorld((contexts) => contexts.registerTool('ping', {}, () => 'pong'), { limits })
})
afterAll(() => world.close())

const listed = { result: { tools: [{ name: 'ping' }] } }

test('a server of SDK 2 over stdio holds its user to so many requests a minute', async () => {
  const over = async (userId: string, count: number): Promise<readonly object[]> => {
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    const handle = serveStdio(world.contexts.factoryFor(userOf(userId)), { transport: ours })
    await theirs.start()
    const answers = await listOver(theirs as Line, count, (id) => modern('tools/list', {}, id))
    await handle.close()
    return answers
  }
  expect(await over('greedy', 5)).toMatchObject([listed, listed, listed, tooMany, tooMany])
  expect(world.errors.at(-1)).toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_MESSAGES' })
  // Another connection of the same user buys nothing, and costs nobody else anything.
  expect(await over('greedy', 1)).toMatchObject([tooMany])
  expect(await over('modest', 3)).toMatchObject([listed, listed, listed])
})

test('a server of SDK 1 over stdio holds its user to so many requests a minute, and takes their answers', async () => {
  const { contexts } = openSdk1((server) => server.registerTool('ping', {}, () => 'pong'), { limits })
  const [ours, theirs] = Sdk1Transport.createLinkedPair()
  await contexts.serverFor(userOf('greedy')).connect(ours)
  await theirs.start()
  // What is no request is none: a cancellation must come through.
  for (let count = 0; count < 5; count++)
    await theirs.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } })
  const list = (id: number): object => ({ jsonrpc: '2.0', id, method: 'tools/list', params: {} })
  expect(await listOver(theirs as Line, 4, list)).toMatchObject([listed, listed, listed, tooMany])
  await contexts.close()
})

test('createMcpHandler() of the SDK with our factory holds a user to so many requests a minute', async () => {
  const handler = createMcpHandler(world.contexts.factory)
  const ask = async (sub: string): Promise<object> => {
    const authInfo = await world.contexts.verifier.verifyAccessToken(await world.token({ sub }))
    const headers = {
      'content-type': 'application/json',
      'accept': 'application/json, text/event-stream',
      ...modernHeaders('tools/list'),
    }
    const body = JSON.stringify(modern('tools/list'))
    const request = new Request(world.url, { method: 'POST', headers, body })
    return (await (await handler.fetch(request, { authInfo })).json()) as object
  }
  const answers = [await ask('handled'), await ask('handled'), await ask('handled'), await ask('handled')]
  expect(answers).toMatchObject([listed, listed, listed, tooMany])
  expect(await ask('other')).toMatchObject(listed)
})

test('a request that came through fetch counts once', async () => {
  const answers: number[] = []
  const bearer = await world.token({ sub: 'once' })
  for (let count = 0; count < 4; count++)
    answers.push((await world.post(bearer, modern('tools/list'), modernHeaders('tools/list'))).status)
  expect(answers).toEqual([200, 200, 200, 429])
})
