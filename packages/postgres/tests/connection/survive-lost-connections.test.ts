// A server that goes away in the very packet in which it lets a client in, as one does that finds its first process
// dead.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createForUser } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { asOwner } from '../../src/connection/as-owner.ts'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { openDatabase } from '../../src/connection/open-database.ts'
import { checkPolicies } from '../../src/policies/check-policies.ts'
import { withUserSession } from '../../src/session/with-user-session.ts'
import { testDatabase } from '../test-database.ts'

const database = testDatabase()
const socketName = '.s.PGSQL.5432'
const alice = createForUser(vouchForUser('alice', { reason: 'a test of the database' }))

/** The message of a server that ends a connection. */
const farewell = (() => {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(fields.length + 4)
  return Buffer.concat([Buffer.from('E'), length, fields])
})()
const readyForQuery = Buffer.from('5a0000000549', 'hex')

const directory = mkdtempSync(join(tmpdir(), 'uec-gone-'))
let server: Server
let isGoing = false
beforeAll(async () => {
  const real = join(database.service.host, socketName)
  server = createServer((near) => {
    const far = connect(real)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.pipe(far)
    far.on('data', (bytes: Buffer) => {
      const goes = isGoing && bytes.subarray(-readyForQuery.length).equals(readyForQuery)
      near.write(goes ? Buffer.concat([bytes, farewell]) : bytes)
      if (goes) near.end()
    })
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(join(directory, socketName), resolve))
})
afterAll(() => {
  server.close()
  rmSync(directory, { recursive: true })
})
beforeEach(() => {
  isGoing = false
})

const through = () => ({ ...database.service, host: directory })
const newPool = (): pg.Pool => {
  const pool = new pg.Pool(toDriverConfig(through()))
  pool.on('error', () => {})
  return pool
}

// Without a listener the error ends the process: vitest calls it unhandled, and the run fails.
describe('a connection that breaks as it is made', () => {
  it('is an error for the caller that needs it, in the pools of openDatabase()', async () => {
    const postgres = await openDatabase({ connections: { service: through() } })
    await Promise.all(Array.from({ length: 3 }, () => postgres.service.query('SELECT 1')))
    const held = await Promise.all(Array.from({ length: 3 }, () => postgres.service.connect()))
    isGoing = true
    await expect(asOwner(postgres.service, 'vouched:alice', (client) => client.query('SELECT 1'))).rejects.toThrow()
    isGoing = false
    for (const client of held) client.release()
    await expect(asOwner(postgres.service, 'vouched:alice', async () => 'again')).resolves.toBe('again')
    await postgres.close()
  })

  it('is an error for the caller that needs it, in a store over a pool of the app', async () => {
    const pool = newPool()
    isGoing = true
    await expect(asOwner(pool, 'vouched:alice', (client) => client.query('SELECT 1'))).rejects.toThrow()
    isGoing = false
    await expect(asOwner(pool, 'vouched:alice', async () => 'again')).resolves.toBe('again')
    await pool.end()
  })

  it('is an error for the caller that needs it, in withUserSession() and checkPolicies()', async () => {
    const pool = newPool()
    isGoing = true
    await expect(withUserSession(alice, pool, (session) => session.query('SELECT 1'))).rejects.toThrow()
    await expect(checkPolicies(pool)).rejects.toThrow()
    isGoing = false
    await expect(withUserSession(alice, pool, () => 'again')).resolves.toBe('again')
    await pool.end()
  })
})
