// Whether a node hears: a pooler that takes LISTEN and keeps no session, and a network that is cut.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import {
  databaseLog,
  openPostgres,
  openWakeChannel,
  postgresRevocations,
  type DatabaseLogRecord,
  type Postgres,
} from '../../src/index.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { testDatabase } from '../test-database.ts'
import { openDeafProxy } from './deaf-proxy.ts'
import { findPooler, openPooler } from './pooler.ts'

const database = testDatabase()
let postgres: Postgres
beforeAll(async () => {
  postgres = await openPostgres({ connections: { service: database.service, worker: database.worker } })
})
afterAll(() => postgres.close())

const open = (listen: object, checkMs = 300) => {
  const lines: DatabaseLogRecord[] = []
  const { onState } = databaseLog((line) => lines.push(line))
  const wakes = openWakeChannel({ pool: postgres.service, listen: listen as never, checkMs, onState })
  const says = (count: number) =>
    expect.poll(() => lines.map(({ event }) => event), { timeout: 30_000 }).toHaveLength(count)
  return { wakes, lines, says }
}

describe('a node that listens', () => {
  it('hears a notification of its own before it says that it hears, and hears those of others', async () => {
    const [one, other] = [open(database.service), open(database.service)]
    expect(one.wakes.isHeard).toBe(false)
    await one.says(1)
    await other.says(1)
    expect([...one.lines, ...other.lines]).toEqual(Array(2).fill({ event: 'wakes-heard', level: 'info' }))
    expect(one.wakes.isHeard).toBe(true)
    const heard: (readonly string[] | undefined)[] = []
    one.wakes.hear((topics) => heard.push(topics && [...topics]))
    other.wakes.wake(['news'])
    await expect.poll(() => heard, { timeout: 20_000 }).toContainEqual(['news'])
    // The tests of both went by meanwhile, and were told to nobody.
    expect(heard.filter((topics) => topics?.[0] !== 'news')).toEqual([])
    for (const { wakes } of [one, other]) await wakes.close()
  })

  it('says once that it lost its connection, and once that it hears again', async () => {
    const network = new OutageProxy(inject('serverHost'))
    await network.open()
    const { wakes, lines, says } = open({ ...database.service, host: network.host })
    await says(1)
    network.cut()
    await says(2)
    expect(wakes.isHeard).toBe(false)
    network.heal()
    await says(3)
    expect(lines.map(({ event }) => event)).toEqual(['wakes-heard', 'wakes-lost', 'wakes-heard'])
    await wakes.close()
    network.close()
  })
})

const program = findPooler()
/** What drops notifications, and the pooler of the system where there is one. */
const poolers = [
  { name: 'a network that passes no notification on', open: () => openDeafProxy(inject('serverHost')) },
  ...(program === undefined
    ? []
    : [{ name: 'PgBouncer in transaction mode', open: () => openPooler(program, inject('serverHost')) }]),
]

describe.each(poolers)('a node that listens through $name', ({ open: openPoolerOf }) => {
  it('says once that it is deaf, in one sentence, and hears what it polls', async () => {
    const pooler = await openPoolerOf()
    const { wakes, lines, says } = open({ ...database.service, host: pooler.host })
    await says(1)
    expect(lines).toEqual([
      { event: 'wakes-deaf', level: 'warn', advice: expect.stringMatching(/^LISTEN hears nothing.*\.$/) as string },
    ])
    expect(wakes.isHeard).toBe(false)
    const store = await postgresRevocations({ postgres, wakes, pollMs: 50 })
    const keys: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => keys.push(key), heard: () => {} })
    const tombstone = { notBeforeMs: Date.now(), untilMs: Date.now() + 60_000, reason: 'signed-out' } as const
    await store.write({ key: 'known-by-polling', ...tombstone } as never)
    await expect.poll(() => keys, { timeout: 20_000 }).toContain('known-by-polling')
    expect(lines).toHaveLength(1)
    stop()
    await wakes.close()
    await pooler.close()
  })
})
