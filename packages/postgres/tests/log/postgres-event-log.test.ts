import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventLogContract } from '@user-execution-context/golden-path/contracts'
import { openPostgres, openWakeChannel, postgresEventLog, type Postgres, type WakeChannel } from '../../src/index.ts'
import { fileRun, newJob, toKey } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()

describe('postgresEventLog keeps the contract of an event log', () => {
  let postgres: Postgres
  let wakes: WakeChannel
  beforeAll(async () => {
    const { service, worker, listen } = database
    postgres = await openPostgres({ connections: { service, worker, listen } })
    wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
  })
  afterAll(async () => {
    await wakes.close()
    await postgres.close()
  })
  it.each(eventLogContract(() => postgresEventLog({ postgres, wakes })))('$name', ({ run }) => run())

  // A client says it, as with `Last-Event-ID: 9999999999.0`.
  it.each([2_147_483_646, 2_147_483_647, 9_999_999_999, Number.MAX_SAFE_INTEGER])(
    'reads on after everything where a reader says an epoch that no run has, %d',
    async (epoch) => {
      const eventLog = postgresEventLog({ postgres, wakes })
      const job = newJob()
      await fileRun(eventLog, job)
      const page = await eventLog.read(toKey(job), { epoch, sequence: 999_999_999_999_999 }, 10)
      expect(page).toMatchObject({ events: [], lastSequence: 0 })
      await eventLog.close()
    },
  )
})
