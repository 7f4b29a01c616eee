import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isContextError } from 'user-execution-context'
import { readJsonBody } from '../../src/server/read-body.ts'
import { watchTimers } from './pending-timers.ts'

const maxBytes = 100
const timeMs = 61_234
let server: Server
/** What was read, or the code of the refusal, also where nobody is there to be told. */
let read: Promise<unknown> | undefined
afterEach(() => {
  vi.restoreAllMocks()
  server.closeAllConnections()
  server.close()
})

/**
 * A server that reads bodies after `prepare`, as a parser of an app would. Answers the body, or the code of the
 * refusal.
 */
const listen = async (
  prepare: (request: IncomingMessage) => Promise<void> = async () => {},
  withinMs = timeMs,
): Promise<number> => {
  read = undefined
  server = createServer(async (request, response) => {
    await prepare(request)
    read = readJsonBody(request, maxBytes, withinMs).catch((error: unknown) =>
      isContextError(error) ? error.code : String(error),
    )
    const answer = await read
    response.setHeader('connection', 'close').end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
/** Sends a body in chunks, which no header announces the length of. */
const sendChunked = async (port: number, ...texts: string[]): Promise<unknown> => {
  const body = new ReadableStream({
    start: (controller) => {
      for (const text of texts) controller.enqueue(Buffer.from(text))
      controller.close()
    },
  })
  const headers = { 'content-type': 'application/json' }
  const options = { method: 'POST', headers, body, duplex: 'half' }
  return (await fetch(`http://127.0.0.1:${port}`, options as RequestInit)).json()
}
/** Sends pieces of a body that begins when the server waits for it, and that ends unless it `isOpen`. */
const sendLate = async (port: number, texts: readonly string[], isOpen = false): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\n${jsonType}transfer-encoding: chunked\r\n\r\n`)
  while (read === undefined) await pause(1)
  for (const text of texts) {
    await pause(20)
    socket.write(`${text.length.toString(16)}\r\n${text}\r\n`)
  }
  if (!isOpen) socket.write('0\r\n\r\n')
  return socket
}
const keep =
  (toBody: (text: Buffer) => unknown) =>
  async (request: IncomingMessage): Promise<void> => {
    const chunks = (await request.toArray()) as Buffer[]
    Object.assign(request, { body: toBody(Buffer.concat(chunks)) })
  }
const small = JSON.stringify({ text: 'x' })
const jsonType = 'content-type: application/json\r\n'
const large = JSON.stringify({ text: 'x'.repeat(maxBytes) })

describe('readJsonBody', () => {
  test('takes and bounds a body that the app has given an encoding', async () => {
    const port = await listen(async (request) => {
      request.setEncoding('utf8')
      while (!request.complete) await nextTurn()
      // Somebody of the app hears it too: it comes piece by piece, as a body does that arrives late.
      request.on('data', () => {})
    })
    const wide = JSON.stringify({ text: 'ü'.repeat(maxBytes / 2) })
    expect(wide.length).toBeLessThan(maxBytes)
    expect(await sendChunked(port, ...small)).toEqual({ text: 'x' })
    expect(await sendChunked(port, wide)).toBe('ERR_CONTEXT_BODY_TOO_LARGE')
  })

  test.each<[string, ((request: IncomingMessage) => Promise<void>) | undefined]>([
    ['nobody has read', undefined],
    ['a parser of the app left as text', keep((bytes) => bytes.toString('utf8'))],
    ['a parser of the app left as bytes', keep((bytes) => bytes)],
  ])('bounds a body that %s, though no header says its length', async (_what, prepare) => {
    const port = await listen(prepare)
    expect(await sendChunked(port, small)).toEqual({ text: 'x' })
    expect(await sendChunked(port, large)).toBe('ERR_CONTEXT_BODY_TOO_LARGE')
  })

  test('takes a body that has arrived whole without a timer, and bounds it', async () => {
    const port = await listen(async (request) => {
      while (!request.complete) await nextTurn()
    })
    const starts = vi.spyOn(globalThis, 'setTimeout')
    const countStarts = (): number => starts.mock.calls.filter(([, delayMs]) => delayMs === timeMs).length
    expect(await sendChunked(port, small)).toEqual({ text: 'x' })
    expect(await sendChunked(port, large)).toBe('ERR_CONTEXT_BODY_TOO_LARGE')
    expect(await sendChunked(port, '')).toBe('ERR_CONTEXT_BODY_INVALID')
    expect(countStarts()).toBe(0)
  })

  test('takes a body that came with its headers without a timer', async () => {
    const socket = connect(await listen(), '127.0.0.1')
    const starts = vi.spyOn(globalThis, 'setTimeout')
    const head = `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`
    socket.write(`${head}content-length: ${small.length}\r\n\r\n${small}`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(String(answer)).toContain(small)
    expect(starts.mock.calls.filter(([, delayMs]) => delayMs === timeMs)).toEqual([])
    socket.destroy()
  })

  test('takes all of a body that somebody of the app hears too', async () => {
    const port = await listen(async (request) => {
      while (!request.complete) await nextTurn()
      request.on('data', () => {})
    })
    expect(await sendChunked(port, ...small)).toEqual({ text: 'x' })
  })

  test('takes what a parser of the app left as an object, and refuses a list', async () => {
    expect(await sendChunked(await listen(keep(() => ({ text: 'parsed' }))), small)).toEqual({ text: 'parsed' })
    server.close()
    expect(await sendChunked(await listen(keep(() => ['parsed'])), small)).toBe('ERR_CONTEXT_BODY_INVALID')
  })

  test('refuses a body that its header says is too large before the body comes', async () => {
    const socket = connect(await listen(), '127.0.0.1')
    socket.write(
      `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${maxBytes + 1}\r\n\r\n`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(String(answer)).toContain('ERR_CONTEXT_BODY_TOO_LARGE')
    socket.destroy()
  })

  test.each([
    ['text/plain', small],
    ['application/x-www-form-urlencoded', small],
  ])('refuses a body of the type %s, which a form of a foreign page can send', async (type, body) => {
    const port = await listen()
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect(await response.json()).toBe('ERR_CONTEXT_BODY_INVALID')
  })

  test.each([
    ['read', [small], { text: 'x' }],
    ['refused', [large.slice(0, 60), large.slice(60)], 'ERR_CONTEXT_BODY_TOO_LARGE'],
  ])('bounds a body that comes piece by piece, and keeps no timer of one that was %s', async (what, texts, answer) => {
    let request!: IncomingMessage
    const port = await listen(async (given) => void (request = given))
    const countTimers = watchTimers(timeMs)
    const starts = vi.spyOn(globalThis, 'setTimeout')
    const socket = await sendLate(port, texts)
    expect(await read).toEqual(answer)
    expect(starts.mock.calls.filter(([, delayMs]) => delayMs === timeMs)).toHaveLength(1)
    await expect.poll(() => countTimers()).toBe(0)
    // What comes after a refusal is kept by nobody.
    if (what === 'refused') expect(request.listenerCount('data')).toBe(0)
    socket.destroy()
  })

  test('waits no longer for a body than it may take', async () => {
    const socket = await sendLate(await listen(undefined, 100), [small.slice(0, 5)], true)
    expect(await read).toBe('ERR_CONTEXT_SCOPE_TIMEOUT')
    socket.destroy()
  })

  test.each<[string, (socket: Socket, request: IncomingMessage) => void]>([
    ['whose client goes away', (socket) => socket.destroy()],
    ['that the app destroys', (_socket, request) => request.destroy()],
  ])('ends in the middle of a body %s, and keeps no timer', async (_what, leave) => {
    let request!: IncomingMessage
    const port = await listen(async (given) => void (request = given))
    const countTimers = watchTimers(timeMs)
    const socket = await sendLate(port, [small.slice(0, 5)], true)
    await pause(20)
    leave(socket, request)
    expect(await read).toBe('ERR_CONTEXT_BODY_INVALID')
    expect(countTimers()).toBe(0)
    socket.destroy()
  })
})
