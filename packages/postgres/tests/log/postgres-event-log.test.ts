import { afterAll, beforeAll, describe, it } from 'vitest'
import { eventLogContract } from '@user-execution-context/golden-path/contracts'
import { openPostgres, openWakeChannel, postgresEventLog, type Postgres, type WakeChannel } from '../../src/index.ts'
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
})
