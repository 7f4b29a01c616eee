// The rounds in which a worker looks for runs that were never queued.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseLimits } from '@user-execution-context/golden-path'
import { fileRun, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const unqueuedMs = 1_000
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

const given = 'EXECUTE ON FUNCTION uec.end_unqueued(interval, text, integer)'

it('says that a round failed, and ends the run in one that follows', async () => {
  await fileRun(node.eventLog, newJob())
  await runAsAdmin(
    database.name,
    `UPDATE uec.runs SET filed_at = now() - interval '1 hour'; REVOKE ${given} FROM uec_worker`,
  )
  const codes: unknown[] = []
  const onError = (error: unknown): void => void codes.push((error as { readonly code?: unknown }).code)
  const queue = node.openQueue(parseLimits(), { unqueuedMs, onError })
  queue.process(async () => {})
  await expect.poll(() => codes.length, { timeout: 20_000 }).toBeGreaterThan(1)
  await runAsAdmin(database.name, `GRANT ${given} TO uec_worker`)
  const open = () => queryAsAdmin(database.name, 'SELECT FROM uec.runs WHERE ended_at IS NULL')
  await expect.poll(open, { timeout: 20_000 }).toEqual([])
  await queue.close()
  expect(new Set(codes)).toEqual(new Set(['42501']))
})
