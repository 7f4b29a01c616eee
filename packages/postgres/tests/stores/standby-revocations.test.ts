// What a node hears of that asks a standby, and goes on when that takes over. No standby runs here: the server answers
// as one does, whose snapshots list none of the transactions that run where it copies from.
import { describe, expect, it } from 'vitest'
import { postgresRevocations } from '../../src/index.ts'
import { openNode } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'
import { asking } from './asking-pool.ts'

const database = testDatabase()
type Question = { readonly name: string; readonly text: string }

describe('postgresRevocations', () => {
  it('hears at a standby of what is committed late, and reads all when that takes over', async () => {
    const ports = await openNode(database)
    let isStandby = true
    const seen: { readonly server: string; readonly from: unknown }[] = []
    const query = async (question: Question & { readonly values: readonly unknown[] }) => {
      const inRecovery = question.text.replaceAll('pg_catalog.pg_is_in_recovery()', 'true')
      const asked = isStandby ? { ...question, name: 'of-a-standby', text: inRecovery } : question
      const answer = await ports.postgres.revocations.query<{ readonly server: string }>(asked as never)
      seen.push({ server: answer.rows[0]!.server, from: question.values[0] })
      return isStandby ? { rows: answer.rows.map((row) => ({ ...row, running: [] })) } : answer
    }
    const revocations = asking(ports.postgres.revocations, query)
    const store = await postgresRevocations({
      ...ports.ports,
      postgres: { ...ports.postgres, revocations },
      pollMs: 20,
    })
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => undefined })
    const untilMs = Date.now() + 3_600_000
    const late = await ports.postgres.service.connect()
    await late.query(`BEGIN; INSERT INTO uec.revocations VALUES ('late', 1, ${untilMs}, 'signed-out')`)
    await store.write({ key: 'early', notBeforeMs: 1, untilMs, reason: 'signed-out' } as never)
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('early')
    await late.query('COMMIT')
    late.release()
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('late')
    const before = seen.length
    isStandby = false
    const since = () => seen.slice(before).filter(({ server }) => server !== seen[0]!.server)
    // Another server, by what it says of itself: asked for all.
    await expect.poll(() => since().some(({ from }) => from === '0'), { timeout: 20_000 }).toBe(true)
    stop()
    await ports.close()
  })
})
