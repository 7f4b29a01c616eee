import { describe, expect, it, vi } from 'vitest'
import {
  inProcessEventLog,
  openGoldenPath,
  parseLimits,
  type Agent,
  type DeliveryEnd,
  type EventLog,
  type GoldenPathOptions,
  type LoggedEvent,
  type Unfollow,
} from '../../../src/index.ts'
import { lateEventLog } from '../late-ports.ts'
import { RecordingTransport, toText } from '../recording-transport.ts'
import { newContext, newGate } from '../run-agent.ts'

const settled = (timeMs = 40): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs))
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1)

/** An agent that yields one piece each time it is asked to, and completes when told. */
const openStepper = (options: Omit<GoldenPathOptions, 'agent'> = {}) => {
  let wake = newGate()
  let wanted = 0
  let isDone = false
  const agent: Agent = async function* () {
    for (;;) {
      for (; wanted > 0; wanted--) yield { type: 'agent_message_delta', text: `${wanted}.` }
      if (isDone) return
      await wake.opened
      wake = newGate()
    }
  }
  return {
    goldenPath: openGoldenPath({ ...options, agent }),
    yieldPieces: async (pieces: number) => {
      wanted += pieces
      wake.open()
      while (wanted > 0) await settled(2)
      await settled(2)
    },
    complete: async () => {
      isDone = true
      wake.open()
      await settled(10)
    },
  }
}

/** A log that counts who follows a run. */
const countFollowers = () => {
  const inner = inProcessEventLog(parseLimits())
  const follow: EventLog['follow'] = (key, listener) => {
    const unfollow = inner.follow(key, listener) as Unfollow
    counted.followers++
    return () => {
      counted.followers--
      unfollow()
    }
  }
  const counted = { eventLog: { ...inner, follow }, followers: 0 }
  return counted
}

