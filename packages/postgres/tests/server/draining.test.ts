// A deploy: a server is told to stop (SIGTERM) while clients read from it and it executes their runs.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
import { testDatabase } from '../test-database.ts'
import { Node } from './nodes.ts'
import { Reader } from './reader.ts'

const database = testDatabase()
const nodes: Node[] = []
let directory: string
let alice: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'draining-'))
  const users = await fileUserStore(directory)
  const password = await passwordHasher({ cost: 1024 }).toRecord('password-of-alice')
  await users.add({ userId: 'id-of-alice', userName: 'alice', password })
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.kill()))
  await rm(directory, { recursive: true })
})

const open = async (role: 'signs in' | 'executes', environment: Readonly<Record<string, string>>): Promise<Node> => {
  const node = await Node.open(database.name, directory, role, environment)
  nodes.push(node)
  await node.ready()
  return node
}
const statusOf = async (node: Node, path: string): Promise<number> => (await node.request('GET', path)).status

/** A run that one node executes and streams, and that another one could execute. */
async function runAt(environment: Readonly<Record<string, string>>, words: number) {
  const stays = await open('signs in', environment)
  alice = await stays.signIn('alice')
  const stops = await open('executes', environment)
  const run = await stops.start(alice, words)
  const reader = new Reader(run.runId)
  const closed = reader.readSocket(stops, alice)
  await expect.poll(() => reader.events.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(3)
  const takesOver = await open('executes', environment)
  return { stays, stops, takesOver, reader, closed }
}

describe('a server that is told to stop', () => {
  it('fails readiness, takes no new run, and its client goes on elsewhere without a loss', async () => {
    const environment = { RESUMABLE: 'yes', NOTICE_MS: '1000', FINISH_MS: '500' }
    const { stops, takesOver, reader, closed } = await runAt(environment, 250)
    stops.signal('SIGTERM')
    await expect.poll(() => statusOf(stops, '/readyz'), { timeout: 20_000, interval: 20 }).toBe(503)
    expect(await statusOf(stops, '/healthz')).toBe(200)
    expect(await closed).toBe(1012)
    await stops.ended
    expect(reader.isEnded).toBe(false)
    await expect(stops.start(alice, 1)).rejects.toThrow()
    // Its run was handed on: the lease did not have to run out, and nothing was said twice.
    await reader.readSocket(takesOver, alice)
    expect(reader.disorders).toEqual([])
    expect(reader.gaps).toEqual([])
    expect(reader.events.at(-1)).toMatchObject({ type: 'agent_completed', epoch: 2 })
    const said = reader.events.map(({ data }) => (data as { readonly text?: string }).text ?? '').join('')
    for (let word = 1; word <= 250; word++) expect(said).toContain(`id-of-alice:${word} `)
  })

  it('lets a run finish that is short enough', async () => {
    const { stops, reader, closed } = await runAt({ FINISH_MS: '20000' }, 60)
    stops.signal('SIGTERM')
    await closed
    await stops.ended
    expect(reader.events.at(-1)).toMatchObject({ type: 'agent_completed', epoch: 1 })
    expect(reader.disorders).toEqual([])
  })

  it('ends a run that is neither finished nor resumable, and says why', async () => {
    const { stops, stays, reader, closed } = await runAt({ FINISH_MS: '100' }, 5_000)
    stops.signal('SIGTERM')
    await closed
    await stops.ended
    if (!reader.isEnded) await reader.readSocket(stays, alice)
    expect(reader.events.at(-1)).toMatchObject({ type: 'agent_failed', data: { code: 'ERR_CONTEXT_RUN_DRAINED' } })
  })

  it('claims nothing more: what waits is executed elsewhere', async () => {
    const { stops, stays, takesOver } = await runAt({ FINISH_MS: '20000', NOTICE_MS: '0' }, 100)
    await takesOver.kill()
    stops.signal('SIGTERM')
    await expect.poll(() => statusOf(stops, '/readyz').catch(() => 0), { timeout: 20_000 }).not.toBe(200)
    const waits = new Reader((await stays.start(alice, 1)).runId)
    await stops.ended
    expect(await stays.request('GET', '/healthz').then(({ status }) => status)).toBe(200)
    const next = await open('executes', {})
    await waits.readSocket(next, alice)
    expect(waits.events.at(-1)).toMatchObject({ type: 'agent_completed', epoch: 1 })
  })
})
