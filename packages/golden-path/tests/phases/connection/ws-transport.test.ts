import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import {
  openGoldenPath,
  wsTransport,
  type Agent,
  type Connection,
  type GoldenPath,
  type Limits,
  type RunEvent,
  type Transport,
} from '../../../src/index.ts'
import { newContext } from '../run-agent.ts'

const settled = (timeMs = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs))
const until = async (holds: () => boolean): Promise<void> => {
  for (let round = 0; round < 1_000 && !holds(); round++) await settled(10)
  expect(holds()).toBe(true)
}

describe('wsTransport, over real sockets', () => {
  let server: Server
  let url: string
  let goldenPath: GoldenPath | undefined
  let connections: Connection[]
  let writes: number

  const open = async (agent: Agent, limits: Partial<Limits> = {}): Promise<void> => {
    connections = []
    writes = 0
    goldenPath = openGoldenPath({ agent, limits })
    const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
    server.on('upgrade', (request, socket, head) =>
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        const raw = request.socket as Socket & { _writeGeneric: (...given: unknown[]) => void }
        const write = raw._writeGeneric.bind(raw)
        raw._writeGeneric = (...given) => {
          writes++
          write(...given)
        }
        const connection = goldenPath!.connect(
          newContext(request.url!.slice(1)),
          wsTransport(webSocket, request.socket),
        )
        connections.push(connection)
        webSocket.on('close', () => connection.release())
      }),
    )
  }
  const join = async (userId: string) => {
    const socket = new WebSocket(`${url}/${userId}`)
    const events: RunEvent[] = []
    const closes: number[] = []
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as RunEvent
      if (message.sequence !== undefined) events.push(message)
    })
    socket.on('close', (code) => closes.push(code))
    await new Promise((resolve) => socket.once('open', resolve))
    return { socket, events, closes }
  }

  beforeEach(async () => {
    server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await goldenPath?.close()
    goldenPath = undefined
    server.closeAllConnections()
    server.close()
  })

  it('sends what an agent yields in one tick in few writes, in order', async () => {
    await open(async function* () {
      for (let piece = 0; piece < 100; piece++) yield { type: 'agent_thinking', text: 'hm' }
    })
    const { socket, events } = await join('alice')
    await settled()
    writes = 0
    await goldenPath!.execute(newContext('alice'), { text: 'go' })
    await until(() => events.length === 102)
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 102 }, (_, index) => index + 1))
    expect(writes).toBeGreaterThan(0)
    expect(writes).toBeLessThan(10)
    socket.terminate()
  })

  it('bounds the memory of a client that does not read, closes it with 1013, and lets it resume', async () => {
    const bound = 262_144
    const limits = {
      bufferedBytesPerConnection: bound,
      slowReaderMs: 100,
      eventBytes: 65_536,
      outputBytesPerRun: 512_000_000,
    }
    // Goes on until the kernel's own buffers are full too and the slow reader is given up.
    await open(async function* () {
      for (let round = 0; round < 5_000 && !connections[0]!.isClosed; round++) {
        yield { type: 'agent_thinking', text: 'x'.repeat(50_000) }
        await settled(1)
      }
    }, limits)
    const slow = await join('alice')
    slow.socket.pause()
    await settled()
    const run = await goldenPath!.execute(newContext('alice'), { text: 'go' })
    await until(() => connections[0]!.isClosed)
    slow.socket.resume()
    await until(() => slow.closes.length > 0)
    expect(slow.closes).toEqual([1013])
    const again = await join('alice')
    const seen = slow.events.at(-1)!.sequence
    void goldenPath!.deliver(run, connections.at(-1)!, { lastSequence: seen })
    await until(() => again.events.at(-1)?.type === 'agent_completed')
    expect(again.events[0]!.fromSequence ?? again.events[0]!.sequence).toBe(seen + 1)
    // Every event exactly once over both connections; pieces that were joined say from where they reach.
    const covered = [...slow.events, ...again.events].flatMap(({ sequence, fromSequence = sequence }) =>
      Array.from({ length: sequence - fromSequence + 1 }, (_, index) => fromSequence + index),
    )
    expect(covered).toEqual(Array.from({ length: again.events.at(-1)!.sequence }, (_, index) => index + 1))
  })

  it('sends nothing to a socket that is closing, and does not fail', async () => {
    await open(async function* () {
      yield { type: 'agent_thinking', text: 'hm' }
    })
    const { socket } = await join('alice')
    await settled()
    socket.terminate()
    await goldenPath!.execute(newContext('alice'), { text: 'go' })
    await until(() => connections[0]!.isClosed)
  })

  describe.each([
    ['makes the frames itself', false],
    ['leaves the frames to ws where an extension was negotiated', { threshold: 0 }],
  ])('%s', (_title, perMessageDeflate) => {
    const texts = [
      '{}',
      'x'.repeat(125),
      'x'.repeat(126),
      'x'.repeat(65_535),
      'x'.repeat(65_536),
      'x'.repeat(262_144),
      'ÿ'.repeat(63),
      'naïve',
      '日本語'.repeat(50),
      '😀',
      '\ud800',
      '\u0000\u007f\u0080',
    ]
    const openTransport = async () => {
      const received: string[] = []
      const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate })
      const opened = new Promise<{ transport: Transport; rawSocket: Socket }>((resolve) =>
        server.once('upgrade', (request, socket, head) => {
          const { socket: rawSocket } = request
          webSockets.handleUpgrade(request, socket, head, (webSocket) =>
            resolve({ transport: wsTransport(webSocket, rawSocket), rawSocket }),
          )
        }),
      )
      const client = new WebSocket(url)
      const closed = new Promise<number>((resolve) => client.once('close', resolve))
      client.on('message', (data) => received.push(String(data)))
      client.on('error', () => undefined)
      await new Promise((resolve) => client.once('open', resolve))
      return { ...(await opened), client, received, closed }
    }
    // What UTF-8 cannot say (half a surrogate pair) arrives as U+FFFD, as through ws.
    const expected = texts.map((text) => Buffer.from(text).toString())
    const send = (transport: Transport, text: string): void => transport.send(text, undefined, Buffer.byteLength(text))

    it('sends texts of every length and alphabet, one at a time', async () => {
      const { transport, rawSocket, received } = await openTransport()
      for (const text of texts) send(transport, text)
      await until(() => received.length === texts.length)
      expect(received).toEqual(expected)
      const isCompressed = rawSocket.bytesWritten < texts.join('').length / 2
      expect(isCompressed).toBe(perMessageDeflate !== false)
    })

    it('sends what it held back in order, and before a close', async () => {
      const { transport, received, closed } = await openTransport()
      transport.cork!()
      for (const text of texts) send(transport, text)
      transport.close(4000, 'enough')
      expect(await closed).toBe(4000)
      expect(received).toEqual(expected)
    })

    it('counts what waits', async () => {
      const { transport, client } = await openTransport()
      client.pause()
      transport.cork!()
      for (let count = 0; count < 100; count++) send(transport, 'x'.repeat(100_000))
      expect(transport.bufferedAmount).toBeGreaterThanOrEqual(perMessageDeflate === false ? 10_000_000 : 1)
      transport.uncork!()
      if (perMessageDeflate === false) expect(transport.bufferedAmount).toBeGreaterThan(1_000_000)
      client.resume()
      await until(() => transport.bufferedAmount === 0)
    })
  })
})
