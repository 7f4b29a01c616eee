// What a process says itself: its listeners hear it at once, and not again when the notification comes back.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventWriter, LoggedEvent } from '@user-execution-context/golden-path'
import { openPostgres, openWakeChannel, postgresEventLog, type Postgres, type WakeListener } from '../../src/index.ts'
import { fileRun, newJob, toKey } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()
/** What the server says to whoever listens, as a node of an older version hears it. */
const payloads: string[] = []
let ear: pg.Client
let postgres: Postgres
/** Names of the statements that were sent. */
const asked: unknown[] = []
beforeAll(async () => {
  ear = new pg.Client(database.listen as pg.ClientConfig)
  ear.on('notification', ({ payload = '' }) => payload.startsWith('!') || payloads.push(payload))
  await ear.connect()
  await ear.query('LISTEN uec_wake')
  const { worker, listen } = database
  const opened = await openPostgres({ connections: { service: database.service, worker, listen } })
  const query = (...[statement, ...given]: Parameters<pg.Pool['query']>) => {
    asked.push((statement as { readonly name?: string }).name)
    return opened.service.query(statement, ...given)
  }
  const service = new Proxy(opened.service, {
    get: (pool, name) => (name === 'query' ? query : Reflect.get(pool, name, pool)),
  })
  postgres = { ...opened, service, worker: opened.worker, close: opened.close }
})
afterAll(async () => {
  await ear.end()
  await postgres.close()
})

/** A channel that hears, and a log over it that looks only where it is told to. */
const open = async () => {
  const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
  await expect.poll(() => wakes.isHeard, { timeout: 20_000 }).toBe(true)
  const openLog = () => postgresEventLog({ postgres, wakes, pollMs: 3_600_000, retention: { everyMs: 86_400_000 } })
  return { wakes, openLog, eventLog: openLog() }
}
type Node = Awaited<ReturnType<typeof open>>
const openTwo = () => Promise.all([open(), open()])
const closeAll = async (...nodes: readonly Node[]): Promise<void> => {
  for (const { eventLog, wakes } of nodes) {
    await eventLog.close()
    await wakes.close()
  }
}

const toLines =
  (listener: string[]): WakeListener =>
  (topics) =>
    void listener.push([...(topics ?? ['all'])].join())
/** Resolves when a channel has heard all that was said before: notifications come in the order of their commits. */
const untilHeard = async (hearing: Node, said: Node): Promise<void> => {
  const topic = `fence-${Math.random()}`
  const heard = new Set<string>()
  const unhear = hearing.wakes.hear((topics) => topics?.forEach((each) => heard.add(each)))
  said.wakes.wake([topic])
  await expect.poll(() => [...heard], { timeout: 20_000 }).toContain(topic)
  unhear()
}
const append = async ({ epoch, append: add }: EventWriter, sequence: number): Promise<void> => {
  const type = sequence === 1 ? 'agent_started' : 'tool_executing'
  const text = JSON.stringify({ epoch, sequence, type })
  await add({ epoch, sequence, type, text, bytes: text.length })
}

