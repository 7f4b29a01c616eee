// Clients that come back by themselves, unchanged, over a network that cuts them four times in 15 events. Before each
// cut some events were delivered, during it more are said, and the rest arrive while the client catches up.
import { createEventSource, type EventSourceClient } from 'eventsource-client'
import { WebSocket as PartySocket } from 'partysocket'
import ReconnectingWebSocketModule from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import type { RunEvent } from '../../../src/phases/wire/wire-envelope.ts'
import { openTestServer, type TestServer } from '../test-server.ts'
import { openCuttingProxy, type CuttingProxy } from './cutting-proxy.ts'
import { answerTo, eventsPerRun, steppedAgent, type SteppedAgent } from './slow-agent.ts'

const cutAfter = [3, 6, 9, 12]
const everySequence = Array.from({ length: eventsPerRun }, (_, index) => index + 1)

let stepped: SteppedAgent
let server: TestServer
let proxy: CuttingProxy

beforeEach(async () => {
  stepped = steppedAgent()
  server = await openTestServer({ agent: stepped.agent })
  proxy = await openCuttingProxy(() => server.port)
})
afterEach(async () => {
  await proxy.close()
  await server.close()
})

describe('GET /runs/:runId/events with eventsource-client', () => {
  test('gives 15 of 15 events exactly once over four cuts, and ends the stream for good', async () => {
    const token = await server.signIn(0)
    const {
      body: { runId },
    } = await server.request('POST', '/runs', { token, body: { input: { text: 'tea' } } })
    let client: EventSourceClient | undefined
    const events = await collectOverCuts((take) => {
      client = createEventSource({
        url: `http://127.0.0.1:${proxy.port}/runs/${runId}/events`,
        headers: { authorization: `Bearer ${token}` },
        onMessage: ({ data, id, event }) => {
          if (event !== undefined) return
          const parsed = JSON.parse(data) as RunEvent
          expect(id).toBe(`${parsed.epoch}.${parsed.sequence}`)
          take(parsed)
        },
      })
    })
    expectWholeRun(events)
    // The server says 204 to a client that has the end, so it does not ask again and again.
    await expect.poll(() => client?.readyState, { timeout: 10_000 }).toBe('closed')
    client?.close()
  })
})

// The package is CommonJS that Node imports as a namespace with the class under `default`.
const ReconnectingWebSocket = ((ReconnectingWebSocketModule as unknown as { default?: unknown }).default ??
  ReconnectingWebSocketModule) as typeof import('reconnecting-websocket').default

const options = { WebSocket, minReconnectionDelay: 10, maxReconnectionDelay: 50, minUptime: 0 }
const socketClients = {
  'reconnecting-websocket': (url: string, protocols: string[]) => new ReconnectingWebSocket(url, protocols, options),
  'partysocket': (url: string, protocols: string[]) => new PartySocket(url, protocols, options),
}

describe.each(Object.entries(socketClients))('/ws with %s', (_name, open) => {
  test('gives 15 of 15 events exactly once over four cuts, by resuming from the last one seen', async () => {
    const token = await server.signIn(0)
    let lastSequence = 0
    let runId: string | undefined
    let isEnded = false
    let close = (): void => {}
    const events = await collectOverCuts((take) => {
      const socket = open(`ws://127.0.0.1:${proxy.port}/ws`, ['uec.v1', `bearer.${token}`])
      close = () => socket.close()
      const say = (message: object): void => void socket.send(JSON.stringify(message))
      socket.addEventListener('open', () => {
        if (runId === undefined) say({ type: 'start_run', input: { text: 'tea' } })
        else if (!isEnded) say({ type: 'resume', runId, lastSequence })
      })
      socket.addEventListener('message', (message: { data: unknown }) => {
        const parsed = JSON.parse(String(message.data)) as RunEvent
        if (typeof parsed.sequence !== 'number') return
        runId = parsed.runId
        lastSequence = parsed.sequence
        isEnded = parsed.type === 'agent_completed'
        take(parsed)
      })
    })
    expectWholeRun(events)
    close()
  })
})

/** Collects a run's events through a client, and cuts its connection again and again. */
async function collectOverCuts(start: (take: (event: RunEvent) => void) => void): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  const cuts = [...cutAfter]
  stepped.allow(cuts[0]!)
  await new Promise<void>((resolve) => {
    start((event) => {
      events.push(event)
      if (event.sequence === cuts[0]) {
        cuts.shift()
        proxy.cut()
        stepped.allow(cuts[0] ?? eventsPerRun)
      }
      if (event.type === 'agent_completed') resolve()
    })
  })
  // An event that comes twice would come now.
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(cuts).toEqual([])
  expect(proxy.connections()).toBeGreaterThan(cutAfter.length)
  return events
}

function expectWholeRun(events: readonly RunEvent[]): void {
  expect(events.map(({ sequence }) => sequence)).toEqual(everySequence)
  expect(events.at(-1)).toMatchObject({ type: 'agent_completed', data: { text: answerTo('tea') } })
}
