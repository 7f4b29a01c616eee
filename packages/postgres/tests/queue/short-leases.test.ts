// A lease that is shorter than the time between two polls: who has a run says that it lives in time all the same.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseLimits } from '@user-execution-context/golden-path'
import { endRun, newJob, openNode } from '../open-ports.ts'
import { queryAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
let node: Awaited<ReturnType<typeof openNode>>
beforeAll(async () => {
  node = await openNode(database)
})
afterAll(() => node.close())

/** When the lease of the only job ends, milliseconds since the epoch. */
const readLease = async (): Promise<number> => {
  const [job] = await queryAsAdmin(database.name, 'SELECT leased_until FROM uec.jobs')
  return job?.leased_until instanceof Date ? job.leased_until.getTime() : 0
}

// No other worker waits for the lease: one second of a busy machine would give it the run, and rightly so.
it('is renewed between two polls, for as long as its run executes', async () => {
  let finish!: () => void
  const finished = new Promise<void>((resolve) => (finish = resolve))
  const leaseMs = 3_000
  const worker = node.openQueue(parseLimits(), { leaseMs, pollMs: 60_000 })
  worker.process(async (job) => {
    await finished
    await endRun(job)
  })
  await worker.fileAndEnqueue!(newJob())
  // A worker that starts takes it by its first claim, and not while it is filed.
  await expect.poll(readLease, { timeout: 20_000 }).toBeGreaterThan(0)
  const filed = await readLease()
  // The wake of the filing itself renews it once, and not by a whole lease.
  await expect.poll(readLease, { timeout: 30_000 }).toBeGreaterThan(filed + leaseMs)
  finish()
  await worker.close()
}, 50_000)
