// Runs that were opened while a node was cut off from the database: their owner's followers are told of them once.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { newRunId } from 'user-execution-context'
import { postgresEventLog } from '../../src/index.ts'
import { openNode } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())
afterEach(() => void vi.useRealTimers())

/** Opens runs at once, so many seconds ago. */
const openRuns = async (ownerKey: string, ...agoS: readonly number[]): Promise<readonly string[]> => {
  const runs = agoS.map((seconds) => ({ runId: newRunId(), seconds }))
  const rows = runs.map(
    ({ runId, seconds }) => `('${ownerKey}', '${runId}', 't', 'r', 1, now() - interval '${seconds} seconds', '{1}')`,
  )
  await runAsAdmin(
    database.name,
    `INSERT INTO uec.runs (owner_key, run_id, thread_id, request_id, created_at_ms, opened_at, epoch_starts)
      VALUES ${rows.join(', ')}`,
  )
  return runs.map(({ runId }) => runId)
}
const follow = async (ownerKey: string) => {
  const log = postgresEventLog({
    ...{ postgres: node.postgres, pollMs: 100 },
    wakes: { wake: () => {}, hear: () => () => {}, isHeard: false, close: async () => {} },
  })
  const heard: string[] = []
  await log.followOwner(ownerKey, ({ runId }) => heard.push(runId))
  return { log, heard }
}
/** As after a cut of so long, in which nothing was heard. */
const passS = (seconds: number): void => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
}

describe('a node that was cut off for longer than the feed gives runs', () => {
  it('tells of the runs that were opened meanwhile, in order, once, and of those of no other owner', async () => {
    const { log, heard } = await follow('alice')
    const [before] = await openRuns('alice', 0)
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([before])
    await openRuns('bob', 90)
    const [second, first] = await openRuns('alice', 90, 120)
    passS(200)
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([before, first, second])
    const [last] = await openRuns('alice', 300)
    passS(400)
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([before, first, second, last])
    // It is in touch again, and requests nothing of so long ago.
    await openRuns('alice', 100)
    const [now] = await openRuns('alice', 0)
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([before, first, second, last, now])
    await log.close()
  })

  it('tells of the runs of others where one owner cannot be asked', async () => {
    const { log } = await follow('not at home')
    const heard: string[] = []
    await log.followOwner('dave', ({ runId }) => heard.push(runId))
    await runAsAdmin(
      database.name,
      `CREATE FUNCTION public.refuse() RETURNS boolean LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION USING ERRCODE = ''UE001''; END'`,
      `CREATE POLICY refuse ON uec.runs AS RESTRICTIVE FOR SELECT TO uec_service
        USING (CASE WHEN uec.owner() = 'not at home' THEN public.refuse() ELSE true END)`,
    )
    await openRuns('not at home', 100)
    const [meanwhile] = await openRuns('dave', 100)
    passS(200)
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([meanwhile])
    await runAsAdmin(database.name, 'DROP POLICY refuse ON uec.runs; DROP FUNCTION public.refuse()')
    await log.close()
  })

  it('tells of no run that was opened before it followed and the cut', async () => {
    await openRuns('carol', 400)
    const { log, heard } = await follow('carol')
    const [meanwhile] = await openRuns('carol', 100)
    passS(200)
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual([meanwhile])
    await log.close()
  })
})
