import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAuditTrail, verifyAuditTrail, type AuditRecord } from 'user-execution-context'
import { auditTrailContract } from '@user-execution-context/testing'
import { postgresAuditTrail, readAuditTrail } from '../../src/index.ts'
import { newContext, openNode } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

const open = async (trail: string) => openAuditTrail(await postgresAuditTrail({ pool: node.postgres.service, trail }))
const read = (trail: string) => readAuditTrail(database.migrate, trail)
const fill = async (trail: string, count = 3): Promise<readonly AuditRecord[]> => {
  const opened = await open(trail)
  const records: AuditRecord[] = []
  for (let index = 0; index < count; index++)
    records.push(await opened.record(newContext(`user-${index}`), 'note-deleted', { index, text: "it's \u0000 鴨" }))
  return records
}
const brokenAt = (place: number) =>
  expect.objectContaining({
    ...{ code: 'ERR_CONTEXT_AUDIT_BROKEN', issues: [{ path: `[${place}]`, kind: 'does not fit' }] },
  })

const contract = auditTrailContract({
  open: (trail) => postgresAuditTrail({ pool: node.postgres.service, trail }),
  read,
})
describe('postgresAuditTrail keeps the contract of a store of audit trails', () => {
  it.each(contract)('$name', ({ run }) => run())
})

describe('postgresAuditTrail', () => {
  it('keeps a trail that verifies, with every field', async () => {
    const records = await fill('whole')
    expect(await read('whole')).toEqual(records)
    verifyAuditTrail(await read('whole'))
  })

  it('says what to do when two processes write one trail', async () => {
    const [one, two] = [await open('forked'), await open('forked')]
    await one.record(newContext('alice'), 'first')
    await expect(two.record(newContext('bob'), 'second')).rejects.toMatchObject({ code: 'ERR_CONTEXT_AUDIT_BROKEN' })
  })

  it('has a database that refuses a record which does not follow the last one', async () => {
    const { write } = await postgresAuditTrail({ pool: node.postgres.service, trail: 'holes' })
    const [first, second, third] = await fill('source-2')
    await write(first!)
    await expect(write(third!)).rejects.toMatchObject({ code: '23503' })
    await expect(write({ ...second!, previousHash: third!.hash })).rejects.toMatchObject({ code: '23503' })
  })

  it('is refused a record that passes over a place, whatever writes it', async () => {
    const [, second] = await fill('skipped', 2)
    await expect(
      node.postgres.service.query(
        `INSERT INTO uec.audit_records (trail, sequence, hash, previous_sequence, previous_hash, record)
          VALUES ('skipped', 4, 'x', 2, $1, '{}')`,
        [second!.hash],
      ),
    ).rejects.toMatchObject({ code: '23514' })
  })
})

describe.each(['service', 'worker'] as const)('the role uec_%s', (role) => {
  it.each([
    'SELECT record FROM uec.audit_records',
    'SELECT * FROM uec.audit_records',
    "UPDATE uec.audit_records SET record = ''",
    'DELETE FROM uec.audit_records',
    'TRUNCATE uec.audit_records',
    'ALTER TABLE uec.audit_records DISABLE ROW LEVEL SECURITY',
  ])('may not %s', async (sql) => {
    await expect(node.postgres[role].query(sql)).rejects.toMatchObject({ code: '42501' })
  })
})

describe('the owner of the schema', () => {
  it('changes and removes no record, whatever it says', async () => {
    await fill('owned')
    const asOwner = (sql: string) => runAsAdmin(database.name, `SET ROLE uec_owner; ${sql}`)
    await asOwner("UPDATE uec.audit_records SET record = '{}'")
    for (const sql of ['DELETE FROM uec.audit_records', 'TRUNCATE uec.audit_records'])
      await expect(asOwner(sql)).rejects.toMatchObject({ code: '42501' })
    verifyAuditTrail(await read('owned'))
    expect(await read('owned')).toHaveLength(3)
  })
})

describe('a trail that a superuser has changed', () => {
  it.each([
    ['changed', `UPDATE uec.audit_records SET record = replace(record, 'note-deleted', 'note-opened')`, 1],
    ['removed', 'DELETE FROM uec.audit_records', 1],
  ])('does not verify: a record was %s', async (name, sql, place) => {
    await fill(name)
    // As one who switches the keys off.
    await runAsAdmin(
      database.name,
      `SET session_replication_role = replica; ${sql} WHERE trail = '${name}' AND sequence = 2`,
    )
    const records = await read(name)
    expect(() => verifyAuditTrail(records)).toThrow(brokenAt(place) as never)
  })
})
