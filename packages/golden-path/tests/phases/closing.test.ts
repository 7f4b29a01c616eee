// A golden path that closes while another one, over the same log, executes.
import { describe, expect, it } from 'vitest'
import { createForUser } from 'user-execution-context'
import { defaultLimits, inProcessEventLog, inProcessRunQueue, openGoldenPath } from '../../src/index.ts'
import type { EventLog, RunQueue } from '../../src/index.ts'
import { newUser } from '../users.ts'
import { RecordingTransport } from './recording-transport.ts'
import { newGate } from './run-agent.ts'

describe('close', () => {
  it('sends what was said of a run that another process executes, and does not wait for its end', async () => {
    const gate = newGate()
    const log = inProcessEventLog(defaultLimits)
    const eventLog: EventLog = { ...log, close: async () => {} }
    const executes = openGoldenPath({
      eventLog,
      agent: async function* () {
        yield { type: 'agent_message_delta', text: 'so far' }
        await gate.opened
        yield { type: 'agent_message_delta', text: 'the rest' }
      },
    })
    // Longer than this test may take.
    const limits = { cleanupTimeMs: 600_000 }
    const delivers = openGoldenPath({ eventLog, limits, agent: async function* () {} })
    const context = createForUser(newUser('alice'))
    const run = await executes.execute(context, { text: 'go' })
    const transport = new RecordingTransport()
    const connection = delivers.connect(context, transport, { runs: 'requested' })
    const delivered = delivers.deliver((await delivers.findRun(context, run.runId))!, connection)
    await expect.poll(() => transport.types.length).toBe(2)
    await delivers.close()
    expect(transport.closes).toMatchObject([{ code: 1001 }])
    gate.open()
    connection.release()
    expect(await delivered).toBe('closed')
    expect(transport.types).toEqual(['agent_started', 'agent_message_delta'])
    await executes.close()
  })

  it.each([true, false])(
    'has the queue take no more, and hand on what is left where resumable is %s',
    async (resumable) => {
      const calls: unknown[] = []
      const queue = inProcessRunQueue(defaultLimits)
      const runQueue: RunQueue = {
        ...queue,
        drain: () => void calls.push('drain'),
        close: async (options) => {
          calls.push(options)
          await queue.close(options)
        },
      }
      await openGoldenPath({ runQueue, resumable, agent: async function* () {} }).close()
      expect(calls).toEqual(['drain', { handsOn: resumable }])
    },
  )
})
