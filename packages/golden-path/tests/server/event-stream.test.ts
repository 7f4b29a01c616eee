import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { eventStreamTransport } from '../../src/server/event-stream.ts'

/** Answers one request by a function, and gives what a client reads. */
const read = async (answer: (response: ServerResponse) => void): Promise<string> => {
  const server = createServer((_request, response) => answer(response)).listen(0)
  await once(server, 'listening')
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const text = await response.text()
  server.close()
  return text
}
const message = '{"version":1,"type":"pong"}'

describe('eventStreamTransport', () => {
  test('holds back what is sent while it is corked, in order, and counts it as waiting', async () => {
    const waiting: number[] = []
    const text = await read((response) => {
      const transport = eventStreamTransport(response, 1000)
      transport.send(message, undefined, message.length)
      transport.cork!()
      const before = transport.bufferedAmount
      transport.send('{"a":1}', { epoch: 1, sequence: 1 }, 7)
      transport.send('{"a":2}', { epoch: 1, sequence: 2 }, 7)
      waiting.push(transport.bufferedAmount - before)
      transport.uncork!()
      transport.send('{"a":3}', { epoch: 1, sequence: 3 }, 7)
      transport.close(1000, '')
    })
    const events = [1, 2, 3].map((id) => `id: 1.${id}\ndata: {"a":${id}}\n\n`).join('')
    expect(text).toBe(`retry: 1000\n\nevent: pong\ndata: ${message}\n\n${events}`)
    expect(waiting).toEqual([2 * 'id: 1.1\ndata: {"a":1}\n\n'.length])
  })

  test('sends what it holds back when it is closed, and nothing to an answer that is over', async () => {
    const text = await read((response) => {
      const transport = eventStreamTransport(response, 1000)
      transport.cork!()
      transport.send('{"a":1}', { epoch: 1, sequence: 1 }, 7)
      transport.close(1000, '')
      transport.send('{"a":2}', { epoch: 1, sequence: 2 }, 7)
      transport.uncork!()
      transport.close(1000, '')
    })
    expect(text).toBe('retry: 1000\n\nid: 1.1\ndata: {"a":1}\n\n')
  })
})
