// Rows of one user that another statement holds for long, such as forgetUser(): the runs of all others go on.
import pg from 'pg'
import { newRunId, type RunId } from 'user-execution-context'
import type { LoggedEvent } from '@user-execution-context/golden-path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres, postgresEventLog } from '../../src/index.ts'
import { openNode } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
let holder: pg.Client
beforeAll(async () => {
  node = await openNode(database)
  holder = new pg.Client(database.migrate as pg.ClientConfig)
  await holder.connect()
})
afterEach(() => holder.query('ROLLBACK'))
afterAll(async () => {
  await holder.end()
  await node.close()
})

const openRun = async (ownerKey: string) => {
  const key = { ownerKey, runId: newRunId() as RunId }
  await node.eventLog.create({ ...key, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
  const { epoch, append } = await node.eventLog.openWriter(key)
  const add = async (sequence: number, type: LoggedEvent['type'] = 'tool_executing') =>
    append({ epoch, sequence, type, text: `{"n":${sequence}}`, bytes: 7 })
  const read = async () =>
    (await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 10)).events.map(({ sequence }) => sequence)
  return { key, add, read }
}
const hold = (...owners: readonly string[]) =>
  holder.query(`BEGIN; SELECT FROM uec.runs WHERE owner_key IN ('${owners.join("', '")}') FOR UPDATE`)

describe('a run whose rows another statement holds', () => {
  it('keeps no run of another user waiting, and gets all that it appended, in order', async () => {
    const [alice, bob] = [await openRun('alice'), await openRun('bob')]
    await hold('alice')
    const added: number[] = []
    const first = alice.add(1).then(() => added.push(1))
    // In one tick, so that they go in one batch.
    await bob.add(1)
    const others = [2, 3].map((sequence) => alice.add(sequence).then(() => added.push(sequence)))
    await bob.add(2)
    await bob.add(3, 'agent_completed')
    expect(added).toEqual([])
    expect(await bob.read()).toEqual([1, 2, 3])
    await holder.query('ROLLBACK')
    await Promise.all([first, ...others])
    expect(added).toEqual([1, 2, 3])
    await alice.add(4, 'agent_completed')
    expect(await alice.read()).toEqual([1, 2, 3, 4])
  })

  it('is told that it is gone, where that is what it was held for', async () => {
    const [dave, erin] = [await openRun('dave'), await openRun('erin')]
    await hold('dave')
    const codes = [1, 2].map((sequence) => dave.add(sequence).catch((error: unknown) => error))
    await erin.add(1)
    await holder.query(`DELETE FROM uec.runs WHERE owner_key = 'dave'; COMMIT`)
    const gone = { code: 'ERR_CONTEXT_RUN_NOT_FOUND' }
    expect(await Promise.all(codes)).toMatchObject([gone, gone])
  })

  it('takes no connection from others while it is opened', async () => {
    const { service, worker, listen } = database
    const postgres = await openPostgres({ connections: { service, worker, listen }, maxConnections: 2 })
    const eventLog = postgresEventLog({ postgres, wakes: node.wakes, retention: { everyMs: 86_400_000 } })
    const [grace, heidi] = [await openRun('grace'), await openRun('heidi')]
    const first = await eventLog.openWriter(grace.key)
    await hold('grace')
    const openings = Promise.allSettled([first.reopen(), eventLog.openWriter(grace.key)])
    await Promise.all([1, 2, 3].map(() => eventLog.openWriter(heidi.key)))
    await holder.query('ROLLBACK')
    await openings
    await eventLog.close()
    await postgres.close()
  })

  it('is opened once they are free', async () => {
    const judy = await openRun('judy')
    await hold('judy')
    let tries = 0
    const triedTwice = new Promise<void>((resolve) =>
      node.postgres.worker.on('acquire', () => ++tries > 1 && resolve()),
    )
    const opening = node.eventLog.openWriter(judy.key)
    await triedTwice
    await holder.query('ROLLBACK')
    expect(await opening).toMatchObject({ epoch: 2 })
  })

  it('is refused with a reason where they are held for long, and is opened later', async () => {
    const ivan = await openRun('ivan')
    await hold('ivan')
    const refused = await Promise.resolve(node.eventLog.openWriter(ivan.key)).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'ERR_CONTEXT_EVENT_LOG_FAILED', cause: { code: '55P03' } })
    expect((refused as Error).message).toContain('Another transaction holds what the run needs')
    await holder.query('ROLLBACK')
    expect(await node.eventLog.openWriter(ivan.key)).toMatchObject({ epoch: 2 })
  })

  it('keeps no other of several users waiting whose rows are held', async () => {
    const runs = await Promise.all(['u1', 'u2', 'u3', 'u4'].map(openRun))
    await hold('u1', 'u3')
    const [one, two, three, four] = runs.map(({ add }) => add(1))
    await Promise.all([two, four])
    await holder.query('ROLLBACK')
    await Promise.all([one, three])
    expect(await Promise.all(runs.map(({ read }) => read()))).toEqual([[1], [1], [1], [1]])
  })
})
