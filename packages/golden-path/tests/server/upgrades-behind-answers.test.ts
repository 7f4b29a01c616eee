// An upgrade to what is not spoken here, from a client that did not wait for the answers before it: they are sent to
// their end, and the connection ends. Node listens to such a connection no longer.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { openGoldenPathServer } from '../../src/server/open-golden-path-server.ts'
import { testIdentity } from './mounted-app.ts'

let closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.toReversed()) await close()
  closing = []
})

const noAgent: Agent = async function* () {}

/** A server with an app beside the golden path, and a client that has sent it two requests and an upgrade at once. */
const openWithClient = async (app: RequestListener) => {
  const goldenPath = await openGoldenPathServer({ agent: noAgent, identity: testIdentity, log: () => {} })
  const handle: RequestListener = (request, response) =>
    goldenPath.handleRequest(request, response, () => app(request, response))
  const server = createServer(handle).on('upgrade', goldenPath.handleUpgrade)
  const accepted = once(server, 'connection') as Promise<[Socket]>
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
  const heard: Buffer[] = []
  const ended = new Promise<string>((resolve) =>
    peer.on('data', (part) => heard.push(part)).on('close', () => resolve(Buffer.concat(heard).toString('latin1'))),
  )
  const toText = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`
  peer.write(toText('/first') + toText('/healthz') + toText('/healthz', `connection: upgrade\r\nupgrade: h2c\r\n`))
  const [socket] = await accepted
  closing = [() => goldenPath.close(), () => void server.close(), () => (socket.destroy(), void peer.destroy())]
  return { peer, socket, ended }
}
const toStatuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)

describe('an upgrade behind an answer that is not complete', () => {
  test('ends the connection when all answers before it were sent', async () => {
    let answer: (() => void) | undefined
    const { ended } = await openWithClient((_request, response) => (answer = () => void response.end('first')))
    await expect.poll(() => answer, { timeout: 10_000 }).toBeDefined()
    answer!()
    const text = await ended
    expect(toStatuses(text)).toEqual(['200', '200'])
    expect(text).toContain('first')
  })

  test('leaves a long one to be sent to its end', async () => {
    const part = Buffer.alloc(100_000, '~')
    const { ended } = await openWithClient((_request, response) => {
      Readable.from(Array<Buffer>(100).fill(part)).pipe(response)
    })
    const text = await ended
    expect([text.match(/~/g)!.length, toStatuses(text)]).toEqual([10_000_000, ['200', '200']])
  })

  test.each(['destroy', 'end'] as const)('lets its handler hear that the client has left: %s', async (leave) => {
    const left: string[] = []
    const { peer, socket } = await openWithClient((request, response) => {
      request.on('close', () => left.push('request'))
      response.on('close', () => left.push('response')).write('begun')
    })
    await once(peer, 'data')
    peer[leave]()
    await expect.poll(() => left.toSorted(), { timeout: 10_000 }).toEqual(['request', 'response'])
    expect(socket.destroyed).toBe(true)
  })

  test('reads nothing of what comes behind it', async () => {
    const asked: (string | undefined)[] = []
    let answer = (): void => undefined
    const { peer, ended } = await openWithClient(({ url }, response) => {
      asked.push(url)
      answer = () => void response.end('first')
    })
    await expect.poll(() => asked, { timeout: 10_000 }).toEqual(['/first'])
    for (let count = 0; count < 20; count++)
      await new Promise((resolve) => peer.write(`GET /behind HTTP/1.1\r\nx: ${'x'.repeat(50_000)}\r\n\r\n`, resolve))
    answer()
    expect(toStatuses(await ended)).toEqual(['200', '200'])
    expect(asked).toEqual(['/first'])
  })
})
