import { setTimeout as pause } from 'node:timers/promises'
import { createForUser } from 'user-execution-context'
import { describe, expect, it, vi } from 'vitest'
import {
  inProcessEventLog,
  inProcessRunQueue,
  openGoldenPath,
  openReceiver,
  parseLimits,
  type Agent,
  type GoldenPath,
  type GoldenPathOptions,
} from '../../src/index.ts'
import { newUser } from '../users.ts'
import { lateEventLog, lateRunQueue } from './late-ports.ts'
import { RecordingTransport } from './recording-transport.ts'
import { never, newContext } from './run-agent.ts'

const key = 'a-random-key-of-the-client'
const countingAgent = () => {
  let runs = 0
  const agent: Agent = async function* (_scope, { text }) {
    runs++
    yield { type: 'agent_message_delta', text }
  }
  return { agent, runs: () => runs }
}
const join = (goldenPath: GoldenPath, userId = 'alice') => {
  const user = newUser(userId)
  const transport = new RecordingTransport()
  const connection = goldenPath.connect(createForUser(user), transport)
  const receive = openReceiver(goldenPath, connection, { createContext: (run) => createForUser(user, run) })
  const accepted = () => transport.messages.flatMap((message) => (message.type === 'run_accepted' ? message : []))
  const errors = () => transport.messages.flatMap((message) => (message.type === 'error' ? message.code : []))
  return { transport, connection, accepted, errors, say: (message: object) => receive(JSON.stringify(message)) }
}
const start = (more: object = {}) => ({ type: 'start_run', input: { text: 'hi' }, idempotencyKey: key, ...more })
const settled = () => pause(30)

describe.each([
  ['at once', (): Partial<GoldenPathOptions> => ({})],
  [
    'later',
    (): Partial<GoldenPathOptions> => ({
      eventLog: lateEventLog(inProcessEventLog(parseLimits())),
      runQueue: lateRunQueue(inProcessRunQueue(parseLimits())),
    }),
  ],
])('a start with an idempotency key, with ports that answer %s', (_when, toPorts) => {
  const open = (more: Partial<GoldenPathOptions> = {}) => {
    const { agent, runs } = countingAgent()
    return { goldenPath: openGoldenPath({ agent, ...toPorts(), ...more }), runs }
  }

  it('runs once and is answered each time, also when both are said at once', async () => {
    const { goldenPath, runs } = open()
    const alice = join(goldenPath)
    await Promise.all([alice.say(start({ clientRequestId: '1' })), alice.say(start({ clientRequestId: '2' }))])
    await settled()
    await alice.say(start({ clientRequestId: '3' }))
    await settled()
    expect(runs()).toBe(1)
    expect(alice.accepted().map(({ clientRequestId }) => clientRequestId)).toEqual(['1', '2', '3'])
    expect(new Set(alice.accepted().map(({ runId, threadId }) => `${runId} ${threadId}`)).size).toBe(1)
    expect(alice.transport.sequences).toEqual([1, 2, 3])
    expect(alice.errors()).toEqual([])
    await goldenPath.close()
  })

  it('runs once when it is said again after a cut, and the new connection gets the events', async () => {
    const { goldenPath, runs } = open()
    const first = join(goldenPath)
    await first.say(start())
    first.connection.release()
    const second = join(goldenPath)
    await second.say(start())
    await settled()
    expect(runs()).toBe(1)
    expect(second.accepted()[0]!.runId).toBe(first.accepted()[0]!.runId)
    expect(second.transport.sequences).toEqual([1, 2, 3])
    await goldenPath.close()
  })

  it('is refused with another input, whichever came first', async () => {
    const { goldenPath, runs } = open()
    const alice = join(goldenPath)
    await Promise.all([alice.say(start()), alice.say(start({ input: { text: 'hi!' } }))])
    await settled()
    expect(runs()).toBe(1)
    expect(alice.errors()).toEqual(['ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED'])
    await goldenPath.close()
  })

  it('is another one in another thread, without a thread, and for another user', async () => {
    const { goldenPath, runs } = open()
    const alice = join(goldenPath)
    for (const thread of [{}, { threadId: 't-1' }, { threadId: 't-2' }]) await alice.say(start(thread))
    await join(goldenPath, 'bob').say(start())
    await settled()
    expect(runs()).toBe(4)
    await goldenPath.close()
  })

  it('is not remembered when it is refused, and those that waited for it are decided anew', async () => {
    const limits = { concurrentRunsPerUser: 1, queuedRunsPerUser: 1 }
    const ports = toPorts().eventLog
      ? {
          eventLog: lateEventLog(inProcessEventLog(parseLimits(limits))),
          runQueue: lateRunQueue(inProcessRunQueue(parseLimits(limits))),
        }
      : {}
    const gates: (() => void)[] = []
    const agent: Agent = async function* () {
      await new Promise<void>((resolve) => gates.push(resolve))
    }
    const goldenPath = openGoldenPath({ agent, limits, ...ports })
    const alice = join(goldenPath)
    await alice.say({ type: 'start_run', input: { text: 'runs' } })
    await settled()
    await alice.say({ type: 'start_run', input: { text: 'waits' } })
    await Promise.all([alice.say(start()), alice.say(start())])
    expect(alice.errors()).toEqual(['ERR_CONTEXT_TOO_MANY_RUNS', 'ERR_CONTEXT_TOO_MANY_RUNS'])
    gates.shift()!()
    await settled()
    await alice.say(start())
    expect(alice.accepted()).toHaveLength(3)
    for (let round = 0; round < 3; round++) {
      gates.shift()?.()
      await settled()
    }
    await goldenPath.close()
  })
})

