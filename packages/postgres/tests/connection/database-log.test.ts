// Each line that a process writes of its database, over a real one: what happened, and nothing of anybody.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { defaultLimits } from '@user-execution-context/golden-path'
import { liveSessions } from 'user-execution-context'
import {
  databaseLog,
  openPostgres,
  openWakeChannel,
  postgresEventLog,
  postgresRunQueue,
  type DatabaseLogRecord,
} from '../../src/index.ts'
import { ring } from '../open-ports.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const network = new OutageProxy(inject('serverHost'))
const lines: DatabaseLogRecord[] = []
beforeAll(() => network.open())
afterAll(() => network.close())

describe('databaseLog', () => {
  it('writes of lost connections, of what failed and of hearing again, without a name or a value', async () => {
    const { onConnectionError, onState, onError } = databaseLog((line) => lines.push(line))
    const [service, worker] = [database.service, database.worker].map((login) => ({ ...login, host: network.host }))
    const postgres = await openPostgres({ connections: { service: service!, worker }, onConnectionError })
    const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen, onState })
    const eventLog = postgresEventLog({ postgres, wakes, onError })
    const sessions = liveSessions({ maxProofMs: 3_600_000 })
    const runQueue = postgresRunQueue({
      ...{ postgres, wakes, eventLog, limits: defaultLimits, sessions, onError, pollMs: 50 },
      ...ring,
    })
    runQueue.process(async () => {})
    const says = (event: DatabaseLogRecord['event'], count = 1) =>
      expect
        .poll(() => lines.filter((line) => line.event === event).length, { timeout: 30_000 })
        .toBeGreaterThanOrEqual(count)
    await says('wakes-heard')
    await runAsAdmin(
      database.name,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    await says('database-connection-lost')
    network.cut()
    await says('database-failed')
    await says('wakes-lost')
    network.heal()
    await says('wakes-heard', 2)
    await runQueue.close()
    await eventLog.close()
    await wakes.close()
    await postgres.close()

    expect(lines.find(({ event }) => event === 'database-connection-lost')).toMatchObject({
      level: 'warn',
      code: '57P01',
    })
    expect(lines.find(({ event }) => event === 'database-failed')).toMatchObject({
      level: 'error',
      error: expect.stringMatching(/^(?:Context)?Error$/) as string,
    })
    const text = JSON.stringify(lines)
    for (const secret of [network.host, database.name, 'uec_', 'SELECT', 'terminat']) expect(text).not.toContain(secret)
  })

  it('takes for a name and a code what looks like one, and nothing else', () => {
    const [, onError] = [lines.splice(0), databaseLog((line) => lines.push(line)).onError]
    onError('secret of ada')
    onError(Object.assign(new TypeError('secret'), { code: 'secret of ada' }))
    onError(Object.assign(new Error('secret'), { name: 'secret of ada', code: '23505', detail: 'secret' }))
    expect(lines).toEqual([
      { event: 'database-failed', level: 'error', error: 'string' },
      { event: 'database-failed', level: 'error', error: 'TypeError' },
      { event: 'database-failed', level: 'error', error: 'Error', code: '23505' },
    ])
  })
})