describe('deliver', () => {
  it("gives a run to every connection of its user, and to nobody else's", async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const [phone, laptop, stranger] = [new RecordingTransport(), new RecordingTransport(), new RecordingTransport()]
    for (const transport of [phone, laptop]) goldenPath.connect(newContext('alice'), transport)
    goldenPath.connect(newContext('bob'), stranger)
    await goldenPath.execute(newContext('alice'), { text: 'go' })
    await yieldPieces(5)
    await complete()
    expect(phone.sequences).toEqual(upTo(7))
    expect(laptop.sequences).toEqual(upTo(7))
    expect(stranger.events).toEqual([])
    await goldenPath.close()
  })

  it('refuses to deliver a run of one user to a connection of another', async () => {
    const { goldenPath } = openStepper()
    const run = await goldenPath.execute(newContext('alice'), { text: 'go' })
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(newContext('bob'), transport)
    expect(() => goldenPath.deliver(run, connection)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_ISOLATION' }),
    )
    await settled()
    expect(transport.events).toEqual([])
    await goldenPath.close()
  })

  it('refuses runs and connections that are copies', async () => {
    const { goldenPath } = openStepper()
    const context = newContext()
    const run = await goldenPath.execute(context, { text: 'go' })
    const connection = goldenPath.connect(context, new RecordingTransport())
    expect(() => goldenPath.deliver({ ...run } as typeof run, connection)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_RUN_NOT_ISSUED' }),
    )
    expect(() => goldenPath.deliver(run, { ...connection } as typeof connection)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_CONNECTION_NOT_ISSUED' }),
    )
    await goldenPath.close()
  })

  it('resumes after a cut with exactly what is missing, also while events go on', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const context = newContext()
    const first = new RecordingTransport()
    const connection = goldenPath.connect(context, first)
    const run = await goldenPath.execute(context, { text: 'go' })
    await yieldPieces(10)
    connection.release()
    await yieldPieces(600)
    const second = new RecordingTransport()
    const resumed = goldenPath.deliver(run, goldenPath.connect(context, second), {
      lastSequence: first.sequences.at(-1)!,
    })
    const more = [yieldPieces(300), yieldPieces(300)]
    await Promise.all(more)
    await complete()
    expect(await resumed).toBe('completed')
    expect([...first.sequences, ...second.sequences]).toEqual(upTo(1_212))
    await goldenPath.close()
  })

  it('delivers each event once when two requests for one run race', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const context = newContext()
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(context, transport)
    const deliveries: Promise<DeliveryEnd>[] = []
    await goldenPath.execute(
      context,
      { text: 'go' },
      {
        onAccepted: (run) => deliveries.push(goldenPath.deliver(run, connection), goldenPath.deliver(run, connection)),
      },
    )
    await yieldPieces(3)
    await complete()
    expect(await Promise.all(deliveries)).toEqual(['closed', 'completed'])
    expect(transport.sequences).toEqual(upTo(5))
    await goldenPath.close()
  })

  it('delivers each event once when a client requests a run that has just started to come by itself', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper({ limits: { concurrentRunsPerUser: 1 } })
    const context = newContext()
    const first = await goldenPath.execute(context, { text: 'go' })
    const queued = await goldenPath.execute(newContext(), { text: 'go' })
    // Cut, and back: the queued run starts before the question of the client arrives.
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(context, transport)
    await yieldPieces(1)
    await complete()
    const resumed = goldenPath.deliver(queued, connection, { lastSequence: 0 })
    expect(await resumed).toBe('completed')
    const sequences = transport.events.filter(({ runId }) => runId === queued.runId).map(({ sequence }) => sequence)
    expect(sequences).toEqual(upTo(sequences.length))
    expect(sequences.length).toBeGreaterThan(1)
    expect(first.runId).not.toBe(queued.runId)
    await goldenPath.close()
  })

  it('delivers a run again to a client that lost it, once the question cannot have crossed it', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(newContext(), transport)
    const runs = [
      await goldenPath.execute(newContext(), { text: 'go' }),
      await goldenPath.execute(newContext(), { text: 'go' }),
    ]
    await yieldPieces(2)
    await complete()
    const sequences = (index: number) =>
      transport.events.filter(({ runId }) => runId === runs[index]!.runId).map(({ sequence }) => sequence)
    const [first, second] = [sequences(0), sequences(1)]
    // Whoever names an event has seen some: that is no question from before the run.
    expect(await goldenPath.deliver(runs[0]!, connection, { lastSequence: 1 })).toBe('completed')
    expect(sequences(0)).toEqual([...first, ...first.slice(1)])
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 6_000)
    expect(await goldenPath.deliver(runs[1]!, connection)).toBe('completed')
    vi.restoreAllMocks()
    expect(sequences(1)).toEqual([...second, ...second])
    await goldenPath.close()
  })

  it('goes on executing when every connection is gone: a cut is not a cancel', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const context = newContext()
    const connection = goldenPath.connect(context, new RecordingTransport())
    const run = await goldenPath.execute(context, { text: 'go' })
    await yieldPieces(2)
    connection.release()
    await yieldPieces(2)
    await complete()
    const late = new RecordingTransport()
    expect(await goldenPath.deliver(run, goldenPath.connect(context, late))).toBe('completed')
    expect(late.types.at(-1)).toBe('agent_completed')
    expect(late.sequences).toEqual(upTo(6))
    await goldenPath.close()
  })

  it('says which events are gone when the log was trimmed', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper({ limits: { loggedEventsPerRun: 4 } })
    const context = newContext()
    const run = await goldenPath.execute(context, { text: 'go' })
    await yieldPieces(8)
    await complete()
    const transport = new RecordingTransport()
    await goldenPath.deliver(run, goldenPath.connect(context, transport), { lastSequence: 2 })
    expect(transport.messages).toContainEqual({
      version: 1,
      type: 'resume_gap',
      runId: run.runId,
      epoch: 1,
      fromSequence: 3,
      toSequence: 6,
      reason: 'trimmed',
    })
    expect(transport.sequences).toEqual([7, 8, 9, 10])
    await goldenPath.close()
  })

  it('ends as forgotten when a run is no longer held', async () => {
    const { goldenPath, complete } = openStepper({ limits: { retainedRunsPerUser: 1 } })
    const context = newContext()
    await complete()
    const run = await goldenPath.execute(context, { text: 'go' })
    await settled()
    await goldenPath.execute(newContext(), { text: 'go' })
    await settled()
    expect(await goldenPath.findRun(context, run.runId)).toBeUndefined()
    const transport = new RecordingTransport()
    expect(await goldenPath.deliver(run, goldenPath.connect(context, transport))).toBe('forgotten')
    expect(transport.messages.at(-1)).toEqual({
      version: 1,
      type: 'error',
      code: 'ERR_CONTEXT_RUN_NOT_FOUND',
      message: 'Not found.',
      runId: run.runId,
    })
    await goldenPath.close()
  })

  it('takes a lastSequence beyond the run as the end of the run, not as a silence', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const context = newContext()
    const run = await goldenPath.execute(context, { text: 'go' })
    await yieldPieces(2)
    const transport = new RecordingTransport()
    void goldenPath.deliver(run, goldenPath.connect(context, transport), { lastSequence: 1_000 })
    await settled()
    await yieldPieces(1)
    await complete()
    expect(transport.sequences).toEqual([4, 5])
    await goldenPath.close()
  })

  for (const lastSequence of [4, 1_000]) {
    it(`ends at once, and listens no longer, for ${lastSequence} of the 4 events of an ended run`, async () => {
      const counted = countFollowers()
      const { goldenPath, yieldPieces, complete } = openStepper({ eventLog: counted.eventLog })
      const context = newContext()
      const run = await goldenPath.execute(context, { text: 'go' })
      await yieldPieces(2)
      await complete()
      const transport = new RecordingTransport()
      const connection = goldenPath.connect(context, transport, { runs: 'requested' })
      expect(await goldenPath.deliver(run, connection, { lastSequence })).toBe('completed')
      expect(transport.events).toEqual([])
      expect(counted.followers).toBe(0)
      await goldenPath.close()
    })
  }

  for (const [what, retell] of [
    ['twice', (event: LoggedEvent, tell: (event: LoggedEvent) => void) => [event, event].forEach(tell)],
    [
      'late and out of order',
      (event: LoggedEvent, tell: (event: LoggedEvent) => void) =>
        void setTimeout(() => tell(event), event.sequence % 3 === 0 ? 5 : 1),
    ],
    [
      'with holes',
      (event: LoggedEvent, tell: (event: LoggedEvent) => void) => {
        if (event.sequence % 4 !== 0 || event.type === 'agent_completed') tell(event)
      },
    ],
  ] as const) {
    it(`delivers each event once and in order from a log that tells of them ${what}`, async () => {
      const inner = inProcessEventLog(parseLimits())
      const eventLog: EventLog = {
        ...inner,
        follow: (key, listener) => inner.follow(key, (event) => retell(event, listener)),
      }
      const { goldenPath, yieldPieces, complete } = openStepper({ eventLog })
      const context = newContext()
      const transport = new RecordingTransport()
      const run = await goldenPath.execute(context, { text: 'go' })
      const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport, { runs: 'requested' }))
      for (let round = 0; round < 10; round++) await yieldPieces(7)
      await complete()
      expect(await delivered).toBe('completed')
      expect(transport.sequences).toEqual(upTo(72))
      await goldenPath.close()
    })
  }

  it('delivers a whole run from a log that answers later, and lets go of it', async () => {
    const counted = countFollowers()
    const { goldenPath, yieldPieces, complete } = openStepper({ eventLog: lateEventLog(counted.eventLog) })
    const context = newContext()
    const transport = new RecordingTransport()
    const run = await goldenPath.execute(context, { text: 'go' })
    const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport, { runs: 'requested' }))
    await yieldPieces(3)
    expect(counted.followers).toBe(1)
    await complete()
    expect(await delivered).toBe('completed')
    expect(transport.sequences).toEqual(upTo(5))
    expect(counted.followers).toBe(0)
    await goldenPath.close()
  })

  it('says connection_ready once runs that start come by themselves, and not before', async () => {
    const inner = inProcessEventLog(parseLimits())
    const gate = newGate()
    const followOwner: EventLog['followOwner'] = async (...parameters) => {
      await gate.opened
      return inner.followOwner(...parameters)
    }
    const { goldenPath, yieldPieces } = openStepper({ eventLog: { ...inner, followOwner } })
    const [one, two] = [new RecordingTransport(), new RecordingTransport()]
    for (const transport of [one, two]) goldenPath.connect(newContext(), transport)
    await settled()
    expect([one.messages, two.messages]).toEqual([[], []])
    gate.open()
    await settled()
    expect([one, two].map(({ messages }) => messages.map(({ type }) => type))).toEqual([
      ['connection_ready'],
      ['connection_ready'],
    ])
    await goldenPath.execute(newContext(), { text: 'go' })
    await yieldPieces(1)
    expect([one.sequences, two.sequences]).toEqual([
      [1, 2],
      [1, 2],
    ])
    await goldenPath.close()
  })

  it('closes connections that a log does not tell of runs, says why, and asks again for the next', async () => {
    const inner = inProcessEventLog(parseLimits())
    const failure = new Error('no log')
    let isBroken = true
    const followOwner: EventLog['followOwner'] = async (...parameters) => {
      if (isBroken) throw failure
      return inner.followOwner(...parameters)
    }
    const errors: unknown[] = []
    const { goldenPath, yieldPieces } = openStepper({
      eventLog: { ...inner, followOwner },
      onError: (error) => errors.push(error),
    })
    const [broken, whole] = [new RecordingTransport(), new RecordingTransport()]
    const stream = goldenPath.connect(newContext(), new RecordingTransport(), { runs: 'requested' })
    goldenPath.connect(newContext(), broken)
    await settled()
    expect(errors).toEqual([failure])
    expect(broken.messages).toEqual([])
    expect(broken.closes).toEqual([{ code: 1011, reason: 'The connection failed.' }])
    expect(goldenPath.findConnections(newContext())).toEqual([stream])
    isBroken = false
    goldenPath.connect(newContext(), whole)
    await goldenPath.execute(newContext(), { text: 'go' })
    await yieldPieces(1)
    expect(whole.sequences).toEqual([1, 2])
    await goldenPath.close()
  })

  it('follows an owner once, also when what failed was asked for a connection that has closed', async () => {
    const inner = inProcessEventLog(parseLimits())
    const gate = newGate()
    let asked = 0
    let followers = 0
    const followOwner: EventLog['followOwner'] = async (...parameters) => {
      if (++asked === 1) {
        await gate.opened
        throw new Error('no log')
      }
      const unfollow = await inner.followOwner(...parameters)
      followers++
      return () => {
        followers--
        unfollow()
      }
    }
    const { goldenPath } = openStepper({ eventLog: { ...inner, followOwner } })
    const connect = () => goldenPath.connect(newContext(), new RecordingTransport())
    connect().release()
    const second = connect()
    gate.open()
    await settled()
    const third = connect()
    await settled()
    expect({ asked, followers }).toEqual({ asked: 2, followers: 1 })
    for (const connection of [second, third]) connection.release()
    await settled()
    expect(followers).toBe(0)
    await goldenPath.close()
  })

  it('follows no owner any more whose only connection has closed before the log answered', async () => {
    const inner = inProcessEventLog(parseLimits())
    let followers = 0
    const followOwner: EventLog['followOwner'] = async (...parameters) => {
      await settled(2)
      const unfollow = await inner.followOwner(...parameters)
      followers++
      return () => {
        followers--
        unfollow()
      }
    }
    const { goldenPath } = openStepper({ eventLog: { ...inner, followOwner } })
    goldenPath.connect(newContext(), new RecordingTransport()).release()
    await settled()
    expect(followers).toBe(0)
    goldenPath.connect(newContext(), new RecordingTransport())
    await settled()
    expect(followers).toBe(1)
    await goldenPath.close()
    await settled()
    expect(followers).toBe(0)
  })

  it('sends nothing more from a delivery that another listener of the same event has replaced', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper()
    const context = newContext()
    const [one, two] = [new RecordingTransport(), new RecordingTransport()]
    const [first, second] = [one, two].map((transport) => goldenPath.connect(context, transport, { runs: 'requested' }))
    const run = await goldenPath.execute(context, { text: 'go' })
    for (const connection of [first!, second!]) void goldenPath.deliver(run, connection)
    const send = one.send.bind(one)
    one.send = (text, position) => {
      send(text, position)
      if (position?.sequence === 2) void goldenPath.deliver(run, second!, { lastSequence: 1 })
    }
    await yieldPieces(1)
    await complete()
    expect(two.sequences).toEqual([1, 2, 3])
    await goldenPath.close()
  })

  it('listens no longer to a log that answers after the connection has closed', async () => {
    const counted = countFollowers()
    const { goldenPath, complete } = openStepper({ eventLog: lateEventLog(counted.eventLog) })
    const context = newContext()
    const run = await goldenPath.execute(context, { text: 'go' })
    const connection = goldenPath.connect(context, new RecordingTransport(), { runs: 'requested' })
    const delivered = goldenPath.deliver(run, connection)
    connection.release()
    expect(await delivered).toBe('closed')
    await settled()
    expect(counted.followers).toBe(0)
    await complete()
    await goldenPath.close()
  })

  for (const runs of ['all', 'requested'] as const) {
    it(`ends at once, and listens no longer, when the transport fails on the first event (${runs})`, async () => {
      const counted = countFollowers()
      const { goldenPath, yieldPieces, complete } = openStepper({ eventLog: counted.eventLog })
      const context = newContext()
      const transport = new RecordingTransport()
      const connection = goldenPath.connect(context, transport, { runs })
      await settled(2)
      const earlier = runs === 'requested' ? await goldenPath.execute(context, { text: 'go' }) : undefined
      transport.send = () => {
        throw new Error('broken')
      }
      const delivered = earlier ? goldenPath.deliver(earlier, connection) : undefined
      if (!earlier) await goldenPath.execute(context, { text: 'go' })
      expect(transport.closes).toHaveLength(1)
      expect(counted.followers).toBe(0)
      if (delivered) expect(await delivered).toBe('closed')
      await yieldPieces(1)
      await complete()
      await goldenPath.close()
    })
  }

  for (const lastSequence of [-1, 1.5, Number.NaN, '3' as unknown as number]) {
    it(`refuses ${JSON.stringify(lastSequence)} as a lastSequence`, async () => {
      const { goldenPath } = openStepper()
      const context = newContext()
      const run = await goldenPath.execute(context, { text: 'go' })
      const connection = goldenPath.connect(context, new RecordingTransport())
      expect(() => goldenPath.deliver(run, connection, { lastSequence })).toThrow(
        expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS' }),
      )
      await goldenPath.close()
    })
  }

  it('delivers to a requesting connection only what was asked for', async () => {
    const { goldenPath, yieldPieces } = openStepper()
    const transport = new RecordingTransport()
    goldenPath.connect(newContext(), transport, { runs: 'requested' })
    await goldenPath.execute(newContext(), { text: 'go' })
    await yieldPieces(2)
    expect(transport.events).toEqual([])
    await goldenPath.close()
  })
})

