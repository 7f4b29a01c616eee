// Tables of the library that hold rows of no single user: a statement of a user session sees and changes none of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRunId, openAuditTrail, toOwnerKey } from 'user-execution-context'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { postgresAuditTrail, postgresReplayMemory } from '../../src/index.ts'
import { endRun, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin } from '../test-database.ts'
import { contextOf, notesApp } from './notes-app.ts'

const app = notesApp()
const [alice, bob] = [contextOf('alice'), contextOf('bob')]
const tables = ['revocations', 'opened_texts', 'audit_records'] as const
let node: Awaited<ReturnType<typeof openNode>>
const runId = newRunId()
beforeAll(async () => {
  node = await openNode(app.database)
  await runAsAdmin(
    app.database.name,
    `INSERT INTO uec.revocations (key, not_before_ms, until_ms, reason) VALUES ('of alice', 1, 9e15, 'signed_out')`,
  )
  await postgresReplayMemory(node.postgres.service).claim('text', 'attempt', Date.now() + 60_000)
  const trail = await postgresAuditTrail({ pool: node.postgres.service, trail: 'node-1' })
  await openAuditTrail(trail).record(alice, 'sign-in')
  const ownerKey = toOwnerKey(alice)
  await node.eventLog.create({ ownerKey, runId, threadId: 't', requestId: 'r', createdAtMs: 1 } as never)
  const writer = await node.eventLog.openWriter({ ownerKey, runId })
  await endRun({ context: alice, input: { text: 'go' }, writer })
})
afterAll(() => node.close())

const asBob = (statement: string, values: readonly unknown[] = []) =>
  withUserSession(bob, app.pool, (session) => session.query(statement, values))
const codeOf = (asking: Promise<unknown>) =>
  asking.then(
    () => 'done',
    (error: unknown) => (error as { readonly code?: string }).code,
  )

describe('a statement of a user session', () => {
  it.each(tables)('sees no row of uec.%s, and changes none', async (table) => {
    const before = await queryAsAdmin(app.database.name, `SELECT * FROM uec.${table}`)
    expect(before).toHaveLength(1)
    const column = Object.keys(before[0]!)[0]!
    expect((await asBob(`SELECT ${column} FROM uec.${table}`)).rows).toEqual([])
    await codeOf(asBob(`DELETE FROM uec.${table}`))
    await codeOf(asBob(`UPDATE uec.${table} SET ${column} = ${column} || '-' `))
    expect(await queryAsAdmin(app.database.name, `SELECT * FROM uec.${table}`)).toEqual(before)
  })

  it.each([
    `INSERT INTO uec.revocations (key, not_before_ms, until_ms, reason) VALUES ('of carol', 1, 2, 'signed_out')`,
    `INSERT INTO uec.opened_texts (text_id, attempt_digest, until) VALUES ('text 2', '', now())`,
    `INSERT INTO uec.audit_records (trail, sequence, hash, record) VALUES ('node-2', 1, 'h', '{}')`,
    // Whoever has a home in two shards has rows in one that nobody finds.
    `INSERT INTO uec.owner_homes (owner_key) VALUES ('somebody else')`,
  ])('is refused %s', async (statement) => {
    expect(await codeOf(asBob(statement))).toBe('42501')
  })

  it('is fed events and runs of its own user alone, and not how many jobs wait', async () => {
    const feed = `SELECT kind, CASE kind WHEN 'queue' THEN place END AS waiting
      FROM uec.feed(ARRAY[$1], ARRAY[$2], ARRAY[1], ARRAY[0::bigint], ARRAY[$1], 10, true)`
    const values = [toOwnerKey(alice), runId]
    await runAsAdmin(app.database.name, `INSERT INTO uec.queue_owners (owner_key, waiting, turn) VALUES ('x', 7, 1)`)
    const { rows } = await node.postgres.service.query(feed, values)
    const [event, run] = [
      { kind: 'event', waiting: null },
      { kind: 'run', waiting: null },
    ]
    expect(rows).toEqual([event, run, { kind: 'queue', waiting: '7' }])
    const noCount = { kind: 'queue', waiting: null }
    expect((await asBob(feed, values)).rows).toEqual([noCount])
    const own = await withUserSession(alice, app.pool, (session) => session.query(feed, values))
    expect(own.rows).toEqual([event, run, noCount])
  })
})
