import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import pg from 'pg'
import { liveSessions, toOwnerKey, type Tombstone } from 'user-execution-context'
import { fileRevocationStore, fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
import {
  checkPolicies,
  forgetUser,
  openEmbeddedPostgres,
  openPostgres,
  openWakeChannel,
  postgresRevocations,
  postgresUsers,
  withUserSession,
  type EmbeddedPostgres,
  type Postgres,
} from '@user-execution-context/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileNotes } from '../../src/notes-agent/file-notes.ts'
import { notesTable, postgresNotes } from '../../src/notes-agent/postgres-notes.ts'
import { importNotes, importRevocations, importUsers } from '../../src/store/import-files.ts'
import { migrateNotes } from '../../src/store/migrate-notes.ts'
import { contextOf, testNotes } from './notes-contract.ts'

let home: string
let server: EmbeddedPostgres
let postgres: Postgres
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'notes-'))
  await chmod(home, 0o711)
  server = await openEmbeddedPostgres({ directory: join(home, 'postgres') })
  postgres = await openPostgres({ connections: server.connections })
  // Two that start at once.
  await Promise.all([1, 2].map(() => migrateNotes(server.connections.migrate)))
}, 120_000)
afterAll(async () => {
  await postgres.close()
  await server.close()
  await rm(home, { recursive: true })
})