describe('deliver to a slow reader', () => {
  const limits = {
    bufferedBytesPerConnection: 20_000,
    slowReaderMs: 50,
    stalledReaderMs: 60_000,
    outputBytesPerRun: 100_000_000,
  }

  it('holds back at the bound, joins text pieces, and loses nothing when the reader catches up', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper({ limits: { ...limits, slowReaderMs: 60_000 } })
    const context = newContext()
    const transport = new RecordingTransport()
    transport.isSlow = true
    const connection = goldenPath.connect(context, transport)
    const run = await goldenPath.execute(context, { text: 'go' })
    const delivered = goldenPath.deliver(run, connection)
    await yieldPieces(1_000)
    expect(transport.maxBuffered).toBeLessThanOrEqual(limits.bufferedBytesPerConnection)
    const sentBefore = transport.events.length
    expect(sentBefore).toBeLessThan(200)
    transport.isSlow = false
    transport.drain()
    await complete()
    expect(await delivered).toBe('completed')
    expect(toText(transport.events)).toBe(Array.from({ length: 1_000 }, (_, index) => `${1_000 - index}.`).join(''))
    expect(transport.events.length).toBeLessThan(sentBefore + 20)
    const joined = transport.events.filter(({ fromSequence }) => fromSequence !== undefined)
    expect(joined.length).toBeGreaterThan(0)
    // Every sequence number is covered exactly once, by an event of its own or by a joined one.
    const covered = transport.events.flatMap(({ sequence, fromSequence = sequence }) =>
      upTo(sequence).slice(fromSequence - 1),
    )
    expect(covered).toEqual(upTo(1_002))
    await goldenPath.close()
  })

  it('replays a run to a slow reader no further than the bound, and the rest when it has read', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper({ limits })
    const context = newContext()
    const run = await goldenPath.execute(context, { text: 'go' })
    await yieldPieces(1_000)
    await complete()
    const transport = new RecordingTransport()
    transport.isSlow = true
    const delivered = goldenPath.deliver(run, goldenPath.connect(context, transport, { runs: 'requested' }))
    await settled()
    expect(transport.events.length).toBeGreaterThan(10)
    expect(transport.maxBuffered).toBeLessThanOrEqual(limits.bufferedBytesPerConnection)
    transport.isSlow = false
    transport.drain()
    expect(await delivered).toBe('completed')
    expect(toText(transport.events)).toBe(Array.from({ length: 1_000 }, (_, index) => `${1_000 - index}.`).join(''))
    await goldenPath.close()
  })

  it('sends an event that is larger than the bound to a reader that has all but read up', async () => {
    const { goldenPath, yieldPieces } = openStepper({ limits: { ...limits, bufferedBytesPerConnection: 100 } })
    const context = newContext()
    const transport = new RecordingTransport()
    goldenPath.connect(context, transport)
    await goldenPath.execute(context, { text: 'go' })
    await settled()
    // Not empty, and below the quarter at which who waits for room is told that there is some.
    transport.bufferedAmount = 10
    await yieldPieces(2)
    expect(transport.sequences).toEqual([1, 2, 3])
    await goldenPath.close()
  })

  it('goes back to single events once the reader has caught up', async () => {
    const { goldenPath, yieldPieces } = openStepper({ limits: { ...limits, slowReaderMs: 60_000 } })
    const context = newContext()
    const transport = new RecordingTransport()
    transport.isSlow = true
    goldenPath.connect(context, transport)
    await goldenPath.execute(context, { text: 'go' })
    await yieldPieces(300)
    transport.isSlow = false
    transport.drain()
    await settled()
    const before = transport.events.length
    await yieldPieces(3)
    expect(transport.events.slice(before).map(({ fromSequence }) => fromSequence)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    await goldenPath.close()
  })

  it('closes with 1013 when even the joined pieces are too many, and can be resumed', async () => {
    const { goldenPath, yieldPieces, complete } = openStepper({ limits })
    const context = newContext()
    const transport = new RecordingTransport()
    transport.isSlow = true
    const connection = goldenPath.connect(context, transport)
    const run = await goldenPath.execute(context, { text: 'go' })
    const delivered = goldenPath.deliver(run, connection)
    for (let round = 0; round < 60 && !connection.isClosed; round++) await yieldPieces(500)
    expect(transport.closes).toEqual([{ code: 1013, reason: 'Reading too slowly. Connect again and resume.' }])
    expect(await delivered).toBe('closed')
    expect(transport.maxBuffered).toBeLessThanOrEqual(limits.bufferedBytesPerConnection)
    await complete()
    const second = new RecordingTransport()
    await goldenPath.deliver(run, goldenPath.connect(context, second), { lastSequence: transport.sequences.at(-1)! })
    expect(second.sequences[0]).toBe(transport.sequences.at(-1)! + 1)
    expect(second.types.at(-1)).toBe('agent_completed')
    await goldenPath.close()
  })

  it('closes with 1013 when the reader takes nothing at all for stalledReaderMs', async () => {
    const { goldenPath, yieldPieces } = openStepper({
      limits: { ...limits, stalledReaderMs: 60, slowReaderMs: 60_000 },
    })
    const transport = new RecordingTransport()
    transport.isSlow = true
    goldenPath.connect(newContext(), transport)
    await goldenPath.execute(newContext(), { text: 'go' })
    await yieldPieces(200)
    await settled(200)
    expect(transport.closes).toMatchObject([{ code: 1013 }])
    await goldenPath.close()
  })

  it('does not keep another user, or another connection of the same user, waiting', async () => {
    const { goldenPath, yieldPieces } = openStepper({ limits: { ...limits, slowReaderMs: 60_000 } })
    const [slow, fast] = [new RecordingTransport(), new RecordingTransport()]
    slow.isSlow = true
    for (const transport of [slow, fast]) goldenPath.connect(newContext(), transport)
    await goldenPath.execute(newContext(), { text: 'go' })
    await yieldPieces(500)
    expect(fast.sequences).toEqual(upTo(501))
    expect(slow.events.length).toBeLessThan(200)
    await goldenPath.close()
  })
})
