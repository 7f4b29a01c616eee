import { afterAll, beforeAll, describe, it } from 'vitest'
import { runQueueContract } from '@user-execution-context/golden-path/contracts'
import { endRun, fileRun, newContext, openNode } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()

describe('postgresRunQueue keeps the contract of a run queue', () => {
  let node: Awaited<ReturnType<typeof openNode>>
  beforeAll(async () => {
    node = await openNode(database)
  })
  afterAll(() => node.close())
  const cases = runQueueContract({
    openQueue: async (limits) => {
      await runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events')
      return node.openQueue(limits)
    },
    createContext: newContext,
    prepare: (job) => fileRun(node.eventLog, job),
    finish: endRun,
    quietMs: 150,
  })
  it.each(cases)('$name', ({ run }) => run())
})
