import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { Reader } from '../../../../packages/postgres/tests/server/reader.ts'
import { requestTo } from '../../../../packages/postgres/tests/server/request-to.ts'
import { eachPrograms, type Program } from './programs.ts'

const programs = eachPrograms({ PORT: '0', UEC_STORE: '', DATABASE_URL: '' })

/** The one address of a cluster, as its clients use it, and its processes. */
const toCluster = async ({ says }: Program) => {
  const [, url] = await says(/(http:\/\/localhost:\d+)\n/)
  const [, password] = await says(/alice +(\S+)\n/)
  const { port } = new URL(url!)
  const request = requestTo(url!)
  const signIn = async (): Promise<string> => {
    const response = await request('POST', '/login', undefined, { userName: 'alice', password })
    return ((await response.json()) as { readonly accessToken: string }).accessToken
  }
  const ask = async (token: string, text: string): Promise<Reader> => {
    const response = await request('POST', '/runs', token, { input: { text } })
    return new Reader(((await response.json()) as { readonly runId: string }).runId)
  }
  return { port: Number(port), request, signIn, ask }
}

test('npm run cluster serves a user through either server, and loses nothing with a killed process', async () => {
  const program = programs.run(resolve('dist/cluster/start-cluster.js'))
  const cluster = await toCluster(program)
  const token = await cluster.signIn()
  expect(await (await cluster.request('GET', '/')).text()).toContain('<!doctype html>')

  // Each server signs users in: the balancer gives a request to either.
  const servers = [...program.text().matchAll(/process (\d+) serves/g)].map(([, pid]) => Number(pid))
  const signingIn = async (): Promise<readonly number[]> => {
    await cluster.signIn()
    return servers.filter((pid) => program.text().includes(`"process":${pid},"event":"signed-in"`))
  }
  await expect.poll(signingIn, { timeout: 20_000 }).toEqual(servers)
  expect(servers).toHaveLength(2)

  // With one server killed, the other one is the only one: it signs in, streams, and takes a run.
  const started = await cluster.ask(token, 'add 12 apples')
  process.kill(servers[0]!, 'SIGKILL')
  await expect.poll(program.text, { timeout: 20_000 }).toMatch(/A process that serves has ended/)
  await started.readSocket(cluster, token)
  while (!started.isEnded) await started.readEvents(cluster, token).catch(() => undefined)
  expect(started.disorders).toEqual([])
  expect(started.events.at(-1)).toMatchObject({ type: 'agent_completed' })

  // A worker that is killed in the midst of a run: another one ends the run, once.
  const cut = await cluster.ask(token, 'add 30 pears')
  const reading = cut.readEvents(cluster, token).catch(() => undefined)
  await expect.poll(() => cut.events.length, { timeout: 30_000 }).toBeGreaterThan(1)
  for (const [, pid] of program.text().matchAll(/process (\d+) executes/g)) process.kill(Number(pid), 'SIGKILL')
  await reading
  while (!cut.isEnded) await cut.readEvents(cluster, token).catch(() => undefined)
  expect(cut.disorders).toEqual([])
  expect(cut.events.at(-1)).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_WORKER_LOST' } })

  // Notes are there for whoever signs in, at the server that came back too.
  let again: string | undefined
  await expect
    .poll(async () => (again = await cluster.signIn().catch(() => undefined)), { timeout: 60_000 })
    .toBeTruthy()
  const list = await cluster.ask(again!, 'list')
  await list.readSocket(cluster, again!)
  expect(list.events.at(-1)?.['data'].text).toContain('12 apples')
  program.child.kill('SIGTERM')
  expect(await program.exit).toBe(0)
}, 240_000)
