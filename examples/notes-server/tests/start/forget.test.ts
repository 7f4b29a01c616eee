import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { openEmbeddedPostgres, type EmbeddedPostgres } from '@user-execution-context/postgres'
import { describe, expect, test } from 'vitest'
import { Reader } from '../../../../packages/postgres/tests/server/reader.ts'
import { requestTo } from '../../../../packages/postgres/tests/server/request-to.ts'
import { eachPrograms, forgetScript, start, type Program } from './programs.ts'

const programs = eachPrograms({ PORT: '0', UEC_STORE: '', DATABASE_URL: '' })

/** A user of a server that has said all. */
const signIn = async ({ says }: Program, userName: string, password?: string) => {
  const [, url] = await says(/(http:\/\/localhost:\d+)\n[^]*"add 12/)
  const own = password ?? (await says(new RegExp(`${userName} +(\\S+)\\n`)))[1]!
  const request = requestTo(url!)
  const login = () => request('POST', '/login', undefined, { userName, password: own })
  const { accessToken } = (await (await login()).json()) as { readonly accessToken: string }
  const { sub } = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as {
    readonly sub: string
  }
  const ask = async (text: string, headers: object = {}): Promise<Reader> => {
    const response = await request('POST', '/runs', accessToken, { input: { text } }, headers)
    return new Reader(((await response.json()) as { readonly runId: string }).runId)
  }
  const finish = async (text: string): Promise<Reader> => {
    const reader = await ask(text, { 'idempotency-key': crypto.randomUUID() })
    await reader.readEvents({ request }, accessToken)
    return reader
  }
  return { userId: sub, password: own, token: accessToken, request, login, ask, finish }
}

/** For every table that holds a row in which a text stands: how many. */
const countRows = async (server: EmbeddedPostgres, text: string): Promise<Readonly<Record<string, number>>> => {
  const client = new pg.Client(server.connections.migrate as pg.ClientConfig)
  await client.connect()
  try {
    const { rows } = await client.query<{ readonly name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('uec', 'notes') ORDER BY 1`,
    )
    const counts: Record<string, number> = {}
    for (const { name } of rows) {
      const sql = `SELECT count(*)::integer AS count FROM ${name} AS t WHERE t::text LIKE '%' || $1 || '%'`
      const { count } = (await client.query<{ readonly count: number }>(sql, [text])).rows[0]!
      if (count > 0) counts[name] = count
    }
    return counts
  } finally {
    await client.end()
  }
}

/** All that the files of the data directory hold, but those of its database. */
const readFiles = async (): Promise<readonly string[]> => {
  const data = join(programs.directory, '.data')
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(data, 'postgres')))
  return Promise.all(
    files.map(
      async ({ parentPath, name }) => `${parentPath}/${name} ${await readFile(join(parentPath, name), 'utf8')}`,
    ),
  )
}

const forget = async (
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<[number | null, string]> => {
  const program = programs.run(forgetScript, [...words], environment)
  return [await program.exit, program.text()]
}

describe('npm run forget', () => {
  test('removes account, sessions, runs, threads and notes of a user beside a server, and of nobody else', async () => {
    const directory = join(programs.directory, 'server')
    await mkdir(directory)
    await chmod(directory, 0o711)
    const server = await openEmbeddedPostgres({ directory: join(directory, 'postgres') })
    try {
      const { host } = server
      const DATABASE_URL = `postgres://uec_admin@/uec?host=${encodeURIComponent(host)}`
      const node = programs.run(start, [], { DATABASE_URL })
      const [alice, bob] = [await signIn(node, 'alice'), await signIn(node, 'bob')]
      for (const user of [alice, bob]) await user.finish('add 12 apples')
      const other = await signIn(node, 'alice', alice.password)
      expect((await other.request('POST', '/logout', other.token)).status).toBe(204)
      const under = await alice.ask('add 7 plums')
      const reading = under.readEvents(alice, alice.token)
      const before = await countRows(server, alice.userId)
      expect(Object.keys(before)).toEqual(
        expect.arrayContaining([
          ...['notes.notes', 'uec.events', 'uec.queue_owners', 'uec.revocations', 'uec.runs', 'uec.start_keys'],
          'uec.users',
        ]),
      )
      const others = await countRows(server, bob.userId)

      expect(await forget(['--user', 'alice'], { DATABASE_URL })).toEqual([
        0,
        expect.stringMatching(/^\d+ rows were removed\. The user is signed out everywhere\.\n$/m),
      ])
      await reading
      // The revocation stays until the last token has ended.
      await expect.poll(() => countRows(server, alice.userId), { timeout: 20_000 }).toEqual({ 'uec.revocations': 1 })
      await expect
        .poll(async () => (await alice.request('GET', '/threads', alice.token)).status, { timeout: 20_000 })
        .toBe(401)
      expect((await alice.login()).status).toBe(401)
      expect(await countRows(server, bob.userId)).toEqual(others)
      const list = await bob.finish('list')
      expect(list.events.at(-1)).toMatchObject({ data: { text: '1. 12 apples' } })
      // And once more, by a name that nobody has now.
      expect(await forget(['--user', 'alice'], { DATABASE_URL })).toEqual([
        1,
        expect.stringContaining('There is no user of that name.'),
      ])
    } finally {
      await server.close()
    }
  })

  test('removes a user from the database of the data directory, and from files that were brought into it', async () => {
    const files = programs.run(start, [], { UEC_STORE: 'memory' })
    const [alice, bob] = [await signIn(files, 'alice'), await signIn(files, 'bob')]
    for (const user of [alice, bob]) await user.finish('add 12 apples')
    files.child.kill('SIGINT')
    await files.exit
    const node = programs.run(start)
    // Whichever of the two came first would have the directory.
    await signIn(node, 'bob', bob.password)
    expect(await forget(['--user', 'alice'])).toEqual([
      1,
      expect.stringContaining('Stop npm start, and run this again'),
    ])
    node.child.kill('SIGINT')
    await node.exit
    const ownerHex = (userId: string) => Buffer.from(userId, 'utf8').toString('hex')
    const holds = async (userId: string): Promise<number> =>
      (await readFiles()).filter((text) => text.includes(userId) || text.includes(ownerHex(userId))).length
    expect(await holds(alice.userId)).toBe(2)
    expect((await forget(['--user', 'alice']))[0]).toBe(0)
    expect(await holds(alice.userId)).toBe(0)
    expect(await holds(bob.userId)).toBe(2)
  })

  test('says what is missing, and removes nobody from memory', async () => {
    expect(await forget([])).toEqual([2, expect.stringContaining('Usage: npm run forget')])
    expect(await forget(['--user'])).toEqual([2, expect.stringContaining('Usage: npm run forget')])
    expect(await forget(['--help'])).toEqual([0, expect.stringContaining('Usage: npm run forget')])
    expect(await forget(['--user', 'alice'], { UEC_STORE: 'memory' })).toEqual([
      2,
      expect.stringContaining('leave the setting out'),
    ])
  })
})
