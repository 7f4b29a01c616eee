import { randomUUID } from 'node:crypto'
import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, it, vi } from 'vitest'
import { isAgentRun, isConnection, openGoldenPath, type AgentRun, type Connection } from '../../../src/index.ts'
import { toAgentRun } from '../../../src/phases/execution/agent-run.ts'
import { assertConnection } from '../../../src/phases/connection/connection.ts'
import { createForUser, newRunId, newThreadId, type RequestId } from 'user-execution-context'
import { newUser } from '../../users.ts'
import { RecordingTransport } from '../recording-transport.ts'
import { newContext } from '../run-agent.ts'

const goldenPath = openGoldenPath({ agent: async function* () {} })
const newConnection = (): Connection => goldenPath.connect(newContext(), new RecordingTransport())
const newRun = (): Promise<AgentRun> => goldenPath.execute(newContext(), { text: 'go' })

const forge = (real: object): readonly (readonly [string, unknown])[] => [
  ['a spread copy', { ...real }],
  ['an object with its prototype', Object.create(real)],
  ['an object with its class as prototype', Object.assign(Object.create(Object.getPrototypeOf(real) as object), real)],
  ['a proxy', new Proxy(real, {})],
  ['JSON of it', JSON.parse(JSON.stringify(real))],
  ['undefined', undefined],
]

describe('isConnection', () => {
  it('accepts what connect() gave', () => {
    expect(isConnection(newConnection())).toBe(true)
  })
  for (const [what, forged] of forge(newConnection())) {
    it(`refuses ${what}`, () => {
      expect(isConnection(forged)).toBe(false)
      expect(() => assertConnection(forged)).toThrow(
        expect.objectContaining({ code: 'ERR_CONTEXT_CONNECTION_NOT_ISSUED' }),
      )
    })
  }
})

describe('isAgentRun', async () => {
  const run = await newRun()
  it('accepts what execute() gave', () => {
    expect(isAgentRun(run)).toBe(true)
  })
  for (const [what, forged] of forge(run)) it(`refuses ${what}`, () => expect(isAgentRun(forged)).toBe(false))
})

describe('the classes behind them', () => {
  it('cannot be constructed, changed or extended', async () => {
    for (const real of [newConnection(), await newRun()]) {
      const prototype = Object.getPrototypeOf(real) as object
      expect(Object.isFrozen(real)).toBe(true)
      expect(Object.isFrozen(prototype)).toBe(true)
      expect((real as { constructor: unknown }).constructor).toBe(Object)
    }
  })

  it('have no property but what may be logged, whatever takes their properties', async () => {
    expect(Reflect.ownKeys(newConnection())).toEqual(['connectionId'])
    expect(Reflect.ownKeys(await newRun())).toEqual(['threadId', 'runId', 'requestId', 'createdAtMs'])
  })

  it('show nothing personal, whoever prints or copies them', async () => {
    const context = createForUser(newUser('canary-user', { sessionId: 'canary-session' }), {
      agentContext: { note: 'canary-note' },
      auditMetadata: { source: 'canary-source' },
    })
    const connection = goldenPath.connect(context, new RecordingTransport())
    const run = await goldenPath.execute(context, { text: 'go' })
    for (const sealed of [connection, run]) {
      for (const copy of [sealed, { ...sealed }, structuredClone({ ...sealed }), Object.entries(sealed)]) {
        const printed = [
          JSON.stringify(copy),
          String(copy),
          `${[copy]}`,
          inspect(copy, { showHidden: true, depth: 10, getters: true }),
          format('%o %O %j %s', copy, copy, copy, copy),
          serialize(copy === sealed ? { ...copy } : copy).toString('latin1'),
        ].join()
        expect(printed).not.toContain('canary')
      }
    }
    expect(String(run)).toContain(run.runId)
    expect(inspect(connection)).toContain(connection.connectionId)
  })

  it('print a copy as a copy, and throw what is wrong when it is used', async () => {
    const connection = newConnection()
    const copies = [
      Object.create(connection),
      Object.assign(Object.create(Object.getPrototypeOf(connection) as object), connection),
      new Proxy(connection, {}),
    ] as Connection[]
    for (const copy of copies) {
      expect([JSON.stringify(copy), String(copy), inspect(copy)].join()).toContain('[copy of a Connection]')
      const uses = [
        () => copy.context,
        () => copy.isClosed,
        () => copy.send({ version: 1, type: 'pong' }),
        () => copy.close(4000, 'enough'),
        () => copy.release(),
      ]
      for (const use of uses)
        expect(use).toThrow(expect.objectContaining({ code: 'ERR_CONTEXT_CONNECTION_NOT_ISSUED' }))
    }
    const run = Object.create(await newRun()) as AgentRun
    expect([JSON.stringify(run), String(run), inspect(run)].join()).toContain('[copy of an AgentRun]')
  })

  it('differ between two users in every comparison', async () => {
    const ids = { threadId: newThreadId(), runId: newRunId() }
    const contexts = ['user-1', 'user-2'].map((userId) => createForUser(newUser(userId), ids))
    const [one, two] = contexts.map((context) => goldenPath.connect(context, new RecordingTransport()))
    expect(one).not.toEqual(two)
    const runs = await Promise.all(contexts.map((context) => goldenPath.execute(context, { text: 'go' })))
    expect(runs[0]).not.toEqual(runs[1])
  })
})

