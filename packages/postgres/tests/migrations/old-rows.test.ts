// Databases of every older version, with rows of two users in each table that the version has, brought up to date.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyAuditTrail } from 'user-execution-context'
import { parseLimits } from '@user-execution-context/golden-path'
import {
  checkPolicies,
  migratePostgres,
  postgresAttemptLimits,
  postgresHandleStore,
  postgresReplayMemory,
  postgresRevocations,
  postgresTickets,
  postgresUsers,
  readAuditTrail,
} from '../../src/index.ts'
import { knownVersion } from '../../src/migrations/schema-version.ts'
import { endRun, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'
import { fillUsers, keyOf, newJobOf, openKeys, startKeyOf, toLoss, trailName } from './filled-rows.ts'
import type { FilledUser, Node } from './filled-rows.ts'
import { migrateTo, putRows, takeRows, type Rows } from './old-database.ts'

const newest = testDatabase()
let users: readonly FilledUser[]
let rows: Rows
beforeAll(async () => {
  const node = await openNode(newest)
  users = await fillUsers(node, ['alice', 'bob'], (key) => runAsAdmin(newest.name, toLoss(key)))
  await node.close()
  await runAsAdmin(
    newest.name,
    users.map(({ ownerKey }) => `INSERT INTO uec.owner_homes VALUES ('${ownerKey}')`).join(';'),
  )
  rows = await takeRows(newest)
})

it('rows of every table are there to be migrated, but of shards', () => {
  expect([...rows].filter(([, text]) => text === '[]').map(([table]) => table)).toEqual(['placement'])
})

/** As uec.expire() and a cancel left a run that was cancelled and lost, until version 15: two places given back. */
const oldCounts = `
  UPDATE uec.jobs SET worker = NULL, leased_until = NULL, takes_place = true
    WHERE cancel_reason IS NOT NULL AND worker IS NOT NULL;
  UPDATE uec.queue_owners SET running = running - 1, waiting = waiting + 1`
/** What version 15 counts anew. */
const isCounted = (key: string): boolean => ['takes_place', 'waiting', 'running'].includes(key)
const withoutCounts = (text: string): readonly object[] =>
  JSON.parse(text, (key, value: unknown) => (isCounted(key) ? undefined : value)) as readonly object[]

describe.each(Array.from({ length: knownVersion - 2 }, (_, index) => index + 2))(
  'a database of version %i',
  (version) => {
    const database = testDatabase({ migrated: false })
    let before: Rows
    let node: Node
    beforeAll(async () => {
      await migrateTo(version, database)
      await putRows(database, rows)
      if (version < 15) await runAsAdmin(database.name, oldCounts)
      before = await takeRows(database)
      expect(await migratePostgres({ connection: database.migrate })).toEqual({ from: version, to: knownVersion })
      node = await openNode(database)
    })
    afterAll(() => node.close())
    const has = (table: string): boolean => before.has(table)

    it('keeps all rows', async () => {
      const after = await takeRows(database)
      for (const [table, text] of before) {
        const [one, other] = [withoutCounts(text), withoutCounts(after.get(table)!)]
        expect(other).toHaveLength(one.length)
        // A column that came later is a column more.
        expect(other).toEqual(expect.arrayContaining(one.map((row) => expect.objectContaining(row) as object)))
      }
    })

    it('has the policies, the places and the ends of the newest', async () => {
      expect(await checkPolicies(node.postgres.service)).toEqual([])
      const places = await queryAsAdmin(
        database.name,
        `SELECT q.owner_key FROM uec.queue_owners AS q LEFT JOIN uec.jobs AS j
        ON j.owner_key = q.owner_key AND j.takes_place GROUP BY q.owner_key
        HAVING q.waiting <> count(j) FILTER (WHERE j.worker IS NULL)
          OR q.running <> count(j) FILTER (WHERE j.worker IS NOT NULL)`,
      )
      expect(places).toEqual([])
      // One that was cancelled takes none while it waits.
      const cancelled = 'SELECT FROM uec.jobs WHERE cancel_reason IS NOT NULL AND worker IS NULL AND takes_place'
      expect(await queryAsAdmin(database.name, cancelled)).toEqual([])
      const twice = `INSERT INTO uec.events SELECT owner_key, run_id, 99, 1, type, text FROM uec.events
      WHERE type = 'agent_completed'`
      await expect(runAsAdmin(database.name, twice)).rejects.toMatchObject({ code: '23505' })
    })

    it('is read by the ports as it was written', async () => {
      const { service } = node.postgres
      for (const user of users) {
        const { ownerKey, userId, account, started } = user
        const listed = await node.eventLog.list(ownerKey)
        expect(listed.map(({ runId }) => runId).toSorted()).toEqual(
          Object.values(user.runs)
            .map(({ context }) => context.runId as string)
            .toSorted(),
        )
        const page = await node.eventLog.read(keyOf(user, 'ended'), { epoch: 1, sequence: 0 }, 10)
        expect(page.events.map(({ type }) => type)).toEqual(['tool_executing', 'agent_completed'])
        if (has('start_keys'))
          expect(await openKeys(node).claim(startKeyOf(ownerKey), started)).toEqual({ state: 'started', run: started })
        if (has('handles'))
          expect(await postgresHandleStore<string>({ postgres: node.postgres }).find(ownerKey, 'handle')).toMatchObject(
            {
              value: `of ${userId}`,
            },
          )
        if (has('revocations'))
          expect(
            (await postgresRevocations(node.ports)).tombstones!.filter(({ key }) => key.includes(userId)),
          ).toHaveLength(1)
        if (!has('users')) continue
        expect(await postgresUsers(service).find(userId)).toEqual(account)
        expect(await postgresTickets(service).redeem(user.ticket)).toBe(`for ${userId}`)
        const guess = postgresAttemptLimits(service, { perUser: 1 }).begin(userId, '10.0.0.1')
        await expect(guess).rejects.toMatchObject({ code: 'ERR_CONTEXT_SIGN_IN_LIMIT' })
      }
      if (has('opened_texts'))
        expect(await postgresReplayMemory(service).claim('text', 'another', Date.now() + 1_000)).toBe('used')
      if (has('audit_records')) {
        const records = await readAuditTrail(database.migrate, trailName)
        expect(records).toHaveLength(2)
        verifyAuditTrail(records)
      }
    })

    it('ends every run once, those that were under way too, and takes new ones', async () => {
      for (const user of users) await runAsAdmin(database.name, toLoss(keyOf(user, 'running')))
      const queue = node.openQueue(parseLimits(), { pollMs: 20, unqueuedMs: 1_000 })
      const executed = new Map<string, number>()
      await runAsAdmin(database.name, "UPDATE uec.runs SET filed_at = filed_at - interval '1 hour'")
      queue.process(async (job) => {
        executed.set(job.context.userId, (executed.get(job.context.userId) ?? 0) + 1)
        await endRun(job)
      })
      for (const { userId } of users) await queue.fileAndEnqueue!(newJobOf(userId))
      const open = () => queryAsAdmin(database.name, 'SELECT run_id FROM uec.runs WHERE ended_at IS NULL')
      await expect.poll(open, { timeout: 30_000 }).toEqual([])
      await queue.close()
      expect(await queryAsAdmin(database.name, 'SELECT FROM uec.jobs')).toEqual([])
      const counts = await queryAsAdmin(
        database.name,
        'SELECT sum(waiting + running)::integer AS places FROM uec.queue_owners',
      )
      expect(counts).toEqual([{ places: 0 }])
      const ends = `SELECT run_id FROM uec.runs LEFT JOIN uec.events AS e USING (owner_key, run_id)
      GROUP BY owner_key, run_id
      HAVING count(*) FILTER (WHERE e.type IN ('agent_completed', 'agent_failed', 'agent_cancelled')) <> 1`
      expect(await queryAsAdmin(database.name, ends)).toEqual([])
      // All but the one that was never queued, and the one that had ended.
      expect(executed).toEqual(new Map(users.map(({ userId }) => [userId, 6])))
    })
  },
)