/** The socket of a server, which can be cut. */
const openNetwork = async (target: string, place: string) => {
  const host = await mkdtemp(join(place, 'cut-'))
  const sockets = new Set<Socket>()
  const network = createServer((near) => {
    const far = connect(join(target, '.s.PGSQL.5432'))
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => network.listen(join(host, '.s.PGSQL.5432'), resolve))
  const cut = (): void => sockets.forEach((socket) => socket.destroy())
  return { host, cut, close: () => network.close() }
}

describe('postgresNotes keeps the contract of a store of notes', () =>
  testNotes((bounds) => postgresNotes(postgres.service, bounds)))

describe('postgresNotes', () => {
  test('leaves it to the database whose rows they are', async () => {
    await postgresNotes(postgres.service).add(contextOf('mallory'), 'hers')
    await postgresNotes(postgres.service).add(contextOf('victim'), 'theirs')
    const readAll = 'SELECT text_json FROM notes.notes'
    const seen = await withUserSession(contextOf('mallory'), postgres.service, (session) => session.query(readAll))
    expect(seen.rows).toEqual([{ text_json: '"hers"' }])
    expect((await postgres.service.query(readAll)).rows).toEqual([])
    const pool = new pg.Pool(server.connections.migrate as pg.PoolConfig)
    const faults = await checkPolicies(pool)
    await pool.end()
    expect(faults).toEqual([])
  })

  test('has tables whose rows go with their user, also those that an earlier version made', async () => {
    const notes = postgresNotes(postgres.service)
    const [gone, other] = [contextOf('gone'), contextOf('stays')]
    for (const context of [gone, other]) await notes.add(context, 'theirs')
    const admin = new pg.Client(server.connections.migrate as pg.ClientConfig)
    await admin.connect()
    await admin.query('REVOKE DELETE ON notes.notes FROM uec_service')
    await admin.end()
    await migrateNotes(server.connections.migrate)
    const wakes = openWakeChannel({ pool: postgres.service, listen: postgres.listen })
    const store = await postgresRevocations({ postgres, wakes })
    const sessions = liveSessions({ maxProofMs: 3_600_000, store })
    await forgetUser(gone, { postgres, wakes, sessions, tables: [notesTable] })
    sessions.close()
    await wakes.close()
    expect(await notes.list(contextOf('gone'))).toEqual([])
    expect(await notes.list(other)).toHaveLength(1)
  })

  test('lets nobody write a note of somebody else', async () => {
    const key = toOwnerKey(contextOf('target'))
    const write = withUserSession(contextOf('mallory'), postgres.service, (session) =>
      session.query(`INSERT INTO notes.notes VALUES ($1, 1, '"x"', '')`, [key]),
    )
    await expect(write).rejects.toMatchObject({ code: '42501' })
    expect(await postgresNotes(postgres.service).list(contextOf('target'))).toEqual([])
  })
})

describe('importNotes', () => {
  const directoryOf = async (...texts: readonly string[]): Promise<string> => {
    const directory = await mkdtemp(join(home, 'data-'))
    for (const text of texts)
      await fileNotes(join(directory, 'notes')).add(contextOf(`of-${basename(directory)}`), text)
    return directory
  }
  const textsOf = async (directory: string) =>
    (await postgresNotes(postgres.service).list(contextOf(`of-${basename(directory)}`))).map(({ text }) => text)

  test('brings the notes of files once, whole, and after what is there', async () => {
    const directory = await directoryOf('one', 'a\0b')
    const before = await fileNotes(join(directory, 'notes')).list(contextOf(`of-${basename(directory)}`))
    await importNotes(postgres.service, directory)
    expect(await postgresNotes(postgres.service).list(contextOf(`of-${basename(directory)}`))).toEqual(before)
    await importNotes(postgres.service, directory)
    await fileNotes(join(directory, 'notes')).add(contextOf(`of-${basename(directory)}`), 'later')
    await importNotes(postgres.service, directory)
    expect(await textsOf(directory)).toEqual(['one', 'a\0b', 'later'])
    expect((await readdir(directory)).every((name) => name.startsWith('notes.imported.'))).toBe(true)
  })

  test('adds nothing twice when a start ends between the commit and the last rename', async () => {
    const directory = await directoryOf('one')
    await importNotes(postgres.service, directory)
    const [name] = await readdir(directory)
    await rename(join(directory, name!), join(directory, name!.replace('imported', 'importing')))
    await importNotes(postgres.service, directory)
    expect(await textsOf(directory)).toEqual(['one'])
    expect(await readdir(directory)).toEqual([name])
  })

  test('adds nothing when its connection is cut, which ends no process, and all of it the next time', async () => {
    const directory = await directoryOf('one')
    const network = await openNetwork(server.host, home)
    const { service } = server.connections
    const cut = await openPostgres({
      connections: { service: { ...(service as object), host: network.host } as never },
    })
    const admin = new pg.Client(server.connections.migrate as pg.ClientConfig)
    await admin.connect()
    await admin.query('BEGIN; LOCK TABLE notes.imports')
    const importing = importNotes(cut.service, directory)
    const waits =
      "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'uec_service'"
    await expect.poll(async () => (await admin.query(waits)).rows[0].count, { timeout: 60_000 }).toBe(1)
    network.cut()
    await expect(importing).rejects.toThrow(/terminated|ECONNRESET/)
    await admin.query('ROLLBACK')
    await admin.end()
    await cut.close()
    network.close()
    expect(await textsOf(directory)).toEqual([])
    await importNotes(postgres.service, directory)
    expect(await textsOf(directory)).toEqual(['one'])
  })

  test('brings nothing of a directory that it cannot read, and has it again when it can', async () => {
    const directory = await directoryOf('one')
    const other = join(directory, 'notes', '6f74686572')
    await mkdir(other)
    await writeFile(join(other, 'notes.json'), '{')
    await expect(importNotes(postgres.service, directory)).rejects.toMatchObject({
      code: 'ERR_CONTEXT_STORE_UNREADABLE',
    })
    expect(await textsOf(directory)).toEqual([])
    const [left] = await readdir(directory)
    await rm(join(directory, left!, '6f74686572'), { recursive: true })
    await importNotes(postgres.service, directory)
    expect(await textsOf(directory)).toEqual(['one'])
  })
})

describe('importUsers', () => {
  test('brings the users of a file once: who is removed afterwards stays removed', async () => {
    const directory = await mkdtemp(join(home, 'data-'))
    const store = postgresUsers(postgres.service)
    await importUsers(store, directory)
    expect(await store.count()).toBe(0)
    const password = await passwordHasher({ cost: 1024 }).toRecord('secret')
    const ada = { userId: 'u-ada', userName: 'Ada', password, permissions: ['a'] }
    const bob = { userId: 'u-bob', userName: 'bob', password }
    for (const user of [ada, bob]) await (await fileUserStore(directory)).add(user)
    // As if a start had ended in between.
    await store.add(ada)
    await importUsers(store, directory)
    expect([await store.find('ada'), await store.find('bob')]).toEqual([ada, bob])
    await store.remove('u-bob')
    await importUsers(store, directory)
    expect(await store.count()).toBe(1)
    await writeFile(join(directory, 'users.json'), '{')
    await expect(importUsers(store, directory)).rejects.toMatchObject({ code: 'ERR_CONTEXT_STORE_UNREADABLE' })
  })
})

describe('importRevocations', () => {
  test('brings the sign-outs of files, as often as it is called', async () => {
    const directory = await mkdtemp(join(home, 'data-'))
    const written: Tombstone[] = []
    const store = { write: async (tombstone: Tombstone) => void written.push(tombstone) }
    await importRevocations(store, directory)
    expect(await readdir(directory)).toEqual([])
    const nowMs = Date.now()
    const tombstone: Tombstone = { key: 'k', notBeforeMs: nowMs, untilMs: nowMs + 1e6, reason: 'session_revoked' }
    await (await fileRevocationStore(directory)).write(tombstone)
    await importRevocations(store, directory)
    await importRevocations(store, directory)
    expect(written).toEqual([tombstone, tombstone])
  })
})
