// Runs that the queue ends without an agent: their end is said in the log of the process that ended them, once.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ContextError, toLogFields, type UserExecutionContext } from 'user-execution-context'
import { openGoldenPath, parseLimits, type EventLog, type RunJob } from '@user-execution-context/golden-path'
import { goldenPathLog, type LogRecord } from '@user-execution-context/golden-path/server'
import type { postgresRunQueue } from '../../src/index.ts'
import { fileRun, newJob, openNode, toKey } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const limits = parseLimits()
let nodes: readonly Awaited<ReturnType<typeof openNode>>[]
beforeAll(async () => {
  nodes = [await openNode(database), await openNode(database)]
})
afterAll(() => Promise.all(nodes.map((node) => node.close())))

/** What both nodes say of the ends of runs, in one list. */
const said: LogRecord[] = []
const opened: { readonly close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const goldenPath of opened.splice(0)) await goldenPath.close()
  said.splice(0)
})

/** Opens a golden path on each node, whose agent is never to be called. */
const openBoth = (more: Partial<Parameters<typeof postgresRunQueue>[0]> = {}): void => {
  const agent = async function* () {
    yield await Promise.reject(new Error('The agent was called.'))
  }
  const log = (record: LogRecord) => void (record.event.startsWith('run-') && said.push(record))
  for (const node of nodes) {
    const runQueue = node.openQueue(limits, { maxAttempts: 1, pollMs: 20, ...more })
    // Each closes when its golden path does, and the log of the node is needed by the next case.
    const eventLog = { ...node.eventLog, close: async () => {} }
    opened.push(openGoldenPath({ agent, eventLog, runQueue, limits, ...goldenPathLog({ log }) }))
  }
}

/** Queues a job, for a worker of the process that never executes anything. */
const queue = async (job: RunJob): Promise<void> => {
  const [node] = nodes
  await fileRun(node!.eventLog, job)
  const filer = node!.openQueue(limits, { executes: false })
  await filer.enqueue(job)
  await filer.close()
}

const endOf = (context: UserExecutionContext, facts: object) => ({
  ...{ event: 'run-ended', level: 'info', correlationId: toLogFields(context).correlationId },
  ...{ outcome: 'failed', code: undefined, reason: undefined, durationMs: undefined },
  ...facts,
})
/** Waits for the end in the log of the run, and then for whatever would say it a second time. */
const readEnd = async (job: RunJob): Promise<void> => {
  const read = async () => (await nodes[0]!.eventLog.read(toKey(job), { epoch: 1, sequence: 0 }, 100)).events
  await expect.poll(async () => (await read()).at(-1)?.type, { timeout: 20_000 }).toMatch(/agent_(failed|cancelled)/)
  await expect.poll(() => said.length, { timeout: 20_000 }).toBeGreaterThan(0)
  await Promise.all(opened.splice(0).map((goldenPath) => goldenPath.close()))
}

describe('the end of a run that no agent is called for', () => {
  it('is said when too many workers were lost with it', async () => {
    const job = newJob('lost')
    await queue(job)
    await runAsAdmin(database.name, 'UPDATE uec.jobs SET attempts = 1')
    openBoth()
    await readEnd(job)
    expect(said).toEqual([endOf(job.context, { code: 'ERR_CONTEXT_WORKER_LOST' })])
  })

  it('is said to be lost where the log takes no end, and then by who writes it', async () => {
    const job = newJob('log-away')
    await queue(job)
    await runAsAdmin(database.name, 'UPDATE uec.jobs SET attempts = 1')
    const [{ eventLog }] = nodes as [(typeof nodes)[0]]
    let reads = 0
    const read: EventLog['read'] = (...given) =>
      reads++ === 0 ? Promise.reject(new ContextError('ERR_CONTEXT_EVENT_LOG_FAILED')) : eventLog.read(...given)
    openBoth({ eventLog: { ...eventLog, read } })
    await readEnd(job)
    expect(said).toEqual([
      endOf(job.context, { outcome: 'lost' }),
      endOf(job.context, { code: 'ERR_CONTEXT_WORKER_LOST' }),
    ])
  })

  it('is said when its job does not open', async () => {
    const job = newJob('unopened')
    await queue(job)
    await runAsAdmin(database.name, `UPDATE uec.jobs SET sealed_context = 'not sealed'`)
    openBoth()
    await readEnd(job)
    expect(said).toEqual([endOf(job.context, { code: 'ERR_CONTEXT_SEAL_BROKEN' })])
  })

  it('is said when its user was signed out while it waited', async () => {
    const job = newJob('signed-out')
    await queue(job)
    const user = { namespace: 'vouched', userId: 'signed-out' }
    for (const { sessions } of nodes) await sessions.revoke({ user })
    openBoth()
    await readEnd(job)
    expect(said).toEqual([endOf(job.context, { outcome: 'cancelled', reason: 'identity_ended' })])
  })

  it('is said when it was filed and never queued', async () => {
    const job = newJob('unqueued')
    await fileRun(nodes[0]!.eventLog, job)
    await runAsAdmin(database.name, `UPDATE uec.runs SET filed_at = now() - interval '1 hour'`)
    openBoth({ unqueuedMs: 1_000 })
    await readEnd(job)
    expect(said).toEqual([endOf(job.context, { code: 'ERR_CONTEXT_WORKER_LOST' })])
  })
})
