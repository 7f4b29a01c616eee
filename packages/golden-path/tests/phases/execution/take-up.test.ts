// A run whose worker was lost is ended once, or goes on, and a worker that comes back late changes nothing.
import { describe, expect, it } from 'vitest'
import { toOwnerKey, type RunId } from 'user-execution-context'
import {
  inProcessEventLog,
  openGoldenPath,
  parseLimits,
  RunCancellation,
  type Agent,
  type AgentInput,
  type EventLog,
  type EventWriter,
  type RunJob,
  type RunQueue,
  type RunWorker,
} from '../../../src/index.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newContext, newGate } from '../run-agent.ts'

/** A queue whose jobs the test hands to workers. */
const openHandedQueue = () => {
  let worker!: RunWorker
  const queue: RunQueue = {
    enqueue: () => {},
    process: (given) => {
      worker = given
    },
    cancel: async () => false,
    close: async () => {},
  }
  return { queue, work: (job: RunJob, cancellation: RunCancellation) => worker(job, cancellation) }
}
const open = async (agent: Agent, options: { readonly resumable?: boolean; readonly eventLog?: EventLog } = {}) => {
  const eventLog = options.eventLog ?? inProcessEventLog(parseLimits())
  const { queue, work } = openHandedQueue()
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const goldenPath = openGoldenPath({ ...options, agent, eventLog, runQueue: queue, onError })
  const context = newContext()
  const transport = new RecordingTransport()
  const connection = goldenPath.connect(context, transport, { runs: 'requested' })
  const run = await goldenPath.execute(context, { text: 'go' })
  const delivered = goldenPath.deliver(run, connection)
  const cancellation = new RunCancellation()
  const job: RunJob = { context, input: { text: 'go' } }
  const start = (more: Partial<RunJob> = {}) => work({ ...job, ...more }, cancellation)
  const key = { ownerKey: toOwnerKey(context), runId: context.runId as RunId }
  return { goldenPath, eventLog, errors, transport, delivered, cancellation, start, key }
}
const positions = ({ events }: RecordingTransport) => events.map(({ epoch, sequence }) => `${epoch}.${sequence}`)

/** Says two words and calls a tool, and waits then, the first time. */
const newAgent = () => {
  const [waiting, released] = [newGate(), newGate()]
  const inputs: AgentInput[] = []
  const agent: Agent = async function* (_scope, input) {
    inputs.push(input)
    yield { type: 'agent_message_delta', text: 'one ' }
    yield { type: 'agent_message_delta', text: 'two ' }
    if (inputs.length === 1) {
      yield { type: 'tool_executing', toolCallId: 'a', toolName: 'add', input: 1 }
      waiting.open()
      await released.opened
      yield { type: 'tool_completed', toolCallId: 'a', toolName: 'add', output: 2 }
    }
  }
  return { agent, inputs, waiting, released }
}

describe('a run whose worker was lost', () => {
  it('ends with one agent_failed that says so, its tool calls closed, for an agent that is not resumable', async () => {
    const { agent, inputs, waiting, released } = newAgent()
    const { start, transport, delivered, goldenPath, errors } = await open(agent)
    const lost = start()
    await waiting.opened
    await start()
    expect(await delivered).toBe('completed')
    expect(transport.types.slice(-2)).toEqual(['tool_completed', 'agent_failed'])
    expect(transport.events.at(-1)?.data).toMatchObject({ code: 'ERR_CONTEXT_WORKER_LOST' })
    expect(positions(transport)).toEqual(['1.1', '1.2', '1.3', '1.4', '2.5', '2.6'])
    expect(inputs).toHaveLength(1)
    released.open()
    await lost
    expect(errors).toContainEqual(expect.objectContaining({ code: 'ERR_CONTEXT_WRITE_FENCED' }))
    await goldenPath.close()
  })

  it('goes on with what it said before, for an agent that is resumable', async () => {
    const { agent, inputs, waiting, released } = newAgent()
    const { start, transport, delivered, goldenPath } = await open(agent, { resumable: true })
    const lost = start()
    await waiting.opened
    await start()
    expect(await delivered).toBe('completed')
    expect(inputs).toEqual([{ text: 'go' }, { text: 'go', resumed: { text: 'one two ' } }])
    expect(transport.types.slice(4)).toEqual([
      'tool_completed',
      'agent_message_delta',
      'agent_message_delta',
      'agent_completed',
    ])
    expect(transport.events.at(-1)?.data).toEqual({ text: 'one two one two ' })
    released.open()
    await lost
    expect(transport.types.filter((type) => type.startsWith('agent_c') || type === 'agent_failed')).toHaveLength(1)
    await goldenPath.close()
  })

  it('tells the readers of its first worker of no loss when that is fenced', async () => {
    const { agent, waiting, released } = newAgent()
    const { start, eventLog, key, transport, delivered, goldenPath } = await open(agent)
    const lost = start()
    await waiting.opened
    const writer = await eventLog.openWriter(key)
    released.open()
    await lost
    const text = JSON.stringify({ epoch: 2, sequence: 5, type: 'agent_completed' })
    await writer.append({ epoch: 2, sequence: 5, type: 'agent_completed', text, bytes: text.length })
    expect(await delivered).toBe('completed')
    expect(transport.messages.filter(({ type }) => type === 'error')).toEqual([])
    await goldenPath.close()
  })
})

describe('a worker that loses its lease', () => {
  it('stops its agent and writes nothing more', async () => {
    const { agent, waiting, released } = newAgent()
    const { start, cancellation, eventLog, key, goldenPath } = await open(agent)
    const lost = start()
    await waiting.opened
    cancellation.abandon()
    released.open()
    await lost
    const page = await eventLog.read(key, { epoch: 1, sequence: 0 }, 100)
    expect(page.events.map(({ type }) => type)).toEqual([
      'agent_started',
      'agent_message_delta',
      'agent_message_delta',
      'tool_executing',
    ])
    await goldenPath.close()
  })
})

describe('a queue that opens the run itself', () => {
  it('has its writer used, and the start that it wrote not written again', async () => {
    const { agent } = newAgent()
    const { start, eventLog, key, transport, delivered, goldenPath } = await open(async function* (...given) {
      for await (const event of agent(...given))
        if (event.type === 'agent_message_delta') yield event
        else return
    })
    const opened = await eventLog.openWriter(key)
    const text = JSON.stringify({ epoch: 1, sequence: 1, type: 'agent_started', data: { input: { text: 'go' } } })
    await opened.append({ epoch: 1, sequence: 1, type: 'agent_started', text, bytes: text.length })
    const writer: EventWriter = { ...opened, lastSequence: 1 }
    await start({ writer })
    expect(await delivered).toBe('completed')
    expect(positions(transport)).toEqual(['1.1', '1.2', '1.3', '1.4'])
    expect(transport.types.filter((type) => type === 'agent_started')).toHaveLength(1)
    await goldenPath.close()
  })
})
