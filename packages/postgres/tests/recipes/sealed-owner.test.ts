// The keyed seal of docs/guides/sealed-owner.md: SQL that names another user in a session reads nothing of theirs.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { toOwnerKey } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { checkPolicies, withUserSession, type UserSession } from '../../src/index.ts'
import { contextOf, notesApp } from '../session/notes-app.ts'
import { sealedOwnerSql, toPads, withSealedSession } from './sealed-owner.ts'

const app = notesApp()
const key = randomBytes(32)
const [alice, bob] = [contextOf('alice'), contextOf('bob')]
let admin: pg.Client
beforeAll(async () => {
  admin = new pg.Client(toDriverConfig(app.database.migrate) as pg.ClientConfig)
  await admin.connect()
  await admin.query(sealedOwnerSql)
  await admin.query(`CREATE TABLE app.letters (owner_key text COLLATE "C" NOT NULL DEFAULT uec.owner(), title text,
      PRIMARY KEY (owner_key, title));
    ALTER TABLE app.letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_only ON app.letters USING (owner_key = (SELECT sealed.owner()));
    GRANT SELECT, INSERT ON app.letters TO uec_service`)
  await admin.query('INSERT INTO sealed.pads VALUES ($1, $2)', [...toPads(key)])
  for (const [context, title] of [[alice, 'of alice'] as const, [bob, 'of bob'] as const])
    await withSealedSession(context, app.pool, key, (session) =>
      session.query('INSERT INTO app.letters (title) VALUES ($1)', [title]),
    )
})
afterAll(() => admin.end())

const titles = async (session: UserSession): Promise<readonly string[]> =>
  (await session.query<{ title: string }>('SELECT title FROM app.letters')).rows.map(({ title }) => title)
const set = (session: UserSession, name: string, value: string) =>
  session.query('SELECT set_config($1, $2, true)', [name, value])
const settingOf = async (session: UserSession, name: string): Promise<string> =>
  (await session.query<{ value: string }>('SELECT current_setting($1) AS value', [name])).rows[0]!.value

describe('a keyed seal', () => {
  it('shows each user their rows', async () => {
    expect(await withSealedSession(alice, app.pool, key, titles)).toEqual(['of alice'])
    expect(await withSealedSession(bob, app.pool, key, titles)).toEqual(['of bob'])
  })

  it.each([
    ['another user', 'uec.owner', toOwnerKey(bob)],
    ['another tenant', 'uec.tenant', 'tenant-2'],
    ['a permission', 'uec.permissions', '["admin"]'],
    ['a later end', 'sealed.until', String(Date.now() + 3_600_000)],
  ])('shows nothing to SQL that names %s', async (_title, name, value) => {
    const seen = await withSealedSession(alice, app.pool, key, async (session) => {
      const before = await settingOf(session, name)
      await set(session, name, value)
      const during = await titles(session)
      // Set back, so that the end of the session finds nothing.
      await set(session, name, before)
      return [during, await titles(session)]
    })
    expect(seen).toEqual([[], ['of alice']])
  })

  it('is of one user: the mark of one is nothing beside the name of another', async () => {
    const marks = await withSealedSession(bob, app.pool, key, async (session) => [
      await settingOf(session, 'sealed.until'),
      await settingOf(session, 'sealed.mark'),
    ])
    const seen = await withUserSession(alice, app.pool, async (session) => {
      await set(session, 'sealed.until', marks[0]!)
      await set(session, 'sealed.mark', marks[1]!)
      return titles(session)
    })
    expect(seen).toEqual([])
  })

  it('is needed, of this key, and ends', async () => {
    expect(await withUserSession(alice, app.pool, titles)).toEqual([])
    expect(await withSealedSession(alice, app.pool, randomBytes(32), titles)).toEqual([])
    // As a minute later: the transaction has begun after its end.
    await admin.query('ALTER FUNCTION sealed.owner() RENAME TO owner_now')
    await admin.query(
      sealedOwnerSql
        .match(/CREATE FUNCTION sealed\.owner[\s\S]*?\$\$;/)![0]
        .replace('now())', "now() + interval '61 seconds')"),
    )
    await admin.query('ALTER POLICY owner_only ON app.letters USING (owner_key = (SELECT sealed.owner()))')
    await admin.query('GRANT EXECUTE ON FUNCTION sealed.owner() TO uec_service')
    expect(await withSealedSession(alice, app.pool, key, titles)).toEqual([])
  })

  it('shows nobody the key, and is the one exception that the check of policies finds', async () => {
    await expect(
      withSealedSession(alice, app.pool, key, (session) => session.query('SELECT * FROM sealed.pads')),
    ).rejects.toMatchObject({ code: '42501' })
    const faults = await checkPolicies(app.pool, { allowed: ['app.all_titles', 'sealed.owner_now'] })
    expect(faults.map(({ object }) => object)).toEqual([
      'app.letters.owner_only',
      'sealed.owner',
      'sealed.pads.verifier',
    ])
  })
})
