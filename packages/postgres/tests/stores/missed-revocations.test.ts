// A node says what it has heard of revocations, and is told of the rest: nothing between two questions is missed.
import type { Tombstone } from 'user-execution-context'
import { describe, expect, it } from 'vitest'
import { postgresRevocations } from '../../src/index.ts'
import { openNode as openPorts } from '../open-ports.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'
import { asking } from './asking-pool.ts'

const database = testDatabase()

describe('a revocation', () => {
  it('is heard of whatever clock the database had when another one was written', async () => {
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => undefined })
    const untilMs = Date.now() + 3_600_000
    await runAsAdmin(
      database.name,
      `INSERT INTO uec.revocations VALUES
        ('ahead', 1, ${untilMs}, 'session_revoked', clock_timestamp() + interval '60 seconds')`,
    )
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('ahead')
    await store.write({ key: 'since', notBeforeMs: 1, untilMs, reason: 'signed-out' } as never)
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('since')
    stop()
    await ports.close()
  })

  it('is heard of however late the transaction that writes it is committed', async () => {
    await runAsAdmin(database.name, 'TRUNCATE uec.revocations')
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => undefined })
    const untilMs = Date.now() + 3_600_000
    const late = await ports.postgres.service.connect()
    // Timed long ago, as one whose node has hung since.
    await late.query(`BEGIN; INSERT INTO uec.revocations VALUES
      ('late', 1, ${untilMs}, 'session_revoked', clock_timestamp() - interval '1 minute')`)
    await store.write({ key: 'early', notBeforeMs: 1, untilMs, reason: 'signed-out' } as never)
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('early')
    expect(heard).not.toContain('late')
    await late.query('COMMIT')
    late.release()
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('late')
    stop()
    await ports.close()
  })

  it('is heard of behind one that a listener throws at', async () => {
    await runAsAdmin(database.name, 'TRUNCATE uec.revocations')
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const heard: string[] = []
    const revoked = ({ key }: Tombstone): void => {
      if (key === 'refused') throw new Error('of a registry that is full')
      heard.push(key)
    }
    const stop = store.follow!({ revoked, heard: () => void heard.push('all') })
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('all')
    heard.length = 0
    const untilMs = Date.now() + 3_600_000
    await runAsAdmin(
      database.name,
      `INSERT INTO uec.revocations VALUES ('refused', 1, ${untilMs}, 'signed-out', clock_timestamp()),
        ('behind', 1, ${untilMs}, 'signed-out', clock_timestamp())`,
    )
    // Told again and again, and from then on nobody says that all is known.
    await expect.poll(() => heard.filter((key) => key === 'behind').length, { timeout: 20_000 }).toBeGreaterThan(2)
    expect(heard.slice(heard.indexOf('behind'))).not.toContain('all')
    stop()
    await ports.close()
  })

  it('is heard of after a crash that the server itself recovers from', async () => {
    const ports = await openPorts(database)
    const asked: unknown[][] = []
    const query = (question: { readonly values: unknown[] }) => {
      asked.push(question.values)
      return ports.postgres.revocations.query(question as never)
    }
    const revocations = asking(ports.postgres.revocations, query as never)
    const postgres = { ...ports.ports.postgres, revocations }
    const store = await postgresRevocations({ ...ports.ports, postgres, pollMs: 20 })
    const stop = store.follow!({ revoked: () => undefined, heard: () => undefined })
    await expect.poll(() => asked.at(-1)?.[0], { timeout: 20_000 }).not.toBe('0')
    asked.length = 0
    // What a crash does to the statistics: it makes them begin anew.
    await runAsAdmin(database.name, `SELECT pg_stat_reset_shared('bgwriter')`)
    await expect.poll(() => asked.map(([from]) => from), { timeout: 20_000 }).toContain('0')
    stop()
    await ports.close()
  })

  it('is written anew under the clock of now, by a node of an older version too', async () => {
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const untilMs = Date.now() + 3_600_000
    const heard: (readonly [string, number])[] = []
    const revoked = ({ key, notBeforeMs }: Tombstone): void => void heard.push([key, notBeforeMs])
    const stop = store.follow!({ revoked, heard: () => undefined })
    const write = `INSERT INTO uec.revocations (key, not_before_ms, until_ms, reason)
      VALUES ('again', 1, ${untilMs}, 'session_revoked')
      ON CONFLICT (key) DO UPDATE SET not_before_ms = 2, written_at = clock_timestamp()`
    await runAsAdmin(database.name, write)
    await expect.poll(() => heard, { timeout: 20_000 }).toContainEqual(['again', 1])
    await runAsAdmin(database.name, write)
    await expect.poll(() => heard, { timeout: 20_000 }).toContainEqual(['again', 2])
    stop()
    await ports.close()
  })

  it('is told to each registry over a store, whatever the others have been told', async () => {
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const untilMs = Date.now() + 3_600_000
    const one: string[] = []
    const other: string[] = []
    const stopOne = store.follow!({ revoked: ({ key }) => void one.push(key), heard: () => undefined })
    await store.write({ key: 'before', notBeforeMs: 1, untilMs, reason: 'signed-out' } as never)
    await runAsAdmin(database.name, "UPDATE uec.revocations SET written_at = written_at - interval '1 hour'")
    await expect.poll(() => one, { timeout: 20_000 }).toContain('before')
    await store.write({ key: 'between', notBeforeMs: 1, untilMs, reason: 'signed-out' } as never)
    await expect.poll(() => one, { timeout: 20_000 }).toContain('between')
    const stopOther = store.follow!({ revoked: ({ key }) => void other.push(key), heard: () => undefined })
    await expect.poll(() => other, { timeout: 20_000 }).toEqual(expect.arrayContaining(['before', 'between']))
    for (const stop of [stopOne, stopOther]) stop()
    await ports.close()
  })

  it('is told again where the one who was told threw', async () => {
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    let told = 0
    let times = 0
    const revoked = ({ key }: Tombstone): void => {
      if (key === 'thrown' && ++told === 1) throw new Error('of the one who was told')
    }
    const stop = store.follow!({ revoked, heard: () => void times++ })
    await expect.poll(() => times, { timeout: 20_000 }).toBeGreaterThan(0)
    const untilMs = Date.now() + 3_600_000
    await runAsAdmin(
      database.name,
      `INSERT INTO uec.revocations VALUES
        ('thrown', 1, ${untilMs}, 'session_revoked', clock_timestamp() - interval '1 hour')`,
    )
    await expect.poll(() => told, { timeout: 20_000 }).toBeGreaterThan(1)
    stop()
    await ports.close()
  })

  it('is read anew where another server answers: it counts transactions of its own', async () => {
    const ports = await openPorts(database)
    const { revocations } = ports.postgres
    let isOther = true
    const query = async (...given: Parameters<typeof revocations.query>) => {
      const answer: { readonly rows: readonly object[] } = await (revocations.query as Function)(...given)
      const other = { key: null, server: 'another', next: '1000000000000', running: [] }
      return isOther ? { rows: [other] } : answer
    }
    const postgres = { ...ports.postgres, revocations: asking(revocations, query) }
    const store = await postgresRevocations({ ...ports.ports, postgres, pollMs: 20 })
    const heard: string[] = []
    let times = 0
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => void times++ })
    await store.write({ key: 'elsewhere', notBeforeMs: 1, untilMs: Date.now() + 3_600_000, reason: 'x' } as never)
    await expect.poll(() => times, { timeout: 20_000 }).toBeGreaterThan(1)
    expect(heard).not.toContain('elsewhere')
    isOther = false
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('elsewhere')
    stop()
    await ports.close()
  })

  it('is read once, however long another transaction writes', async () => {
    await runAsAdmin(database.name, 'TRUNCATE uec.revocations')
    const ports = await openPorts(database)
    const other = await ports.postgres.service.connect()
    const read: string[] = []
    let asked: { readonly text: string; readonly values: unknown[] } | undefined
    const query = async (question: { readonly text: string; readonly values: unknown[] }) => {
      const answer = await ports.postgres.revocations.query<{ readonly key: string | null }>(question)
      read.push(...answer.rows.flatMap(({ key }) => key ?? []))
      asked = question
      return answer
    }
    const revocations = asking(ports.postgres.revocations, query as never)
    const store = await postgresRevocations({
      ...ports.ports,
      postgres: { ...ports.postgres, revocations },
      pollMs: 20,
    })
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => undefined })
    const untilMs = Date.now() + 3_600_000
    await other.query(`BEGIN; INSERT INTO uec.revocations VALUES ('long', 1, ${untilMs}, 'signed-out')`)
    await runAsAdmin(
      database.name,
      `INSERT INTO uec.revocations SELECT n::text, 1, ${untilMs}, 'signed-out' FROM generate_series(1, 5000) AS n`,
      'ANALYZE uec.revocations',
    )
    for (const key of ['one', 'two', 'three']) {
      await store.write({ key, notBeforeMs: 1, untilMs, reason: 'signed-out' } as never)
      await expect.poll(() => heard, { timeout: 20_000 }).toContain(key)
    }
    // Of all that was written since the long one began, a look reads what it has not heard.
    const { rows } = await ports.postgres.service.query<{ readonly 'QUERY PLAN': readonly { Plan: Plan }[] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${asked!.text}`,
      asked!.values,
    )
    expect(countScanned(rows[0]!['QUERY PLAN'][0]!.Plan)).toBeLessThan(10)
    await other.query('COMMIT')
    other.release()
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('long')
    stop()
    expect(read.length).toBe(5_004)
    await ports.close()
  })

  const copied = `INSERT INTO uec.revocations (key, not_before_ms, until_ms, reason, written_by)
    VALUES ('copied', 1, ${Date.now() + 3_600_000}, 'signed-out', '5')`
  it.each([
    ['rows that another server sends', `BEGIN; SET LOCAL session_replication_role = replica; ${copied}; COMMIT`],
    [
      'a table that was filled from a copy, as pg_restore does it with --disable-triggers',
      `BEGIN; ALTER TABLE uec.revocations DISABLE TRIGGER ALL; TRUNCATE uec.revocations; ${copied};
        ALTER TABLE uec.revocations ENABLE TRIGGER ALL; COMMIT`,
    ],
  ])('is heard of in %s', async (_where, fill) => {
    await runAsAdmin(database.name, 'DELETE FROM uec.revocations')
    const ports = await openPorts(database)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => void heard.push('all') })
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('all')
    // The number of a transaction of the other server, which is long over here.
    await runAsAdmin(database.name, fill)
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('copied')
    stop()
    await ports.close()
  })
})

describe('a revocation in a database that takes the place of another', () => {
  const original = testDatabase()

  it('is heard of', async () => {
    const { name } = original
    await runAsAdmin('postgres', `CREATE DATABASE ${name}_restored TEMPLATE ${name}`)
    const write = `INSERT INTO uec.revocations VALUES ('restored', 1, ${Date.now() + 3_600_000}, 'signed-out')`
    await runAsAdmin(`${name}_restored`, write)
    const ports = await openPorts(original)
    const store = await postgresRevocations({ ...ports.ports, pollMs: 20 })
    const heard: string[] = []
    const stop = store.follow!({ revoked: ({ key }) => void heard.push(key), heard: () => void heard.push('all') })
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('all')
    expect(heard).not.toContain('restored')
    await runAsAdmin(
      'postgres',
      `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
      `SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE datname = '${name}'`,
      `ALTER DATABASE ${name} RENAME TO ${name}_replaced`,
      `ALTER DATABASE ${name}_restored RENAME TO ${name}`,
    )
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('restored')
    stop()
    await ports.close()
    await runAsAdmin('postgres', `DROP DATABASE ${name}_replaced`)
  })
})

type Plan = {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Plans'?: readonly Plan[]
}

/** Rows that the scans of a plan went over, also those that did not fit. */
function countScanned(plan: Plan): number {
  const own = plan['Node Type'].includes('Scan') ? plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) : 0
  return (plan.Plans ?? []).reduce((count, each) => count + countScanned(each), own)
}
