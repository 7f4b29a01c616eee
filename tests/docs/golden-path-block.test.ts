// The golden path of the README as somebody pastes it: with a real issuer, clients that run away, and one too many.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { defaultLimits } from '@user-execution-context/golden-path'
import { findPageBlocks } from './code-blocks.ts'

const directory = '.data/documentation-runs'
let issuer: Server
let server: Server
let tokenOf: (userId: string) => Promise<string>

const listening = async (listener: Server): Promise<number> => {
  if (!listener.listening) await new Promise((listens) => listener.once('listening', listens))
  return (listener.address() as AddressInfo).port
}

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: '1', alg: 'RS256' }]
  // Slow, as an issuer far away: clients can leave while their token is checked.
  issuer = createServer(
    (_request, response) => void setTimeout(() => response.end(JSON.stringify({ keys })), 100),
  ).listen(0, '127.0.0.1')
  tokenOf = (userId) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: '1' })
      .setIssuer('https://id.example.com')
      .setAudience('chat')
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  const { text } = findPageBlocks('README.md').find((block) => block.text.includes('openGoldenPathServer('))!
  const runnable = text
    .replace('https://id.example.com/.well-known/jwks.json', `http://127.0.0.1:${await listening(issuer)}`)
    .replace('const app =', 'export const app =')
    .replace('.listen(3000)', `.listen(0, '127.0.0.1')`)
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/golden-path.ts`, runnable)
  ;({ app: server } = (await import(resolve(directory, 'golden-path.ts'))) as { app: Server })
})
afterAll(() => {
  issuer.close()
  server.close()
})

type Said = { readonly type: string; readonly data?: { readonly text?: string } }

const open = async (token: string) => {
  const socket = new WebSocket(`ws://127.0.0.1:${await listening(server)}/api/ws`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const said: Said[] = []
  socket.on('message', (data) => said.push(JSON.parse(String(data)) as Said))
  const closed = new Promise<number>((closes) => socket.on('close', closes))
  socket.on('error', () => undefined)
  return { socket, said, closed }
}

test('survives clients that are cut while their token is checked', async () => {
  const port = await listening(server)
  const token = await tokenOf('ada')
  const key = Buffer.alloc(16).toString('base64')
  const head = [
    'GET /api/ws HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${key}`,
    `Authorization: Bearer ${token}`,
    '\r\n',
  ].join('\r\n')
  await Promise.all(
    Array.from(
      { length: 5 },
      () =>
        new Promise<void>((ends) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(head))
          setTimeout(() => socket.resetAndDestroy(), 30)
          socket.on('error', () => undefined).on('close', () => ends())
        }),
    ),
  )
  await new Promise((waits) => setTimeout(waits, 200))
  const { socket, said } = await open(token)
  await expect.poll(() => said.map(({ type }) => type)).toEqual(['connection_ready'])
  socket.close()
})

test('runs for a client with a token, and refuses one without', async () => {
  const { socket, said } = await open(await tokenOf('ada'))
  socket.on('open', () => socket.send(JSON.stringify({ type: 'start_run', input: { text: 'hi' } })))
  await expect.poll(() => said.at(-1)).toMatchObject({ type: 'agent_completed', data: { text: 'You said: hi' } })
  socket.close()
  await expect((await open('forged')).closed).resolves.toBe(1006)
})

test('closes one connection too many of a user, and serves on', async () => {
  const token = await tokenOf('bob')
  const clients: Awaited<ReturnType<typeof open>>[] = []
  for (let count = 0; count < defaultLimits.connectionsPerUser; count++) {
    clients.push(await open(token))
    await expect.poll(() => clients.at(-1)!.said.length).toBe(1)
  }
  const more = await open(token)
  await expect(more.closed).resolves.toBe(4429)
  expect(more.said).toEqual([])
  for (const { socket } of clients) socket.close()
  const other = await open(await tokenOf('ada'))
  await expect.poll(() => other.said.map(({ type }) => type)).toEqual(['connection_ready'])
  other.socket.close()
})
