import { describe, expect, it } from 'vitest'
import { runWithContext, tryCurrentContext } from 'user-execution-context/ambient'
import { createForUser, newRunId } from 'user-execution-context'
import {
  inProcessEventLog,
  inProcessRunQueue,
  openGoldenPath,
  parseLimits,
  RunCancellation,
  type Agent,
  type AgentInput,
  type EventLog,
  type GoldenPath,
  type RunJob,
  type RunQueue,
  type RunWorker,
} from '../../src/index.ts'
import { newUser } from '../users.ts'
import { lateEventLog, lateRunQueue } from './late-ports.ts'
import { RecordingTransport } from './recording-transport.ts'
import { never, newContext, runAgent } from './run-agent.ts'

const answering: Agent = async function* () {
  yield { type: 'agent_thinking', text: 'hm' }
  yield { type: 'tool_executing', toolCallId: 'a', toolName: 'add', input: { one: 1 } }
  yield { type: 'tool_completed', toolCallId: 'a', toolName: 'add', output: 2 }
  yield { type: 'agent_message_delta', text: 'it is ' }
  yield { type: 'agent_message_delta', text: '2' }
}
const hanging: Agent = async function* () {
  await never()
}
const settled = (timeMs = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs))

describe('openGoldenPath', () => {
  it('delivers a run from agent_started to agent_completed, numbered from 1', async () => {
    const { transport, end, goldenPath } = await runAgent(answering)
    expect(end).toBe('completed')
    expect(transport.events.map(({ sequence, type }) => [sequence, type])).toEqual([
      [1, 'agent_started'],
      [2, 'agent_thinking'],
      [3, 'tool_executing'],
      [4, 'tool_completed'],
      [5, 'agent_message_delta'],
      [6, 'agent_message_delta'],
      [7, 'agent_completed'],
    ])
    expect(transport.events.at(-1)?.data).toEqual({ text: 'it is 2' })
    await goldenPath.close()
  })

  it('refuses an agent that is no function, and limits that are none', () => {
    expect(() => openGoldenPath({ agent: {} as Agent })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }),
    )
    expect(() => openGoldenPath({ agent: answering, limits: { runTimeMs: 0 } })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }),
    )
  })

  it('refuses a queue of several processes without a log that they share', async () => {
    const runQueue = { ...inProcessRunQueue(parseLimits()), isShared: true }
    const issuesOf = (eventLog?: EventLog): unknown => {
      try {
        return void openGoldenPath({ agent: answering, runQueue, eventLog })
      } catch (error) {
        return (error as { readonly issues?: unknown }).issues
      }
    }
    expect(issuesOf()).toEqual([{ path: 'eventLog', kind: 'missing' }])
    expect(issuesOf(inProcessEventLog(parseLimits()))).toEqual([{ path: 'eventLog', kind: 'does not fit' }])
    expect(issuesOf(lateEventLog(inProcessEventLog(parseLimits())))).toBeUndefined()
  })

  it('refuses what is no context at every entry point', async () => {
    const goldenPath = openGoldenPath({ agent: answering })
    const refused = expect.objectContaining({ code: 'ERR_CONTEXT_NOT_ISSUED' })
    for (const forged of [undefined, {}, { ...newContext() }, structuredClone({ ...newContext() })] as never[]) {
      expect(() => goldenPath.connect(forged, new RecordingTransport())).toThrow(refused)
      expect(() => goldenPath.findConnections(forged)).toThrow(refused)
      await expect(goldenPath.execute(forged, { text: 'go' })).rejects.toEqual(refused)
      await expect(goldenPath.findRun(forged, newRunId())).rejects.toEqual(refused)
      await expect(goldenPath.listRuns(forged)).rejects.toEqual(refused)
      await expect(goldenPath.cancel(forged, newRunId())).rejects.toEqual(refused)
    }
    await goldenPath.close()
  })

  for (const input of [
    undefined,
    'go',
    { text: '' },
    { text: 5 },
    {},
    { text: 'x'.repeat(11) },
  ] as unknown[] as AgentInput[]) {
    it(`refuses ${JSON.stringify(input)} as an input of at most 10 characters`, async () => {
      const goldenPath = openGoldenPath({ agent: answering, limits: { inputCharacters: 10 } })
      const context = newContext()
      await expect(goldenPath.execute(context, input)).rejects.toMatchObject({ code: 'ERR_CONTEXT_INVALID_INPUT' })
      expect(await goldenPath.listRuns(context)).toEqual([])
      await goldenPath.execute(context, { text: 'x'.repeat(10) })
      await goldenPath.close()
    })
  }

  it('says that a run is accepted once, before it starts', async () => {
    const order: string[] = []
    const agent: Agent = async function* () {
      order.push('started')
      yield { type: 'agent_completed', text: 'done' }
    }
    const goldenPath = openGoldenPath({ agent })
    const run = await goldenPath.execute(newContext(), { text: 'go' }, { onAccepted: ({ runId }) => order.push(runId) })
    await settled()
    expect(order).toEqual([run.runId, 'started'])
    await goldenPath.close()
  })

  for (const [how, tell] of [
    [
      'throws',
      (failure: Error) => {
        throw failure
      },
    ],
    [
      'rejects',
      async (failure: Error) => {
        throw failure
      },
    ],
  ] as const)
    it(`executes a run although who was told of it ${how}, and says so to the log`, async () => {
      const errors: unknown[] = []
      const goldenPath = openGoldenPath({ agent: answering, onError: (error) => errors.push(error) })
      const transport = new RecordingTransport()
      goldenPath.connect(newContext(), transport)
      const failure = new Error('of the caller')
      await goldenPath.execute(newContext(), { text: 'go' }, { onAccepted: () => tell(failure) })
      await settled()
      expect(errors).toEqual([failure])
      expect(transport.events.at(-1)?.type).toBe('agent_completed')
      await goldenPath.close()
    })

  const limits = { concurrentRunsPerUser: 1, queuedRunsPerUser: 1 }
  const newLatePorts = () => ({
    eventLog: lateEventLog(inProcessEventLog(parseLimits(limits))),
    runQueue: lateRunQueue(inProcessRunQueue(parseLimits(limits))),
  })
  describe.each([
    ['at once', () => ({})],
    ['later', newLatePorts],
  ])('with ports that answer %s', (_when, newPorts) => {
    it('refuses a second run with the context of the first', async () => {
      const goldenPath = openGoldenPath({ agent: answering, limits, ...newPorts() })
      const context = newContext()
      await goldenPath.execute(context, { text: 'go' })
      await expect(goldenPath.execute(context, { text: 'go' })).rejects.toMatchObject({
        code: 'ERR_CONTEXT_RUN_EXISTS',
      })
      await goldenPath.close()
    })

    it('forgets a run that the queue refused', async () => {
      const goldenPath = openGoldenPath({ agent: hanging, limits, ...newPorts() })
      await goldenPath.execute(newContext(), { text: 'runs' })
      await settled()
      await goldenPath.execute(newContext(), { text: 'waits' })
      const refused = newContext()
      await expect(goldenPath.execute(refused, { text: 'one too many' })).rejects.toMatchObject({
        code: 'ERR_CONTEXT_TOO_MANY_RUNS',
      })
      expect(await goldenPath.findRun(refused, refused.runId)).toBeUndefined()
      expect(await goldenPath.listRuns(refused)).toHaveLength(2)
      await goldenPath.close()
    })
  })

  it('takes connectionsPerUser connections of a user, and one more when one has closed', async () => {
    const goldenPath = openGoldenPath({ agent: answering, limits: { connectionsPerUser: 2 } })
    const connect = (userId: string) => goldenPath.connect(newContext(userId), new RecordingTransport())
    const first = connect('alice')
    const second = connect('alice')
    expect(() => connect('alice')).toThrow(
      expect.objectContaining({
        code: 'ERR_CONTEXT_TOO_MANY_CONNECTIONS',
        issues: [{ path: 'limits.connectionsPerUser', kind: 'too large' }],
      }),
    )
    connect('bob')
    first.release()
    expect(goldenPath.findConnections(newContext('alice'))).toEqual([second])
    connect('alice')
    second.close(1000, 'done')
    connect('alice')
    await goldenPath.close()
  })

  it('tells a foreign run from an unknown run in nothing', async () => {
    const goldenPath = openGoldenPath({ agent: hanging })
    const alice = newContext('alice')
    const bob = newContext('bob')
    const run = await goldenPath.execute(alice, { text: 'go' })
    await settled()
    expect(await goldenPath.findRun(bob, run.runId)).toBeUndefined()
    const [foreign, unknown] = await Promise.all(
      [run.runId, newRunId()].map((runId) =>
        goldenPath
          .cancel(bob, runId)
          .catch((error: Error & { code: string }) => ({ code: error.code, message: error.message })),
      ),
    )
    expect(foreign).toEqual(unknown)
    expect(foreign).toMatchObject({ code: 'ERR_CONTEXT_RUN_NOT_FOUND' })
    expect(await goldenPath.cancel(alice, run.runId)).toBe(true)
    await goldenPath.close()
  })

  it('keeps two tenants apart that name their users alike', async () => {
    const goldenPath = openGoldenPath({ agent: hanging })
    const ofTenant = (tenantId: string) => createForUser(newUser('user-1', { tenantId }))
    const run = await goldenPath.execute(ofTenant('one'), { text: 'go' })
    expect(await goldenPath.findRun(ofTenant('two'), run.runId)).toBeUndefined()
    expect(await goldenPath.listRuns(ofTenant('two'))).toEqual([])
    const connection = goldenPath.connect(ofTenant('two'), new RecordingTransport())
    expect(() => goldenPath.deliver(run, connection)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_ISOLATION' }),
    )
    await goldenPath.close()
  })

  it('finds a run again for its owner, from any of their contexts', async () => {
    const goldenPath = openGoldenPath({ agent: hanging })
    const context = newContext()
    const run = await goldenPath.execute(context, { text: 'go' })
    const found = await goldenPath.findRun(newContext(), run.runId)
    expect(found).toMatchObject({ runId: run.runId, threadId: context.threadId, requestId: context.requestId })
    expect(await goldenPath.listRuns(newContext())).toMatchObject([{ runId: run.runId }])
    await goldenPath.close()
  })

  it('says connection_ready first, with the id of the connection', async () => {
    const goldenPath = openGoldenPath({ agent: answering })
    const transport = new RecordingTransport()
    const { connectionId } = goldenPath.connect(newContext(), transport)
    expect(transport.messages).toEqual([{ version: 1, type: 'connection_ready', connectionId }])
    await goldenPath.close()
  })

  it('ends every run as drained, closes every connection with 1001 and takes nothing more when it closes', async () => {
    const goldenPath = openGoldenPath({ agent: hanging, limits: { concurrentRuns: 1 } })
    const transport = new RecordingTransport()
    goldenPath.connect(newContext(), transport)
    for (const contexts of [newContext(), newContext()]) await goldenPath.execute(contexts, { text: 'go' })
    await settled()
    await goldenPath.close()
    expect(transport.types.filter((type) => type === 'agent_started')).toHaveLength(2)
    const terminal = transport.events.filter(({ type }) => type === 'agent_failed')
    const codes = terminal.map(({ data }) => (data as { readonly code: string }).code)
    expect(codes).toEqual(['ERR_CONTEXT_RUN_DRAINED', 'ERR_CONTEXT_RUN_DRAINED'])
    expect(transport.closes).toMatchObject([{ code: 1001 }])
    const refused = expect.objectContaining({ code: 'ERR_CONTEXT_CLOSED' })
    expect(() => goldenPath.connect(newContext(), new RecordingTransport())).toThrow(refused)
    await expect(goldenPath.execute(newContext(), { text: 'go' })).rejects.toEqual(refused)
  })

  describe("in somebody else's ambient context", () => {
    const newWitness = () => {
      const seen: unknown[] = []
      const agent: Agent = async function* (scope) {
        seen.push(tryCurrentContext())
        scope.signal.addEventListener('abort', () => seen.push(tryCurrentContext()))
        await never()
      }
      return { seen, agent }
    }
    /** A queue that hands its job on when it is told to, in the async context of whoever tells it. */
    const newHandedQueue = () => {
      const cancellation = new RunCancellation()
      const jobs: RunJob[] = []
      const runs: Promise<void>[] = []
      let worker!: RunWorker
      const runQueue: RunQueue = {
        enqueue: (job, onQueued) => {
          jobs.push(job)
          onQueued?.()
        },
        process: (given) => (worker = given),
        cancel: async () => false,
        close: async () => {
          cancellation.cancel('shutdown')
          await Promise.all(runs)
        },
      }
      return { runQueue, hand: () => runs.push(worker(jobs.shift()!, cancellation)) }
    }
    const end = async (goldenPath: GoldenPath) => {
      await settled()
      await runWithContext(newContext('alice'), () => goldenPath.close())
    }

    it("runs and aborts the agent of a user when another's run ends before", async () => {
      const { seen, agent } = newWitness()
      const goldenPath = openGoldenPath({ agent, limits: { concurrentRuns: 1 } })
      const alice = newContext('alice')
      await runWithContext(alice, () => goldenPath.execute(alice, { text: 'go' }))
      await goldenPath.execute(newContext('bob'), { text: 'go' })
      await runWithContext(alice, () => goldenPath.cancel(alice, alice.runId))
      await end(goldenPath)
      expect(seen).toEqual([undefined, undefined, undefined, undefined])
    })

    it('runs and aborts the agent of a user when another opened the golden path', async () => {
      const { seen, agent } = newWitness()
      const goldenPath = runWithContext(newContext('alice'), () => openGoldenPath({ agent }))
      await goldenPath.execute(newContext('bob'), { text: 'go' })
      await end(goldenPath)
      expect(seen).toEqual([undefined, undefined])
    })

    it("runs and aborts the agent of a user when another's call lets the queue go on", async () => {
      const { seen, agent } = newWitness()
      const { runQueue, hand } = newHandedQueue()
      const transport = new RecordingTransport()
      const goldenPath = openGoldenPath({ agent, runQueue })
      goldenPath.connect(newContext('bob'), transport)
      await goldenPath.execute(newContext('bob'), { text: 'go' })
      runWithContext(newContext('alice'), () => hand())
      await end(goldenPath)
      expect(seen).toEqual([undefined, undefined])
      expect(transport.types).toEqual(['agent_started', 'agent_failed'])
    })
  })

  it('keeps no trace of 2,000 runs of connections that have gone', async () => {
    const goldenPath = openGoldenPath({ agent: answering, limits: { retainedRuns: 5, retainedRunsPerUser: 5 } })
    for (let index = 0; index < 2_000; index++) {
      const context = newContext(`user-${index}`)
      const connection = goldenPath.connect(context, new RecordingTransport())
      const run = await goldenPath.execute(context, { text: 'go' })
      await goldenPath.deliver(run, connection)
      connection.release()
      if (index < 1_990) continue
      expect(goldenPath.findConnections(context)).toEqual([])
    }
    expect(await goldenPath.listRuns(newContext('user-0'))).toEqual([])
    await goldenPath.close()
  })
})
