// Functions that were given only to be told: what they throw keeps nothing else from its work.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toOwnerKey } from 'user-execution-context'
import { parseLimits, type RunKey } from '@user-execution-context/golden-path'
import { openPostgres, openWakeChannel, postgresEventLog } from '../../src/index.ts'
import { closeAfterEach } from '../close-after-each.ts'
import { endRun, fileRun, newContext, newJob, openNode, toKey } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

const open = closeAfterEach()

/** Throws whenever it is told of something, or rejects. */
const failing = (fails: 'throws' | 'rejects' = 'throws') => {
  const told: unknown[][] = []
  const listener = (...given: unknown[]): void => {
    told.push(given)
    const error = new Error('The log is full.')
    if (fails === 'throws') throw error
    return Promise.reject(error) as unknown as void
  }
  return { told, listener }
}

/** While it runs, a worker may not call a function of the schema. */
const without = async (signature: string, run: () => Promise<unknown>): Promise<void> => {
  await runAsAdmin(database.name, `REVOKE EXECUTE ON FUNCTION ${signature} FROM uec_worker`)
  await run()
  await runAsAdmin(database.name, `GRANT EXECUTE ON FUNCTION ${signature} TO uec_worker`)
}
const claim = 'uec.claim(uuid, integer, integer, integer, text[], text[])'
const textsOf = async (key: RunKey) =>
  (await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 100)).events.map(({ text }) => text).join()
/** A run with a writer, and how its events are added. */
const openRun = async (userId: string) => {
  const job = newJob(userId)
  await fileRun(node.eventLog, job)
  const { epoch, append } = await node.eventLog.openWriter(toKey(job))
  const add = async (sequence: number) => {
    const event = { epoch, sequence, type: 'agent_started', text: `{"n":${sequence}}`, bytes: 7 } as const
    await append(event)
  }
  return { key: toKey(job), add }
}

describe('a listener that throws', () => {
  it.each(['throws', 'rejects'] as const)('keeps no worker from its claims: onError %s', async (fails) => {
    const { told, listener: onError } = failing(fails)
    const queue = open(node.openQueue(parseLimits(), { pollMs: 20, onError }))
    await without(claim, async () => {
      queue.process(endRun)
      await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(1)
    })
    const job = newJob()
    await queue.fileAndEnqueue!(job)
    await expect.poll(() => textsOf(toKey(job)), { timeout: 20_000 }).toContain('agent_completed')
  })

  it('keeps no worker from the runs that were never queued', async () => {
    const { told, listener } = failing()
    const queue = open(node.openQueue(parseLimits(), { pollMs: 20, unqueuedMs: 1_000 }))
    queue.process(endRun, listener)
    const jobs = [newJob('one'), newJob('two')]
    for (const job of jobs) await fileRun(node.eventLog, job)
    await runAsAdmin(database.name, `UPDATE uec.runs SET filed_at = now() - interval '1 hour' WHERE ended_at IS NULL`)
    await expect.poll(() => told.length, { timeout: 20_000 }).toBe(2)
  })

  it('keeps no process from trimming', async () => {
    const { told, listener: onError } = failing()
    const { postgres, wakes } = node
    await without('uec.trim(interval, integer, bigint, integer, integer)', async () => {
      open(postgresEventLog({ postgres, wakes, retention: { everyMs: 20 }, onError }))
      await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(2)
    })
  })

  it('fails no append, and keeps no other follower from what was added', async () => {
    const { key, add } = await openRun('alice')
    const { told, listener } = failing()
    const heard: string[] = []
    open({ close: await node.eventLog.follow(key, listener) })
    open({ close: await node.eventLog.follow(key, ({ text }) => void heard.push(text)) })
    await add(1)
    expect(heard).toEqual(['{"n":1}'])
    expect(told).toHaveLength(1)
  })

  it('keeps no other process from hearing what was added, nor of a run', async () => {
    const other = open(await openNode(database))
    const context = newContext('bob')
    const { listener } = failing()
    const heard: string[] = []
    await other.eventLog.followOwner(toOwnerKey(context), listener)
    await other.eventLog.followOwner(toOwnerKey(context), () => void heard.push('run'))
    const { key, add } = await openRun('bob')
    await other.eventLog.follow(key, listener)
    await other.eventLog.follow(key, ({ text }) => void heard.push(text))
    await add(1)
    await expect.poll(() => [...heard].sort(), { timeout: 20_000 }).toEqual(['run', '{"n":1}'])
  })

  it('keeps no other from its wakes, and no channel from hearing', async () => {
    const { told, listener: onState } = failing()
    const { service: pool, listen } = node.postgres
    const channel = open(openWakeChannel({ pool, listen, onState }))
    await expect.poll(() => channel.isHeard, { timeout: 20_000 }).toBe(true)
    expect(told).toEqual([[true]])
    const heard = new Set<string>()
    channel.hear(failing().listener)
    channel.hear((topics) => topics?.forEach((topic) => heard.add(topic)))
    channel.wake(['here'])
    node.wakes.wake(['there'])
    await expect.poll(() => [...heard].sort(), { timeout: 20_000 }).toEqual(['here', 'there'])
  })

  it('keeps no pool from a connection that broke', async () => {
    const { told, listener: onConnectionError } = failing()
    const { service } = database
    const postgres = open(await openPostgres({ connections: { service }, onConnectionError }))
    postgres.service.emit('error', new Error('Connection terminated'), undefined as never)
    expect(told).toHaveLength(1)
  })
})
