import { describe, expect, it, vi } from 'vitest'
import {
  inProcessEventLog,
  inProcessRunQueue,
  openGoldenPath,
  openReceiver,
  parseLimits,
  type Agent,
  type GoldenPathOptions,
  type Limits,
  type ReceiverOptions,
} from '../../src/index.ts'
import { toOutlet } from '../../src/phases/connection/connection.ts'
import { createForUser } from 'user-execution-context'
import { newUser } from '../users.ts'
import { lateEventLog, lateRunQueue } from './late-ports.ts'
import { RecordingTransport } from './recording-transport.ts'
import { never, newContext } from './run-agent.ts'

const settled = (timeMs = 30): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs))
const echo: Agent = async function* (_scope, { text }) {
  yield { type: 'agent_message_delta', text }
}
const hanging: Agent = async function* () {
  await never()
}

type Setting = { agent?: Agent; limits?: Partial<Limits>; ports?: Pick<GoldenPathOptions, 'eventLog' | 'runQueue'> }

const open = (
  userId = 'alice',
  { agent = echo, limits = {}, ports = {}, ...options }: Partial<ReceiverOptions> & Setting = {},
) => {
  const goldenPath = openGoldenPath({ agent, limits, ...ports })
  return { goldenPath, ...join(goldenPath, userId, options) }
}
const join = (
  goldenPath: ReturnType<typeof openGoldenPath>,
  userId: string,
  options: Partial<ReceiverOptions> = {},
) => {
  const user = newUser(userId)
  const transport = new RecordingTransport()
  const connection = goldenPath.connect(createForUser(user), transport)
  const receive = openReceiver(goldenPath, connection, { createContext: (run) => createForUser(user, run), ...options })
  return {
    transport,
    connection,
    say: (message: unknown) => receive(typeof message === 'string' ? message : JSON.stringify(message)),
  }
}
const errorsOf = (transport: RecordingTransport) => transport.messages.filter(({ type }) => type === 'error')

/** The types of the messages of each write, as a transport sees them that can hold back. */
const recordWrites = (transport: RecordingTransport): readonly (readonly string[])[] => {
  const writes: string[][] = []
  let held: string[] | undefined
  transport.send = (text) => {
    const { type } = JSON.parse(text) as { type: string }
    if (held) held.push(type)
    else writes.push([type])
  }
  Object.assign(transport, {
    cork: () => (held = []),
    uncork: () => {
      if (held && held.length > 0) writes.push(held)
      held = undefined
    },
  })
  return writes
}