describe('toAgentRun', () => {
  const record = {
    ownerKey: 'vouched:user-1',
    runId: newRunId(),
    threadId: newThreadId(),
    requestId: randomUUID() as RequestId,
    createdAtMs: 0,
  }

  it('gives a run for the owner of the record', () => {
    expect(isAgentRun(toAgentRun(newContext('user-1'), record))).toBe(true)
  })
  it('refuses a record of another user, whatever log it came from', () => {
    expect(() => toAgentRun(newContext('user-2'), record)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_ISOLATION' }),
    )
  })
})

describe('Connection', () => {
  it('closes its transport once and sends nothing after that', () => {
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(newContext('closer'), transport)
    connection.close(4000, 'enough')
    connection.close(4001, 'again')
    connection.send({ version: 1, type: 'pong' })
    expect(connection.isClosed).toBe(true)
    expect(transport.closes).toEqual([{ code: 4000, reason: 'enough' }])
    expect(transport.messages.map(({ type }) => type)).toEqual(['connection_ready'])
  })

  it('terminates a peer that does not answer the close, and not one that does', () => {
    vi.useFakeTimers()
    const transports = [new RecordingTransport(), new RecordingTransport()]
    const connections = transports.map((transport) => goldenPath.connect(newContext('leaver'), transport))
    for (const connection of connections) connection.close(4000, 'enough')
    connections[1]!.release()
    vi.advanceTimersByTime(9_000)
    expect(transports.map(({ terminations }) => terminations)).toEqual([0, 0])
    vi.advanceTimersByTime(2_000)
    expect(transports.map(({ terminations }) => terminations)).toEqual([1, 0])
    vi.useRealTimers()
  })

  it('closes with 1011 when its transport throws, and spares the caller', () => {
    const transport = new RecordingTransport()
    const connection = goldenPath.connect(newContext('thrower'), transport)
    transport.send = () => {
      throw new Error('broken pipe')
    }
    connection.send({ version: 1, type: 'pong' })
    expect(transport.closes).toMatchObject([{ code: 1011 }])
  })

  it('closes who reads no answers with 1013, and answers who has all the events to read that may wait', () => {
    const limits = { bufferedBytesPerConnection: 16_000, messageBytes: 1_000 }
    const narrow = openGoldenPath({ agent: async function* () {}, limits })
    const transport = new RecordingTransport()
    transport.isSlow = true
    const connection = narrow.connect(newContext('reader'), transport)
    while (transport.bufferedAmount < limits.bufferedBytesPerConnection) connection.send({ version: 1, type: 'pong' })
    expect(connection.isClosed).toBe(false)
    for (let answer = 0; answer < 100; answer++) connection.send({ version: 1, type: 'pong' })
    expect(transport.closes).toMatchObject([{ code: 1013 }])
    expect(transport.maxBuffered).toBeLessThanOrEqual(17_000)
  })
})