describe('the memory of idempotency keys', () => {
  const execute = (goldenPath: GoldenPath, idempotencyKey: string, text = 'go', userId = 'alice') =>
    goldenPath.execute(newContext(userId), { text }, { idempotencyKey, idempotencyScope: 'x' })
  const nth = (index: number) => `key-number-${String(index).padStart(6, '0')}`

  it('outlives the run in the log by a day, and lasts as long as the run', async () => {
    vi.useFakeTimers()
    try {
      const { agent, runs } = countingAgent()
      const goldenPath = openGoldenPath({ agent, limits: { retainedRunsPerUser: 1 } })
      const pushed = await execute(goldenPath, nth(1))
      await vi.advanceTimersByTimeAsync(10)
      const held = await execute(goldenPath, nth(2))
      await vi.advanceTimersByTimeAsync(10)
      expect(await goldenPath.findRun(newContext('alice'), pushed.runId)).toBeUndefined()
      await vi.advanceTimersByTimeAsync(86_400_000 - 1_000)
      expect((await execute(goldenPath, nth(1))).runId).toBe(pushed.runId)
      await vi.advanceTimersByTimeAsync(2_000)
      // Looks at the two that are a day old: the log has one of them.
      await execute(goldenPath, nth(3), 'go', 'bob')
      await vi.advanceTimersByTimeAsync(10)
      expect((await execute(goldenPath, nth(2))).runId).toBe(held.runId)
      expect(runs()).toBe(3)
      expect((await execute(goldenPath, nth(1))).runId).not.toBe(pushed.runId)
      await goldenPath.close()
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ['of one user', { idempotencyKeysPerUser: 2 }, 'limits.idempotencyKeysPerUser', 'alice'],
    ['of all users', { idempotencyKeys: 2 }, 'limits.idempotencyKeys', 'bob'],
  ])('is bounded: refuses one more %s, and forgets none for it', async (_whose, limits, path, last) => {
    const { agent } = countingAgent()
    const goldenPath = openGoldenPath({ agent, limits })
    const first = await execute(goldenPath, nth(1))
    await execute(goldenPath, nth(2))
    await expect(execute(goldenPath, nth(3), 'go', last)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_TOO_MANY_RUNS',
      issues: [{ path }],
    })
    expect((await execute(goldenPath, nth(1))).runId).toBe(first.runId)
    await goldenPath.execute(newContext('alice'), { text: 'without a key' })
    await goldenPath.close()
  })

  it.each([['short-key'], ['x'.repeat(257)], [16 as never], [null as never]])(
    'takes no key such as %j',
    async (bad) => {
      const { agent, runs } = countingAgent()
      const goldenPath = openGoldenPath({ agent })
      await expect(execute(goldenPath, bad)).rejects.toMatchObject({ code: 'ERR_CONTEXT_INVALID_OPTIONS' })
      const alice = join(goldenPath)
      await alice.say(start({ idempotencyKey: bad }))
      expect(alice.errors()).toEqual(['ERR_CONTEXT_INVALID_MESSAGE'])
      expect(runs()).toBe(0)
      await goldenPath.close()
    },
  )

  it('does not confuse a scope and a key that run together', async () => {
    const { agent, runs } = countingAgent()
    const goldenPath = openGoldenPath({ agent })
    const context = newContext('alice')
    const once = (idempotencyScope: string, idempotencyKey: string) =>
      goldenPath.execute(newContext('alice'), { text: 'go' }, { idempotencyScope, idempotencyKey })
    await once('a', `b:${key}`)
    await once('a:b', key)
    await settled()
    expect(runs()).toBe(2)
    expect(await goldenPath.listRuns(context)).toHaveLength(2)
    await goldenPath.close()
  })

  // A client that tries again is given another thread where it names none: each try would be a start of its own.
  it('finds by default the start of the user, in a thread that was made anew or in another one', async () => {
    const { agent, runs } = countingAgent()
    const goldenPath = openGoldenPath({ agent })
    const user = newUser('alice')
    const once = (run: { readonly threadId: string } | undefined, text = 'go') =>
      goldenPath.execute(createForUser(user, run as never), { text }, { idempotencyKey: key })
    const first = await once(undefined)
    for (const run of [undefined, undefined, { threadId: 't-1' }]) {
      const { runId, threadId } = await once(run)
      expect([runId, threadId]).toEqual([first.runId, first.threadId])
    }
    await expect(once(undefined, 'other')).rejects.toMatchObject({ code: 'ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED' })
    const ofBob = await goldenPath.execute(newContext('bob'), { text: 'go' }, { idempotencyKey: key })
    expect(ofBob.runId).not.toBe(first.runId)
    await settled()
    expect(runs()).toBe(2)
    await goldenPath.close()
  })

  it('tells threads apart where the scope names them', async () => {
    const { agent, runs } = countingAgent()
    const goldenPath = openGoldenPath({ agent })
    const inThread = (idempotencyScope: string) =>
      goldenPath.execute(newContext('alice'), { text: 'go' }, { idempotencyKey: key, idempotencyScope })
    expect((await inThread('t-1')).runId).toBe((await inThread('t-1')).runId)
    await inThread('t-2')
    await settled()
    expect(runs()).toBe(2)
    await goldenPath.close()
  })

  it('remembers a start whose run still executes', async () => {
    const agent: Agent = async function* () {
      await never()
    }
    const goldenPath = openGoldenPath({ agent })
    const first = await execute(goldenPath, nth(1))
    expect((await execute(goldenPath, nth(1))).runId).toBe(first.runId)
    await goldenPath.close()
  })
})