describe('openReceiver', () => {
  it.each([
    ['at once', {}],
    [
      'later',
      {
        eventLog: lateEventLog(inProcessEventLog(parseLimits())),
        runQueue: lateRunQueue(inProcessRunQueue(parseLimits())),
      },
    ],
  ])(
    'starts a run, accepts it before its first event, repeats the reference; ports answer %s',
    async (_when, ports) => {
      const { goldenPath, transport, say } = open('alice', { ports })
      await settled()
      const order: string[] = []
      const send = transport.send.bind(transport)
      transport.send = (text, position) => {
        order.push((JSON.parse(text) as { type: string }).type)
        send(text, position)
      }
      await say({ type: 'start_run', input: { text: 'hi' }, threadId: 'thread-1', clientRequestId: '7' })
      await settled()
      expect(order).toEqual(['run_accepted', 'agent_started', 'agent_message_delta', 'agent_completed'])
      expect(transport.messages.at(-1)).toMatchObject({
        type: 'run_accepted',
        threadId: 'thread-1',
        clientRequestId: '7',
      })
      expect(transport.sequences).toEqual([1, 2, 3])
      await goldenPath.close()
    },
  )

  it('repeats a reference that would end the text of its answer as it is', async () => {
    const { goldenPath, transport, say } = open()
    const clientRequestId = '","runId":"forged\\'
    await say({ type: 'start_run', input: { text: 'hi' }, clientRequestId })
    await settled()
    expect(transport.messages.at(-1)).toMatchObject({
      type: 'run_accepted',
      clientRequestId,
      runId: transport.events[0]!.runId,
    })
    await goldenPath.close()
  })

  it('starts a run in a context that is made later, by a look-up of the session', async () => {
    const user = newUser('alice')
    const createContext: ReceiverOptions['createContext'] = async (run) => {
      await settled(1)
      return createForUser(user, run)
    }
    const { goldenPath, transport, say } = open('alice', { createContext })
    await say({ type: 'start_run', input: { text: 'hi' }, threadId: 'thread-1' })
    await settled()
    expect(transport.events.map(({ type, threadId }) => [type, threadId])).toEqual(
      ['agent_started', 'agent_message_delta', 'agent_completed'].map((type) => [type, 'thread-1']),
    )
    await goldenPath.close()
  })

  it('sends the answer and the first event of a run in one write, before the agent goes on', async () => {
    const { goldenPath, transport, say } = open('alice', { agent: hanging })
    await settled()
    const writes = recordWrites(transport)
    await say({ type: 'start_run', input: { text: 'hi' } })
    expect(writes).toEqual([['run_accepted', 'agent_started']])
    await goldenPath.close()
  })

  it('sends the answer for a run that has to wait when the tick ends', async () => {
    const { goldenPath, transport, connection, say } = open('alice', {
      agent: hanging,
      limits: { concurrentRunsPerUser: 1 },
    })
    await say({ type: 'start_run', input: { text: 'runs' } })
    await settled()
    const writes = recordWrites(transport)
    await say({ type: 'start_run', input: { text: 'waits' } })
    await new Promise(process.nextTick)
    expect(writes).toEqual([['run_accepted']])
    // What comes later has no answer to hurry for, and leaves in one write.
    connection.send({ version: 1, type: 'pong' })
    toOutlet(connection).send('{"type":"agent_started"}', 24, { epoch: 1, sequence: 1 })
    toOutlet(connection).send('{"type":"agent_thinking"}', 25, { epoch: 1, sequence: 2 })
    await new Promise(process.nextTick)
    expect(writes.slice(1)).toEqual([['pong', 'agent_started', 'agent_thinking']])
    await goldenPath.close()
  })

  it('corks and uncorks its transport in turns, since some transports count', async () => {
    const { goldenPath, transport, say } = open()
    await settled()
    const calls: string[] = []
    Object.assign(transport, { cork: () => calls.push('cork'), uncork: () => calls.push('uncork') })
    await say({ type: 'start_run', input: { text: 'hi' } })
    await settled()
    expect(transport.types).toEqual(['agent_started', 'agent_message_delta', 'agent_completed'])
    expect(calls).toEqual(calls.map((_call, index) => (index % 2 === 0 ? 'cork' : 'uncork')))
    expect(calls.at(-1)).toBe('uncork')
    await goldenPath.close()
  })

  it('resumes a run of its user after a cut', async () => {
    const { goldenPath, transport, say } = open()
    await say({ type: 'start_run', input: { text: 'hi' } })
    await settled()
    const second = join(goldenPath, 'alice')
    await second.say({ type: 'resume', runId: transport.events[0]!.runId, lastSequence: 1 })
    await settled()
    expect(second.transport.sequences).toEqual([2, 3])
    await goldenPath.close()
  })

  it('answers each resume with where the run goes on, whatever was sent of it before', async () => {
    const { goldenPath, transport, say } = open()
    await goldenPath.execute(newContext('alice'), { text: 'hi' })
    await settled()
    const { runId, threadId } = transport.events[0]!
    const resume = async (lastSequence: number) => {
      const before = transport.events.length
      await say({ type: 'resume', runId, lastSequence, clientRequestId: `after ${lastSequence}` })
      await settled()
      const answer = transport.messages.at(-1)
      return { answer, sequences: transport.sequences.slice(before) }
    }
    const answer = (asked: number, lastSequence: number, hasEnded: boolean) => ({
      ...{ version: 1, type: 'resume_accepted', threadId, runId, epoch: 1, lastSequence, hasEnded },
      clientRequestId: `after ${asked}`,
    })
    // It came by itself a moment ago: nothing is sent twice.
    expect(await resume(0)).toEqual({ answer: answer(0, 3, true), sequences: [] })
    // Whoever asks again has lost it.
    expect(await resume(0)).toEqual({ answer: answer(0, 0, false), sequences: [1, 2, 3] })
    expect(await resume(2)).toEqual({ answer: answer(2, 2, false), sequences: [3] })
    expect(await resume(3)).toEqual({ answer: answer(3, 3, true), sequences: [] })
    expect(await resume(9)).toEqual({ answer: answer(9, 3, true), sequences: [] })
    await goldenPath.close()
  })

  it('answers a resume of a run that waits, and of one that came by itself and goes on', async () => {
    const { goldenPath, transport, say } = open('alice', { agent: hanging, limits: { concurrentRunsPerUser: 1 } })
    const runs = [
      await goldenPath.execute(newContext('alice'), { text: 'runs' }),
      await goldenPath.execute(newContext('alice'), { text: 'waits' }),
    ]
    await settled()
    for (const { runId } of runs) await say({ type: 'resume', runId, lastSequence: 0 })
    await settled()
    expect(transport.messages.filter(({ type }) => type === 'resume_accepted')).toMatchObject([
      { runId: runs[0]!.runId, lastSequence: 1, hasEnded: false },
      { runId: runs[1]!.runId, lastSequence: 0, hasEnded: false },
    ])
    expect(transport.sequences).toEqual([1])
    await goldenPath.close()
  })

  it('answers a cancel with whether there was anything left to cancel', async () => {
    const { goldenPath, transport, say } = open('alice', { agent: hanging })
    await say({ type: 'start_run', input: { text: 'hi' } })
    await settled()
    const { runId } = transport.events[0]!
    for (const clientRequestId of ['1', '2']) await say({ type: 'cancel_run', runId, clientRequestId })
    await settled()
    const answers = transport.messages.filter(({ type }) => type === 'cancel_accepted')
    expect(answers).toEqual([
      { version: 1, type: 'cancel_accepted', runId, isCancelled: true, clientRequestId: '1' },
      { version: 1, type: 'cancel_accepted', runId, isCancelled: false, clientRequestId: '2' },
    ])
    await goldenPath.close()
  })

  it('answers a foreign run and an unknown run alike, to resume and to cancel', async () => {
    const { goldenPath, transport, say } = open('alice', { agent: hanging })
    await say({ type: 'start_run', input: { text: 'hi' } })
    await settled()
    const { runId } = transport.events[0]!
    const stranger = join(goldenPath, 'bob')
    for (const type of ['resume', 'cancel_run']) {
      for (const id of [runId, 'unknown-1'])
        await stranger.say({ type, runId: id, ...(type === 'resume' ? { lastSequence: 0 } : {}) })
    }
    await settled()
    const errors = errorsOf(stranger.transport)
    expect(errors).toHaveLength(4)
    for (const error of errors)
      expect(error).toEqual({ version: 1, type: 'error', code: 'ERR_CONTEXT_RUN_NOT_FOUND', message: 'Not found.' })
    expect(stranger.transport.events).toEqual([])
    expect(transport.types).toEqual(['agent_started'])
    await goldenPath.close()
  })

  it('cancels a run of its user', async () => {
    const { goldenPath, transport, say } = open('alice', { agent: hanging })
    await say({ type: 'start_run', input: { text: 'hi' } })
    await settled()
    await say({ type: 'cancel_run', runId: transport.events[0]!.runId })
    await settled()
    expect(transport.types).toEqual(['agent_started', 'agent_cancelled'])
    expect(errorsOf(transport)).toEqual([])
    await goldenPath.close()
  })

  for (const nonsense of [
    '',
    '{',
    '[]',
    '{"type":"start_agent"}',
    '{"type":"start_run","input":{"text":""}}',
    '\u0000',
  ]) {
    it(`answers ${JSON.stringify(nonsense)} with an error event and lives on`, async () => {
      const { goldenPath, transport, connection, say } = open()
      await say(nonsense)
      expect(errorsOf(transport)).toEqual([
        { version: 1, type: 'error', code: 'ERR_CONTEXT_INVALID_MESSAGE', message: 'The request is not valid.' },
      ])
      expect(connection.isClosed).toBe(false)
      await say({ type: 'ping' })
      expect(transport.messages.at(-1)).toEqual({ version: 1, type: 'pong' })
      await goldenPath.close()
    })
  }

  it('takes a message of messageBytes and refuses one byte more', async () => {
    const message = JSON.stringify({ type: 'start_run', input: { text: 'é' } })
    const { goldenPath, transport, say } = open('alice', { limits: { messageBytes: Buffer.byteLength(message) } })
    await say(message)
    expect(errorsOf(transport)).toEqual([])
    await say(message.replace('é', 'éx'))
    expect(errorsOf(transport)).toMatchObject([{ code: 'ERR_CONTEXT_INVALID_MESSAGE' }])
    await goldenPath.close()
  })

  it('names the request that an error answers', async () => {
    const { goldenPath, transport, say } = open()
    await say({ type: 'cancel_run', runId: 'unknown-1', clientRequestId: 'mine' })
    expect(errorsOf(transport)).toMatchObject([{ clientRequestId: 'mine' }])
    await goldenPath.close()
  })

  it('says that the queue is full', async () => {
    const { goldenPath, transport, say } = open('alice', {
      agent: hanging,
      limits: { concurrentRunsPerUser: 1, queuedRunsPerUser: 1 },
    })
    await say({ type: 'start_run', input: { text: 'runs' } })
    await settled()
    await say({ type: 'start_run', input: { text: 'waits' } })
    await say({ type: 'start_run', input: { text: 'one too many' } })
    expect(errorsOf(transport)).toMatchObject([
      { code: 'ERR_CONTEXT_TOO_MANY_RUNS', message: 'Too many requests. Try again later.' },
    ])
    await goldenPath.close()
  })

  it('acts on messagesPerSecond messages, answers each of the next with an error, and closes a flood', async () => {
    const { goldenPath, transport, connection, say } = open('alice', { limits: { messagesPerSecond: 5 } })
    for (let index = 0; index < 5; index++) await say({ type: 'ping' })
    expect(transport.messages.filter(({ type }) => type === 'pong')).toHaveLength(5)
    for (let index = 0; index < 45; index++)
      await say({ type: 'resume', runId: 'r-1', lastSequence: 0, clientRequestId: String(index) })
    const errors = errorsOf(transport)
    expect(errors.map((error) => 'clientRequestId' in error && error.clientRequestId)).toEqual(
      Array.from({ length: 45 }, (_, index) => String(index)),
    )
    expect(new Set(errors.map((error) => 'code' in error && error.code))).toEqual(
      new Set(['ERR_CONTEXT_TOO_MANY_MESSAGES']),
    )
    expect(connection.isClosed).toBe(false)
    await say({ type: 'ping' })
    expect(transport.closes).toMatchObject([{ code: 4429 }])
    await goldenPath.close()
  })

  it('takes messages of honest clients while the clock of the machine is set back by an hour', async () => {
    const { goldenPath, transport, connection, say } = open('alice', { limits: { messagesPerSecond: 2 } })
    await say({ type: 'ping' })
    const now = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => now - 3_600_000)
    try {
      for (let index = 0; index < 3; index++) {
        await settled(700)
        await say({ type: 'ping' })
      }
    } finally {
      vi.restoreAllMocks()
    }
    expect(transport.messages.filter(({ type }) => type === 'pong')).toHaveLength(4)
    expect(connection.isClosed).toBe(false)
    await goldenPath.close()
  })

  it('takes messages again in the next second', async () => {
    const { goldenPath, transport, say } = open('alice', { limits: { messagesPerSecond: 1 } })
    await say({ type: 'ping' })
    await say({ type: 'ping' })
    await settled(1_050)
    await say({ type: 'ping' })
    expect(transport.messages.filter(({ type }) => type === 'pong')).toHaveLength(2)
    await goldenPath.close()
  })

  it('starts nothing with the context of another user, whatever made it', async () => {
    const { goldenPath, transport, say } = open('alice', { createContext: () => newContext('bob') })
    await say({ type: 'start_run', input: { text: 'hi' } })
    expect(errorsOf(transport)).toHaveLength(1)
    expect(await goldenPath.listRuns(newContext('bob'))).toEqual([])
    await goldenPath.close()
  })

  it('tells a client nothing of an error that is not ours', async () => {
    const { goldenPath, transport, say } = open('alice', {
      createContext: () => {
        throw new Error('secret')
      },
    })
    await say({ type: 'start_run', input: { text: 'hi' } })
    expect(errorsOf(transport)).toEqual([
      { version: 1, type: 'error', code: 'ERR_INTERNAL', message: 'Something went wrong on our side.' },
    ])
    await goldenPath.close()
  })

  it('renews a token through the login, and refuses where there is none', async () => {
    const renewing = open('alice', {
      renewToken: async (token) => ({ expiresAtMs: token === 'fresh' ? 1_800_000_000_000 : 8.65e15 }),
    })
    await renewing.say({ type: 'renew_token', token: 'fresh' })
    expect(renewing.transport.messages.at(-1)).toEqual({
      version: 1,
      type: 'token_renewed',
      expiresAt: '2027-01-15T08:00:00.000Z',
    })
    await renewing.say({ type: 'renew_token', token: 'everlasting', clientRequestId: 'mine' })
    expect(renewing.transport.messages.at(-1)).toEqual({ version: 1, type: 'token_renewed', clientRequestId: 'mine' })
    await renewing.goldenPath.close()
    const other = open()
    await other.say({ type: 'renew_token', token: 'fresh' })
    expect(errorsOf(other.transport)).toMatchObject([{ code: 'ERR_CONTEXT_INVALID_MESSAGE' }])
    await other.goldenPath.close()
  })

  it('refuses what is no connection', () => {
    const goldenPath = openGoldenPath({ agent: echo })
    expect(() => openReceiver(goldenPath, {} as never, { createContext: () => newContext() })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_CONNECTION_NOT_ISSUED' }),
    )
  })
})

