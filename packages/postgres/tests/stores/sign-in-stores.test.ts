// Users, failed sign-ins and tickets: what nodes share about who signs in.
import { createDecipheriv, createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  attemptLimitsContract,
  ticketOfficeContract,
  userStoreContract,
} from '@user-execution-context/golden-path/contracts'
import { passwordHasher } from '@user-execution-context/golden-path/login'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  openPostgres,
  postgresAttemptLimits,
  postgresTickets,
  postgresUsers,
  withUserSession,
} from '../../src/index.ts'
import { newContext, openNode } from '../open-ports.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()
type Node = Awaited<ReturnType<typeof openNode>>
let one: Node
let two: Node
beforeAll(async () => {
  ;[one, two] = await Promise.all([openNode(database), openNode(database)])
})
afterAll(async () => {
  await Promise.all([one.close(), two.close()])
})
const pool = () => one.postgres.service
const rowsOf = async (table: string): Promise<string> =>
  JSON.stringify((await pool().query(`SELECT t::text AS row FROM uec.${table} AS t`)).rows)

describe('postgresUsers keeps the contract of a store of users', () => {
  it.each(userStoreContract(() => postgresUsers(pool())))('$name', ({ run }) => run())
})

describe('postgresUsers', () => {
  it('shows a user session no user', async () => {
    const password = await passwordHasher({ cost: 1024 }).toRecord('secret')
    await postgresUsers(pool()).add({ userId: 'u-hidden', userName: 'hidden', password })
    expect(await rowsOf('users')).toContain('hidden')
    const seen = await withUserSession(newContext('eve'), pool(), (session) => session.query('SELECT * FROM uec.users'))
    expect(seen.rows).toEqual([])
    const write = withUserSession(newContext('eve'), pool(), (session) =>
      session.query("INSERT INTO uec.users VALUES ('eve', 'eve', '{}')"),
    )
    await expect(write).rejects.toMatchObject({ code: '42501' })
  })
})

describe('postgresTickets keeps the contract of an office of tickets', () => {
  it.each(ticketOfficeContract((options) => postgresTickets(pool(), options)))('$name', ({ run }) => run())
})

