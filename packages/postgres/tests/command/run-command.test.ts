import { spawnSync } from 'node:child_process'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { toDriverConfig } from '../../src/connection/connection-target.ts'
import { complain } from '../../src/command/command-world.ts'
import { runCommand } from '../../src/command/run-command.ts'
import { knownVersion } from '../../src/migrations/schema-version.ts'
import { runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase({ migrated: false })
const shards = { one: testDatabase(), two: testDatabase() }
const urlOf = (user: string, name = database.name): string =>
  `postgres://${user}@/${name}?host=${encodeURIComponent(database.service.host)}`

const run = async (
  words: readonly string[],
  env: Readonly<Record<string, string>> = { DATABASE_URL: urlOf('uec_admin') },
): Promise<{ readonly status: number; readonly said: string; readonly complained: string }> => {
  let [said, complained] = ['', '']
  const status = await runCommand(words, {
    env,
    stdout: { write: (text) => (said += text) },
    stderr: { write: (text) => (complained += text) },
  })
  return { status, said, complained }
}

/** Options of a process that takes itself for another Node. */
const asNode = (version: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`,
]

describe('user-execution-context-postgres', () => {
  it.each([
    ['18.20.8', 2, 'needs Node.js 20.19 or newer, and this is 18.20.8. Install a newer one.'],
    ['20.19.0', 0, ''],
  ])(
    'names the Node that it needs before anything else is loaded: on %s it ends with %i',
    (version, exitCode, said) => {
      const program = new URL('../../dist/bin.js', import.meta.url).pathname
      const { status, stderr } = spawnSync(process.execPath, [...asNode(version), program, '--help'], {
        encoding: 'utf8',
      })
      expect(status).toBe(exitCode)
      expect(stderr.trim().replace('user-execution-context-postgres ', '')).toBe(said)
    },
  )

  it.each([
    [['bogus'], 'There is no such command. The commands are migrate, roles, check, record-shards and move-owner.'],
    [['migrate', 'now'], 'The arguments do not fit migrate.'],
    [['roles'], 'The arguments do not fit roles.'],
    [['move-owner', 'one'], 'The arguments do not fit move-owner.'],
  ])('says what is wrong with %j before it says how it is used, and does not repeat it', async (words, sentence) => {
    const { status, said, complained } = await run(words)
    expect([status, said]).toEqual([2, ''])
    expect(complained.split('\n').slice(0, 2)).toEqual([sentence, ''])
    expect(complained).toContain('brings the schema of DATABASE_URL up to date')
  })

  it('migrates, says from where to where, and does nothing the second time', async () => {
    const { status, said } = await run(['migrate'])
    expect(status).toBe(0)
    expect(said.split('\n')[0]).toBe(`The schema went from version 0 to ${knownVersion}.`)
    expect(said).toContain('TEMPORARY on this database was taken from PUBLIC')
    expect(await run(['migrate'])).toMatchObject({
      status: 0,
      said: `The schema is version ${knownVersion} already.\n`,
    })
  })

  it('finds what undoes row-level security, and takes what is meant to be so', async () => {
    await runAsAdmin(database.name, 'CREATE SCHEMA app; CREATE TABLE app.countries (name text)')
    expect(await run(['check'])).toMatchObject({
      status: 1,
      said: 'app.countries: table without row-level security\n1 fault found.\n',
    })
    expect(await run(['check', 'app.countries'])).toMatchObject({ status: 0, said: 'No faults found.\n' })
  })

  it('prints SQL for the roles, which runs, also again', async () => {
    const { status, said } = await run(['roles', database.name])
    expect(status).toBe(0)
    await runAsAdmin(database.name, said.replaceAll(/^--.*$/gm, ''), said.replaceAll(/^--.*$/gm, ''))
  })

  it('records shards and moves an owner between them', async () => {
    const env = {
      SHARDS: Object.entries(shards)
        .map(([name, { name: of }]) => `${name}=${urlOf('uec_admin', of)}`)
        .join(' '),
    }
    expect(await run(['record-shards'], env)).toMatchObject({ status: 0, said: 'Recorded: one, two.\n' })
    await runAsAdmin(shards.one.name, "INSERT INTO uec.owner_homes (owner_key) VALUES ('issuer:acme:alice')")
    expect(await run(['move-owner', 'two', 'issuer', 'acme', 'alice'], env)).toMatchObject({
      status: 0,
      said: 'The owner was moved from one to two: 0 rows.\n',
      complained: 'drain\ncopy\nswitch\nsettle\ndelete\n',
    })
    expect(await run(['move-owner', 'two', 'issuer', 'acme', 'alice'], env)).toMatchObject({
      status: 0,
      said: 'The owner is at home in two already.\n',
    })
    const nobody = await run(['move-owner', 'two', 'issuer', 'bob'], env)
    expect(nobody).toMatchObject({ status: 1, complained: expect.stringContaining('No shard is the home') as string })
    expect(nobody.complained).not.toContain('bob')
    expect(await run(['move-owner', 'two'], env)).toMatchObject({ status: 2 })
    for (const SHARDS of ['', 'one', `${env.SHARDS} ${env.SHARDS}`])
      expect(await run(['record-shards'], { SHARDS })).toMatchObject({ status: 2 })
  }, 60_000)

  it('says how it is used, with 2 for a wrong use', async () => {
    expect((await run(['--help'])).said).toContain('migrate')
    for (const words of [['upgrade'], ['migrate', 'now'], ['roles'], ['roles', 'one', 'two']])
      expect(await run(words)).toMatchObject({ status: 2, said: '' })
    for (const env of [{}, { DATABASE_URL: '' }])
      expect(await run(['migrate'], env)).toMatchObject({
        status: 2,
        complained: expect.stringContaining('DATABASE_URL') as string,
      })
  })

  it.each(['migrate', 'check'])('says what went wrong in %s, and not the password', async (word) => {
    const away = await run([word], { DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none' })
    expect(away.status).toBe(1)
    // What is to be done, and what the driver says.
    expect(away.complained).toMatch(/cannot be reached.* Nothing listens at that address.*\n.*ECONNREFUSED/)
    const odd = await run([word], { DATABASE_URL: 'secret-word' })
    expect(odd.status).toBe(1)
    expect(odd.complained).toContain('does not fit')
    for (const { complained } of [away, odd]) expect(complained).not.toContain('secret-word')
  })

  it('says something of an error without words, as of several addresses of a host', () => {
    let complained = ''
    const world = { env: {}, stdout: { write: () => {} }, stderr: { write: (text: string) => (complained += text) } }
    expect(complain(new AggregateError([]), world)).toBe(1)
    expect(complained).toBe('The database cannot be reached.\n')
  })

  it('is a program', () => {
    const program = new URL('../../dist/bin.js', import.meta.url).pathname
    const { status, stdout } = spawnSync(process.execPath, [program, 'roles', 'mine'], { encoding: 'utf8' })
    expect([status, stdout.includes('GRANT CONNECT ON DATABASE "mine"')]).toEqual([0, true])
  })
})

describe('a login that is no superuser', () => {
  it('migrates a database of its own, and row-level security binds the service', async () => {
    const boss = `boss_${database.name}`
    const own = `own_${database.name}`
    await runAsAdmin(
      'postgres',
      `CREATE ROLE ${boss} LOGIN`,
      `GRANT uec_owner TO ${boss}`,
      `CREATE DATABASE ${own} OWNER ${boss}`,
    )
    const env = { DATABASE_URL: urlOf(boss).replace(database.name, own).replace(`/${database.name}?`, `/${own}?`) }
    const url = `postgres://${boss}@/${own}?host=${encodeURIComponent(database.service.host)}`
    expect(await run(['migrate'], { ...env, DATABASE_URL: url })).toMatchObject({ status: 0 })
    const client = new pg.Client(toDriverConfig({ ...database.service, database: own }) as pg.ClientConfig)
    await client.connect()
    const { rows } =
      await client.query(`SELECT rolsuper, has_database_privilege(current_database(), 'TEMPORARY') AS temp
      FROM pg_roles WHERE rolname = '${boss}'`)
    expect(rows).toEqual([{ rolsuper: false, temp: false }])
    await client.end()
    await runAsAdmin('postgres', `DROP DATABASE ${own} WITH (FORCE)`, `DROP ROLE ${boss}`)
  })
})