describe('openReceiver with a context of another user', () => {
  const openCrossed = async () => {
    const goldenPath = openGoldenPath({ agent: hanging })
    const bob = createForUser(newUser('bob'))
    const run = await goldenPath.execute(bob, { text: 'go' })
    return { goldenPath, bob, run, alice: join(goldenPath, 'alice', { createContext: () => bob }) }
  }

  it('cancels nothing of that user', async () => {
    const { goldenPath, bob, run, alice } = await openCrossed()
    await alice.say({ type: 'cancel_run', runId: run.runId })
    expect(errorsOf(alice.transport)).toMatchObject([{ code: 'ERR_CONTEXT_ISOLATION' }])
    expect(await goldenPath.cancel(bob, run.runId)).toBe(true)
  })

  it('looks for no run of that user', async () => {
    const { alice } = await openCrossed()
    await alice.say({ type: 'resume', runId: 'unknown', lastSequence: 0 })
    expect(errorsOf(alice.transport)).toMatchObject([{ code: 'ERR_CONTEXT_ISOLATION' }])
  })
})

describe('a connection that takes all runs', () => {
  it('remembers of no more runs than the log keeps that they came before anybody asked for them', async () => {
    const goldenPath = openGoldenPath({ agent: echo, limits: { retainedRunsPerUser: 1 } })
    const user = newUser('alice')
    const connection = goldenPath.connect(createForUser(user), new RecordingTransport())
    const runs = []
    for (let count = 0; count < 3; count++) {
      runs.push(await goldenPath.execute(createForUser(user), { text: 'go' }))
      await settled()
    }
    // The first is forgotten here as it is in the log, so the question for it goes to the log.
    expect(await goldenPath.deliver(runs[0]!, connection)).toBe('forgotten')
    expect(await goldenPath.deliver(runs[2]!, connection)).toBe('completed')
  })
})
