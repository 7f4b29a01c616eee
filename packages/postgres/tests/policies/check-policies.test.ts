import pg from 'pg'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { checkPolicies } from '../../src/policies/check-policies.ts'
import { toOwnerPolicy } from '../../src/policies/owner-policy.ts'
import { OutageProxy } from '../outage-proxy.ts'
import { addNote, contextOf, notesApp, titlesOf } from '../session/notes-app.ts'
import { runAsAdmin } from '../test-database.ts'

const app = notesApp()
const allowed = ['app.all_titles']
const find = async (): Promise<readonly string[]> =>
  (await checkPolicies(app.pool, { allowed })).map(({ kind, object }) => `${object}: ${kind}`)
const run = (...statements: readonly string[]): Promise<void> => runAsAdmin(app.database.name, ...statements)

describe('checkPolicies', () => {
  it('finds nothing in the schema of the library, and in tables with the policy of the library', async () => {
    expect(await find()).toEqual([])
    expect(await checkPolicies(app.pool)).toEqual([
      { kind: 'function with SECURITY DEFINER', object: 'app.all_titles' },
    ])
  })

  it.each<[string, string, string, string]>([
    [
      'a table without row-level security',
      'CREATE TABLE app.open (title text)',
      'DROP TABLE app.open',
      'app.open: table without row-level security',
    ],
    [
      'a table without FORCE',
      'ALTER TABLE app.notes NO FORCE ROW LEVEL SECURITY',
      'ALTER TABLE app.notes FORCE ROW LEVEL SECURITY',
      'app.notes: table without FORCE',
    ],
    [
      'a policy that compares nothing',
      'CREATE POLICY all_of_them ON app.notes USING (true)',
      'DROP POLICY all_of_them ON app.notes',
      'app.notes.all_of_them: policy that compares nothing',
    ],
    [
      'a key that joins the rows of two users',
      'ALTER TABLE app.notes ADD CONSTRAINT by_title UNIQUE (title)',
      'ALTER TABLE app.notes DROP CONSTRAINT by_title',
      'app.notes.by_title: key that does not begin with the owner',
    ],
    [
      'a unique index that joins the rows of two users',
      'CREATE UNIQUE INDEX by_title ON app.notes (title)',
      'DROP INDEX app.by_title',
      'app.notes.by_title: key that does not begin with the owner',
    ],
    [
      'a unique index over what an expression gives',
      'CREATE UNIQUE INDEX by_title ON app.notes (lower(title), owner_key)',
      'DROP INDEX app.by_title',
      'app.notes.by_title: key that does not begin with the owner',
    ],
    [
      'a constraint that excludes the rows of another user',
      'ALTER TABLE app.notes ADD CONSTRAINT by_title EXCLUDE (title WITH =)',
      'ALTER TABLE app.notes DROP CONSTRAINT by_title',
      'app.notes.by_title: key that does not begin with the owner',
    ],
    ...[
      'USING (1 = 1)',
      'USING (owner_key IS NOT NULL)',
      'USING (owner_key = uec.owner() OR title IS NOT NULL)',
      "USING ((owner_key = uec.owner() AND title = ') AND (') OR title = '')",
      'USING (owner_key = uec.owner()) WITH CHECK (length(title) > 0)',
      'USING (owner_key >= uec.owner())',
      'USING (owner_key = uec.tenant())',
      "USING (title = '(owner_key = uec.owner())')",
      'FOR INSERT WITH CHECK (uec.owner() IS NOT NULL)',
    ].map((rule): [string, string, string, string] => [
      `a policy ${rule}`,
      `CREATE POLICY loose ON app.notes ${rule}`,
      'DROP POLICY loose ON app.notes',
      'app.notes.loose: policy that compares nothing',
    ]),
    [
      'a view that reads as its owner',
      'CREATE VIEW app.titles AS SELECT title FROM app.notes',
      'DROP VIEW app.titles',
      'app.titles: view without security_invoker',
    ],
    [
      'a materialized view that others may read',
      'CREATE MATERIALIZED VIEW app.copies AS SELECT title FROM app.notes; GRANT SELECT ON app.copies TO uec_service',
      'DROP MATERIALIZED VIEW app.copies',
      'app.copies: materialized view',
    ],
    [
      'a function that runs as its owner',
      `CREATE FUNCTION app.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT title FROM app.notes'`,
      'DROP FUNCTION app.peek',
      'app.peek: function with SECURITY DEFINER',
    ],
    [
      'a function of the library that everybody may call',
      `CREATE FUNCTION uec.peek() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
        AS 'SELECT 1'`,
      'DROP FUNCTION uec.peek',
      'uec.peek: function with SECURITY DEFINER',
    ],
    [
      'a function of the library whose search path is the caller’s',
      `CREATE FUNCTION uec.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
       REVOKE ALL ON FUNCTION uec.peek FROM PUBLIC`,
      'DROP FUNCTION uec.peek',
      'uec.peek: function with SECURITY DEFINER',
    ],
  ])('finds %s', async (_title, fault, repair, found) => {
    await run(fault)
    expect(await find()).toEqual([found])
    await run(repair)
    expect(await find()).toEqual([])
  })

  it.each([
    'USING (owner_key = (SELECT uec.owner()))',
    'USING (uec.owner() = owner_key)',
    "USING (title <> ') OR (' AND owner_key = uec.owner() AND (title = 'a' OR title = 'b'))",
    'FOR INSERT WITH CHECK (owner_key = uec.owner())',
    'AS RESTRICTIVE USING (length(title) > 0)',
  ])('takes a policy %s, whatever the login looks through', async (rule) => {
    await run(`CREATE POLICY more ON app.notes ${rule}`)
    const config = { ...toDriverConfig(app.database.migrate), options: '-c search_path=uec,app' }
    const pool = new pg.Pool({ ...config, max: 1 })
    expect(await checkPolicies(pool, { allowed })).toEqual([])
    await pool.end()
    await run('DROP POLICY more ON app.notes')
  })

  it('finds audit trails that a role may read', async () => {
    await run('GRANT SELECT ON uec.audit_records TO uec_service')
    expect(await find()).toEqual(
      ['everybody_adds', 'everybody_goes_on'].map((name) => `uec.audit_records.${name}: policy that compares nothing`),
    )
    await run('REVOKE SELECT ON uec.audit_records FROM uec_service')
    await run('GRANT SELECT (trail, sequence, hash) ON uec.audit_records TO uec_service')
  })

  it('takes a view that reads as its caller', async () => {
    await run('CREATE VIEW app.mine WITH (security_invoker = true) AS SELECT title FROM app.notes')
    expect(await find()).toEqual([])
    await run('DROP VIEW app.mine')
  })
})

