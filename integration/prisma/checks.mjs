// The program of docs/guides/prisma.md on an embedded PostgreSQL: two users over one connection, with Prisma's own
// client, which is generated here. Prisma asks the network for a program of its migrations before it generates: it is
// told of one that is there, and does not run it.
import { migratePostgres, openEmbeddedPostgres, toOwnerPolicy, withUserSession } from '@user-execution-context/postgres'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createForUser, identityProvider } from 'user-execution-context'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const cwd = import.meta.dirname
const require = createRequire(import.meta.url)
const { version } = require('@prisma/client/package.json')
const guide = `guide, prisma ${version}`
const run = async (program, ...given) => {
  const environment = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  const { exitCode, output } = await runProgram(process.execPath, [require.resolve(program), ...given], {
    cwd,
    environment,
  })
  if (exitCode !== 0) throw new Error(output)
}

await check(guide, 'its client is generated from the schema of the guide', () =>
  run('prisma/build/index.js', 'generate', '--schema', 'schema.prisma'),
)
await check(guide, 'the program of the guide compiles on TypeScript 5.9.3', () => run('typescript/bin/tsc'))

const { addNote, listNotes, prismaOf, renameNote } = await import('./programs/prisma.ts')
const directory = mkdtempSync(join(tmpdir(), 'uec-prisma-'))
const server = await openEmbeddedPostgres({ directory })
const { migrate, service } = server.connections
await migratePostgres({ connection: migrate })
const owner = new pg.Client(migrate)
await owner.connect()
await owner.query(`
  CREATE SCHEMA app;
  CREATE TABLE app.notes (
    owner_key text COLLATE "C" NOT NULL, id text NOT NULL, title text NOT NULL, PRIMARY KEY (owner_key, id));
  ${toOwnerPolicy({ schema: 'app', table: 'notes' })}
  GRANT USAGE ON SCHEMA app TO uec_service;
  GRANT SELECT, INSERT, UPDATE, DELETE ON app.notes TO uec_service;`)
await owner.end()
// One connection: every user gets the one of the user before.
const pool = new pg.Pool({ ...service, max: 1 })
const signIn = identityProvider({ name: 'session', verify: (userId) => ({ userId }) })
const contextOf = async (userId) => createForUser(await signIn(userId))
const [alice, bob] = await Promise.all(['alice', 'bob'].map(contextOf))
const titlesOf = async (context) => (await listNotes(context, pool)).map(({ title }) => title)

await check(guide, 'it reads and writes the rows of its user, 40 at once, and no others', async () => {
  const users = [alice, bob]
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      addNote(users[index % 2], pool, `${index % 2 ? 'bob' : 'alice'} ${index}`),
    ),
  )
  for (const [context, name] of [
    [alice, 'alice'],
    [bob, 'bob'],
  ]) {
    const titles = await titlesOf(context)
    assert.equal(titles.length, 20)
    assert.ok(titles.every((title) => title.startsWith(name)))
  }
})

await check(guide, "it changes nothing of another user's, by a condition and by an id", async () => {
  const { id } = await addNote(alice, pool, 'mine')
  assert.deepEqual(await renameNote(bob, pool, 'mine', 'taken'), [])
  const byId = withUserSession(bob, pool, (session) =>
    prismaOf(session).note.update({ where: { id }, data: { title: 'taken' } }),
  )
  await assert.rejects(byId, { code: 'P2025' })
  assert.deepEqual(await renameNote(alice, pool, 'mine', 'kept'), [{ title: 'kept' }])
})

await check(guide, 'it passes what a user wrote as a value', async () => {
  const hostile = `'); DELETE FROM app.notes; -- $1 "x" \\`
  const carol = await contextOf('carol')
  await addNote(carol, pool, hostile)
  assert.deepEqual(await titlesOf(carol), [hostile])
})

await check(guide, 'it takes no copy of a context', async () => {
  await assert.rejects(addNote({ ...alice }, pool, 'forged'), { code: 'ERR_CONTEXT_NOT_ISSUED' })
})

await check(guide, 'it opens no transaction, and no connection, of its own', async () => {
  const opened = (use) => withUserSession(alice, pool, (session) => use(prismaOf(session)))
  const message = /withUserSession\(\) is the transaction/
  await assert.rejects(
    opened((prisma) => prisma.$transaction([prisma.note.count(), prisma.note.deleteMany()])),
    message,
  )
  await assert.rejects(
    opened((prisma) => prisma.$transaction((inner) => inner.note.count())),
    message,
  )
})

await check(guide, 'a client that outlives its session reads nothing', async () => {
  const left = await withUserSession(alice, pool, async (session) => prismaOf(session))
  await assert.rejects(left.note.findMany())
})

await pool.end()
await server.close()
rmSync(directory, { recursive: true, force: true })
