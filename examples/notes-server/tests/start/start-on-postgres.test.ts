import { existsSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openEmbeddedPostgres } from '@user-execution-context/postgres'
import { describe, expect, test } from 'vitest'
import { Reader } from '../../../../packages/postgres/tests/server/reader.ts'
import { requestTo } from '../../../../packages/postgres/tests/server/request-to.ts'
import { eachPrograms, findPostgres, start, type Program } from './programs.ts'

const programs = eachPrograms({ PORT: '0', UEC_STORE: '', DATABASE_URL: '' })
const open = (environment: NodeJS.ProcessEnv = {}): Program => programs.run(start, [], environment)

/** A server that has said all, as its clients use it. */
const toNode = async ({ says }: Program) => {
  const [, url] = await says(/(http:\/\/localhost:\d+)\n[^]*"add 12/)
  const request = requestTo(url!)
  const post = async (path: string, body: unknown, token?: string) =>
    (await (await request('POST', path, token, body)).json()) as { readonly [key: string]: string }
  return {
    request,
    signIn: async (password: string) => (await post('/login', { userName: 'alice', password }))['accessToken']!,
    ask: async (token: string, text: string) => new Reader((await post('/runs', { input: { text } }, token))['runId']!),
  }
}

const passwordOf = async ({ says }: Program): Promise<string> => (await says(/alice +(\S+)\n/))[1]!

describe('npm start on PostgreSQL', () => {
  test('ends a run that a kill -9 cut off with one clear event, and has everything else', async () => {
    const first = open()
    expect((await first.says(/Runs are kept in (.*)\n/))[1]).toBe('PostgreSQL, with its data in .data/postgres.')
    const before = await toNode(first)
    const token = await before.signIn(await passwordOf(first))
    const done = await before.ask(token, 'add 7 plums')
    await done.readEvents(before, token)
    expect(done.events.at(-1)).toMatchObject({ type: 'agent_completed' })
    // The provider that verified the user, and not only that a worker opened a job.
    const output = { originProvider: 'access-token', identityProvider: 'sealed-context' }
    expect(done.events.find(({ type }) => type === 'tool_completed')).toMatchObject({ data: { output } })
    const cut = await before.ask(token, 'add 12 apples')
    const reading = cut.readEvents(before, token)
    // The second tool of a run adds the note.
    const isAdded = () => cut.events.filter(({ type }) => type === 'tool_completed').length === 2
    await expect.poll(isAdded, { timeout: 20_000, interval: 5 }).toBe(true)
    first.child.kill('SIGKILL')
    await Promise.all([first.exit, reading])
    expect(cut.isEnded).toBe(false)

    const second = open()
    const after = await toNode(second)
    expect(second.text()).toContain('PostgreSQL of an earlier start still runs. This start goes on with it.')
    expect(second.text()).not.toContain('--password')
    await cut.readEvents(after, token)
    expect(cut.events.at(-1)).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_WORKER_LOST' } })
    // A reader of the whole run finds the same, and a reader of the one that was over finds no more.
    const anew = new Reader(cut.runId)
    await anew.readEvents(after, token)
    expect(anew.events).toEqual(cut.events)
    expect([...cut.disorders, ...anew.disorders]).toEqual([])
    expect(await done.readEvents(after, token)).toBe(204)
    const list = await after.ask(token, 'list')
    await list.readEvents(after, token)
    expect(list.events.at(-1)).toMatchObject({ data: { text: '1. 7 plums\n2. 12 apples' } })
  })

  test('has the users, notes and sign-outs of a start that kept them in files', async () => {
    const files = open({ UEC_STORE: 'memory' })
    const before = await toNode(files)
    const password = await passwordOf(files)
    const [token, signedOut] = [await before.signIn(password), await before.signIn(password)]
    const added = await before.ask(token, 'add 12 apples')
    await added.readEvents(before, token)
    expect((await before.request('POST', '/logout', signedOut)).status).toBe(204)
    files.child.kill('SIGINT')
    await files.exit
    const onPostgres = open()
    const after = await toNode(onPostgres)
    expect(onPostgres.text()).not.toContain('Two users were made')
    expect(await after.signIn(password)).toMatch(/^ey/)
    const list = await after.ask(token, 'list')
    await list.readEvents(after, token)
    expect(list.events.at(-1)).toMatchObject({ data: { text: '1. 12 apples' } })
    expect((await after.request('GET', '/threads', signedOut)).status).toBe(401)
    expect((await after.request('GET', '/threads', token)).status).toBe(200)
  })

  test('refuses a second one over the same data, and takes its server along when it is stopped', async () => {
    const directory = join(programs.directory, '.data', 'postgres')
    const first = open()
    await toNode(first)
    const second = open()
    expect(await second.exit).toBe(1)
    expect(second.text()).toContain('Another process uses this data directory')
    expect(findPostgres(directory)).toBeGreaterThan(1)
    first.child.kill('SIGINT')
    expect(await first.exit).toBe(0)
    expect(findPostgres(directory)).toBe(undefined)
  })

  test('leaves no server behind when it is stopped during its start, or cannot listen', async () => {
    const directory = join(programs.directory, '.data', 'postgres')
    const early = open()
    await expect.poll(() => existsSync(directory), { timeout: 20_000, interval: 5 }).toBe(true)
    early.child.kill('SIGTERM')
    expect(await early.exit).toBe(0)
    const holder = open({ UEC_STORE: 'memory' })
    const [, port] = await holder.says(/localhost:(\d+)\n/)
    await mkdir(join(programs.directory, 'other'))
    const refused = open({ PORT: port! })
    expect(await refused.exit).toBe(1)
    expect(findPostgres(directory)).toBe(undefined)
  })

  test('uses the server that DATABASE_URL names, and says what keeps it from that', async () => {
    const directory = join(programs.directory, 'server')
    await mkdir(directory)
    await chmod(directory, 0o711)
    const server = await openEmbeddedPostgres({ directory: join(directory, 'postgres') })
    try {
      const toUrl = (user: string, database = 'uec') =>
        `postgres://${user}:secret-of-${user}@/${database}?host=${encodeURIComponent(server.host)}`
      const explain = async (DATABASE_URL: string): Promise<string> => {
        const refused = open({ DATABASE_URL })
        expect(await refused.exit).toBe(1)
        expect(refused.text()).not.toMatch(/secret|uec_admin|nobody-here| {4}at /)
        return refused.text()
      }
      expect(await explain(toUrl('uec_admin', 'missing'))).toContain('There is no database of that name')
      expect(await explain(toUrl('nobody-here'))).toContain('ALTER ROLE uec_service PASSWORD')
      const first = open({ DATABASE_URL: toUrl('uec_admin') })
      expect((await first.says(/Runs are kept in (.*)\n/))[1]).toContain('on the server that DATABASE_URL names')
      expect(await explain(toUrl('uec_worker'))).toMatch(/Another process uses|A right is missing/)
      const node = await toNode(first)
      const token = await node.signIn(await passwordOf(first))
      const run = await node.ask(token, 'add 12 apples')
      await run.readEvents(node, token)
      expect(run.events.at(-1)).toMatchObject({ type: 'agent_completed' })
      expect(existsSync(join(programs.directory, '.data', 'postgres'))).toBe(false)
    } finally {
      await server.close()
    }
  })

  test.each([
    ['postgres://someone:secret@127.0.0.1:1/uec', 'cannot be reached. Start it or correct the URL'],
    ['postgres://someone:secret@no-such-host.invalid/uec', 'cannot be reached. Start it or correct the URL'],
  ])('says that no server answers at %s', async (DATABASE_URL, text) => {
    const refused = open({ DATABASE_URL })
    expect(await refused.exit).toBe(1)
    expect(refused.text()).toContain(text)
    expect(refused.text()).not.toMatch(/secret| {4}at /)
  })

  test.each([
    [{ UEC_STORE: 'Memory' }, 'UEC_STORE must be memory'],
    [{ UEC_STORE: 'postgres' }, 'UEC_STORE must be memory'],
    [{ DATABASE_URL: 'mysql://secret@host/x' }, 'DATABASE_URL must be a URL such as postgres://'],
    [
      { DATABASE_URL: 'postgres://a@b/c', DATABASE_WORKER_URL: 'secret' },
      'DATABASE_WORKER_URL must be a URL such as postgres://',
    ],
  ])('refuses %j with a sentence', async (environment, text) => {
    const refused = open(environment)
    expect(await refused.exit).toBe(2)
    expect(refused.text()).toContain(text)
    expect(refused.text()).not.toMatch(/secret| {4}at /)
    expect(existsSync(join(programs.directory, '.data'))).toBe(false)
  })
})