describe('a wake of a process', () => {
  it('is heard by its other listeners at once, by those that know it not at all, and by nobody twice', async () => {
    const [here, there] = await openTwo()
    const lines: Record<'knows' | 'hears' | 'elsewhere', string[]> = { knows: [], hears: [], elsewhere: [] }
    const knows = toLines(lines.knows)
    here.wakes.hear(knows)
    here.wakes.hear(toLines(lines.hears))
    there.wakes.hear(toLines(lines.elsewhere))
    here.wakes.wake(['one', 'two'], knows)
    // Not inside of the call: what a listener throws is not thrown by it.
    expect(lines.hears).toEqual([])
    await Promise.resolve()
    expect(lines).toEqual({ knows: [], hears: ['one,two'], elsewhere: [] })
    await untilHeard(there, here)
    await untilHeard(here, there)
    const ofBoth = (all: readonly string[]) => all.filter((line) => !line.startsWith('fence'))
    expect([ofBoth(lines.knows), ofBoth(lines.hears), ofBoth(lines.elsewhere)]).toEqual([[], ['one,two'], ['one,two']])
    await closeAll(here, there)
  })

  it('is understood by a node that knows no sender, and one of such a node is understood', async () => {
    const node = await open()
    payloads.splice(0)
    const topics = Array.from({ length: 1_200 }, (_, index) => `topic-${String(index).padStart(6, '0')}`)
    node.wakes.wake(topics)
    await expect.poll(() => payloads.length, { timeout: 20_000 }).toBe(3)
    const heard = payloads.flatMap((payload) => payload.split(','))
    expect(heard.filter((topic) => !topic.startsWith('~')).sort()).toEqual(topics)
    expect(new Set(heard.filter((topic) => topic.startsWith('~'))).size).toBe(1)
    for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000)
    const lines: string[] = []
    node.wakes.hear(toLines(lines))
    await ear.query(`SELECT pg_notify('uec_wake', 'one,two')`)
    await expect.poll(() => lines, { timeout: 20_000 }).toEqual(['one,two'])
    await closeAll(node)
  })

  it('says nothing of no topic, and nothing more once its channel is closed', async () => {
    const [node, other] = await openTwo()
    const lines: string[] = []
    node.wakes.hear(toLines(lines))
    payloads.splice(0)
    node.wakes.wake([])
    await closeAll(node)
    node.wakes.wake(['late'])
    await Promise.resolve()
    // In the order of their commits: what was sent before is there before.
    other.wakes.wake(['fence'])
    await expect.poll(() => payloads.join(), { timeout: 20_000 }).toContain('fence')
    expect(payloads).toHaveLength(1)
    expect(lines).toEqual([])
    await closeAll(other)
  })

  it('names no process: two channels of one are told apart', async () => {
    const [one, other] = await openTwo()
    payloads.splice(0)
    for (const { wakes } of [one, other]) wakes.wake(['news'])
    await expect.poll(() => payloads.length, { timeout: 20_000 }).toBe(2)
    const senders = payloads.map((payload) => payload.split(',')[0]!)
    expect(new Set(senders).size).toBe(2)
    for (const sender of senders) expect(sender).toMatch(/^~[\w-]{12}$/)
    await closeAll(one, other)
  })
})

describe('a log of events', () => {
  it('reads nothing that it has written and told itself', async () => {
    const [here, there] = await openTwo()
    const job = newJob()
    await fileRun(here.eventLog, job)
    const writer = await here.eventLog.openWriter(toKey(job))
    const sequences: number[] = []
    await here.eventLog.follow(toKey(job), ({ sequence }) => void sequences.push(sequence))
    await untilHeard(there, here)
    asked.splice(0)
    for (let sequence = 1; sequence <= 5; sequence++) await append(writer, sequence)
    await untilHeard(there, here)
    await untilHeard(here, there)
    expect(sequences).toEqual([1, 2, 3, 4, 5])
    expect(asked.filter((name) => name === 'uec-feed')).toEqual([])
    await closeAll(here, there)
  })

  it('hears what another log of its process writes', async () => {
    const node = await open()
    const other = node.openLog()
    const job = newJob()
    await fileRun(node.eventLog, job)
    const heard: LoggedEvent[] = []
    await other.follow(toKey(job), (event) => void heard.push(event))
    await append(await node.eventLog.openWriter(toKey(job)), 1)
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(1)
    await other.close()
    await closeAll(node)
  })

  it.each(['its own', 'another'])('hears by its poll what %s process has committed and never said', async (whose) => {
    const [here, there] = await openTwo()
    const { wakes } = whose === 'another' ? there : here
    const mute = postgresEventLog({ postgres, wakes: { ...wakes, wake: () => {} }, retention: { everyMs: 86_400_000 } })
    const polling = postgresEventLog({ postgres, wakes: here.wakes, pollMs: 50, retention: { everyMs: 86_400_000 } })
    const job = newJob()
    await fileRun(mute, job)
    const writer = await mute.openWriter(toKey(job))
    const sequences: number[] = []
    await polling.follow(toKey(job), ({ sequence }) => void sequences.push(sequence))
    await append(writer, 1)
    await expect.poll(() => sequences, { timeout: 20_000 }).toEqual([1])
    await Promise.all([mute.close(), polling.close()])
    await closeAll(here, there)
  })

  it('hears what another process adds to a run that it has written to, turn by turn', async () => {
    const [here, there] = await openTwo()
    const job = newJob()
    await fileRun(here.eventLog, job)
    const sequences: number[] = []
    await here.eventLog.follow(toKey(job), ({ sequence }) => void sequences.push(sequence))
    for (const [turn, node] of [here, there, here, there].entries()) {
      const writer = await node.eventLog.openWriter(toKey(job))
      await append(writer, 2 * turn + 1)
      await append(writer, 2 * turn + 2)
    }
    await expect.poll(() => sequences, { timeout: 20_000 }).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    await closeAll(here, there)
  })
})
