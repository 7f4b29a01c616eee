// A run that outgrew the log before anybody asked for it, over a real server and to the stock client of AG-UI: what the
// in-process defaults cannot show at POST /ag-ui, because there the delivery is open before the run starts.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HttpAgent } from '@ag-ui/client'
import { afterEach, describe, expect, test } from 'vitest'
import { agUiMapping } from '../../src/ag-ui.ts'
import { createForUser, toOwnerKey } from 'user-execution-context'
import type { Agent } from '../../src/phases/ports/agent.ts'
import { inProcessEventLog } from '../../src/phases/ports/in-process-event-log.ts'
import { parseLimits } from '../../src/phases/limits.ts'
import { openGoldenPath } from '../../src/phases/open-golden-path.ts'
import type { GoldenPath } from '../../src/phases/golden-path.ts'
import { mappedStreamTransport } from '../../src/server/mapped-stream.ts'
import { newUser } from '../users.ts'

const agent: Agent = async function* say() {
  yield { type: 'tool_executing', toolCallId: 'call-1', toolName: 'brew', input: {} }
  for (let piece = 1; piece <= 6; piece++) yield { type: 'agent_thinking', text: `${piece}. ` }
  yield { type: 'tool_completed', toolCallId: 'call-1', toolName: 'brew', output: 'tea' }
}

let goldenPath: GoldenPath
let server: Server
afterEach(async () => {
  await goldenPath.close()
  server.close()
})

/** Executes a run, waits until it has ended, and only then delivers it. */
const openLateServer = async (loggedEventsPerRun: number): Promise<string> => {
  const limits = { loggedEventsPerRun }
  const eventLog = inProcessEventLog(parseLimits(limits))
  goldenPath = openGoldenPath({ agent, limits, eventLog })
  server = createServer(
    (request, response) =>
      void (async () => {
        request.resume()
        const context = createForUser(newUser('ada'))
        const run = await goldenPath.execute(context, { text: 'brew' })
        const key = { ownerKey: toOwnerKey(context), runId: run.runId }
        await expect.poll(async () => (await eventLog.read(key, { epoch: 1, sequence: 0 }, 1)).lastSequence).toBe(10)
        const transport = mappedStreamTransport(response, { map: agUiMapping(), keepAliveMs: 10_000 })
        const connection = goldenPath.connect(context, transport, { runs: 'requested' })
        await goldenPath.deliver(run, connection)
        connection.close(1000, 'The run has ended.')
      })(),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Read = {
  readonly types: readonly string[]
  readonly gaps: readonly unknown[]
  readonly messages: HttpAgent['messages']
}

const read = async (url: string): Promise<Read> => {
  const types: string[] = []
  const gaps: unknown[] = []
  const client = new HttpAgent({ url })
  await client.runAgent(
    {},
    {
      onEvent: ({ event }) => void types.push(event.type),
      onCustomEvent: ({ event }) => void gaps.push([event.name, event.value]),
    },
  )
  return { types, gaps, messages: client.messages }
}

describe('mappedStreamTransport', () => {
  test('sends the gap at the start of a run as the protocol has it, behind the start that it swallowed', async () => {
    const { types, gaps, messages } = await read(await openLateServer(3))
    expect(types.slice(0, 3)).toEqual(['RUN_STARTED', 'CUSTOM', 'REASONING_START'])
    expect(gaps).toEqual([['resume_gap', { fromSequence: 1, toSequence: 7, reason: 'trimmed' }]])
    expect(messages.map(({ role }) => role)).toEqual(['reasoning', 'assistant', 'tool'])
    expect(types.at(-1)).toBe('RUN_FINISHED')
  })

  test('cuts a client whose run was not accepted: an empty answer would say that all went well', async () => {
    goldenPath = openGoldenPath({ agent })
    server = createServer((_request, response) => {
      const transport = mappedStreamTransport(response, { map: agUiMapping(), keepAliveMs: 10_000 })
      const connection = goldenPath.connect(createForUser(newUser('ada')), transport, { runs: 'requested' })
      connection.close(4401, 'Please sign in.')
      transport.sendHead()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await expect(fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).rejects.toThrow()
  })

  test('sends nothing that is neither an event of the run nor a gap', async () => {
    const { types, gaps } = await read(await openLateServer(1000))
    expect(gaps).toEqual([])
    expect(types[0]).toBe('RUN_STARTED')
    expect(types).not.toContain('CUSTOM')
  })
})