describe('a policy that was dropped from one table', () => {
  beforeAll(async () => {
    await addNote(contextOf('alice'), app.pool, 'of alice')
  })

  it('lets another user read, and is found', async () => {
    const bob = contextOf('bob')
    expect(await titlesOf(bob, app.pool)).toEqual([])
    await run('ALTER TABLE app.notes DISABLE ROW LEVEL SECURITY')
    expect(await titlesOf(bob, app.pool)).toEqual(['of alice'])
    expect(await find()).toEqual(['app.notes: table without row-level security'])
    await run('ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY')
    expect(await titlesOf(bob, app.pool)).toEqual([])
  })
})

describe('toOwnerPolicy', () => {
  it('quotes the names that it is given', async () => {
    const odd = { schema: 'app', table: 'odd"; DROP TABLE app.notes; --', column: 'Whose' }
    await run(`CREATE TABLE app."odd""; DROP TABLE app.notes; --" ("Whose" text NOT NULL)`, toOwnerPolicy(odd))
    expect(await find()).toEqual([])
    await run(`DROP TABLE app."odd""; DROP TABLE app.notes; --"`)
  })
})

describe('checkPolicies on a connection that is cut', () => {
  it('rejects, and leaves the process and the pool as they were', async () => {
    const network = new OutageProxy(inject('serverHost'))
    await network.open()
    const pool = new pg.Pool({ ...toDriverConfig({ ...app.database.service, host: network.host }), max: 1 })
    pool.on('error', () => {})
    pool.once('acquire', () => setImmediate(() => network.cut()))
    await expect(checkPolicies(pool)).rejects.toThrow(/terminated|ECONNRESET/)
    network.heal()
    expect(await checkPolicies(pool, { allowed })).toEqual(await checkPolicies(app.pool, { allowed }))
    await pool.end()
    network.close()
  })
})