describe('postgresTickets', () => {
  it('redeems at one node what another has issued, once', async () => {
    const ticket = await postgresTickets(one.postgres.service).issue('s', 'token')
    const offices = [one, two].map(({ postgres }) => postgresTickets(postgres.service))
    const outcomes = await Promise.allSettled(offices.map((office) => office.redeem(ticket)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('keeps neither ticket nor token nor session, and shows a user session no row', async () => {
    const ticket = await postgresTickets(pool()).issue('session-canary', 'token-canary')
    const rows = await rowsOf('tickets')
    const hex = (text: string) => Buffer.from(text).toString('hex')
    for (const text of [ticket, 'token-canary', 'session-canary'])
      for (const form of [text, hex(text), Buffer.from(text, 'base64url').toString('hex')])
        expect(rows).not.toContain(form)
    const readAll = 'SELECT * FROM uec.tickets'
    const seen = await withUserSession(newContext('eve'), pool(), (session) => session.query(readAll))
    expect(seen.rows).toEqual([])
  })

  it('gives nobody who has the row alone the token', async () => {
    const ticket = await postgresTickets(pool()).issue('s', 'token')
    const { rows } = await pool().query('SELECT * FROM uec.tickets ORDER BY position DESC LIMIT 1')
    const { ticket_digest: digest, session_digest: session, sealed_token: sealed } = rows[0]
    const nonce = sealed.subarray(0, 12)
    for (const key of [digest, session, createHash('sha256').update(digest).digest()]) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      decipher.setAuthTag(sealed.subarray(12, 28))
      decipher.update(sealed.subarray(28))
      expect(() => decipher.final()).toThrow('authenticate')
    }
    expect(await postgresTickets(pool()).redeem(ticket)).toBe('token')
  })

  it('refuses a row that was changed, or belongs to another ticket', async () => {
    const office = postgresTickets(pool())
    const [first, second] = [await office.issue('s1', 'token-1'), await office.issue('s2', 'token-2')]
    await pool().query(`UPDATE uec.tickets AS t SET sealed_token = o.sealed_token
      FROM uec.tickets AS o WHERE o.ticket_digest <> t.ticket_digest`)
    for (const ticket of [first, second])
      await expect(office.redeem(ticket)).rejects.toMatchObject({ code: 'ERR_CONTEXT_TICKET_REFUSED' })
  })

  it('forgets what nobody redeemed', async () => {
    const office = postgresTickets(pool(), { lifetimeMs: 1 })
    for (const session of ['a', 'b', 'c']) await office.issue(session, 'x')
    await pause(20)
    await postgresTickets(pool()).issue('d', 'x')
    const { rows } = await pool().query('SELECT count(*)::integer AS count FROM uec.tickets WHERE until < now()')
    expect(rows).toEqual([{ count: 0 }])
  })
})

describe('postgresAttemptLimits keeps the contract of limits of failed sign-ins', () => {
  it.each(attemptLimitsContract((bounds) => postgresAttemptLimits(pool(), bounds)))('$name', ({ run }) => run())
})

describe('postgresAttemptLimits', () => {
  it('counts the guesses at two nodes together, also when all come at once', async () => {
    const limits = [one, two].map(({ postgres }) => postgresAttemptLimits(postgres.service, { perUser: 4 }))
    let passed = 0
    const guesses = Array.from({ length: 16 }, async (_, index) => {
      const attempt = await limits[index % 2]!.begin('guessed', '10.0.0.1')
      passed++
      await attempt.fail()
    })
    await Promise.allSettled(guesses)
    expect(passed).toBe(4)
    for (const limit of limits)
      await expect(limit.begin('guessed', '10.0.0.1')).rejects.toMatchObject({ code: 'ERR_CONTEXT_SIGN_IN_LIMIT' })
  })

  it('gives back the place of an attempt whose node is lost, and forgets it', async () => {
    const limits = postgresAttemptLimits(pool(), { perUser: 1, lostAfterMs: 100 })
    await limits.begin('lost', '10.0.0.2')
    await (await limits.begin('lost', '10.0.0.2')).succeed()
    await (await limits.begin('lost', '10.0.0.2')).withdraw()
    const { rows } = await pool().query('SELECT count(*)::integer AS count FROM uec.sign_in_attempts')
    expect(rows).toEqual([{ count: 0 }])
  })

  it('lets a hundred wait for one name at one address, and refuses who comes then', async () => {
    const connections = { service: database.service }
    const own = await openPostgres({ connections, connectTimeoutMs: 55_000 })
    const limits = postgresAttemptLimits(own.service, { perUser: 1 })
    const first = await limits.begin('crowded', '10.0.0.3')
    const codes: string[] = []
    const attempts = Array.from({ length: 102 }, () =>
      limits.begin('crowded', '10.0.0.3').catch((error: { readonly code: string }) => void codes.push(error.code)),
    )
    await expect.poll(() => codes, { timeout: 50_000 }).toEqual(Array(2).fill('ERR_CONTEXT_SIGN_IN_BUSY'))
    // Elsewhere there is room, and the hundred hear of a limit as soon as there is one.
    await (await limits.begin('crowded', '10.0.0.4')).succeed()
    await first.fail()
    await Promise.all(attempts)
    expect(codes.slice(2)).toEqual(Array(100).fill('ERR_CONTEXT_SIGN_IN_LIMIT'))
    await own.close()
  })

  it('refuses on one connection, and makes no new one for a refusal', async () => {
    const own = await openPostgres({ connections: { service: database.service }, maxConnections: 1 })
    const pidOf = async () => (await own.service.query('SELECT pg_backend_pid() AS pid')).rows[0] as unknown
    const limits = postgresAttemptLimits(own.service, { perUser: 1 })
    await (await limits.begin('refused', '10.0.0.8')).fail()
    let made = 0
    own.service.on('connect', () => made++)
    const before = await pidOf()
    for (let guess = 0; guess < 10; guess++)
      await expect(limits.begin('refused', '10.0.0.8')).rejects.toMatchObject({ code: 'ERR_CONTEXT_SIGN_IN_LIMIT' })
    expect(await pidOf()).toEqual(before)
    expect(made).toBe(0)
    await own.close()
  })

  it('begins to count anew when the time of the failures before is over', async () => {
    const [short, long] = [{ windowMs: 1 }, { windowMs: 3_600_000 }].map((more) =>
      postgresAttemptLimits(pool(), { perUser: 2, ...more }),
    )
    const begin = () => long!.begin('anew', '10.0.0.5')
    await (await short!.begin('anew', '10.0.0.5')).fail()
    await pause(20)
    await (await begin()).fail()
    await (await begin()).fail()
    await expect(begin()).rejects.toMatchObject({ code: 'ERR_CONTEXT_SIGN_IN_LIMIT' })
  })

  it('forgets failures of others whose time is over', async () => {
    await (await postgresAttemptLimits(pool(), { windowMs: 1 }).begin('over', '10.0.0.6')).fail()
    await pause(20)
    await (await postgresAttemptLimits(pool()).begin('other', '10.0.0.7')).fail()
    const ended = 'SELECT count(*)::integer AS count FROM uec.sign_in_failures WHERE ends_at < now()'
    expect((await pool().query(ended)).rows).toEqual([{ count: 0 }])
  })

  it('keeps neither names nor addresses, and shows a user session no row', async () => {
    const attempt = await postgresAttemptLimits(pool()).begin('name-canary', 'address-canary')
    const attempts = await rowsOf('sign_in_attempts')
    await attempt.fail()
    const rows = attempts + (await rowsOf('sign_in_failures'))
    for (const text of ['name-canary', 'address-canary'])
      for (const encoding of ['utf8', 'utf16le'] as const)
        expect(rows).not.toContain(Buffer.from(text, encoding).toString('hex'))
    const readAll = 'SELECT * FROM uec.sign_in_failures'
    const seen = await withUserSession(newContext('eve'), pool(), (session) => session.query(readAll))
    expect(seen.rows).toEqual([])
  })

  it.each(['perUser', 'perAddress', 'perUserEverywhere', 'windowMs', 'lostAfterMs'])(
    'refuses a %s that would limit nothing or everything',
    (path) => {
      for (const value of [Number.NaN, 0, -1, '10' as unknown as number])
        expect(() => postgresAttemptLimits(pool(), { [path]: value })).toThrow(
          expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_OPTIONS', issues: [expect.objectContaining({ path })] }),
        )
    },
  )
})
