// Two servers over one database, each a process: users sign in at one, the other executes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileUserStore, passwordHasher } from '@user-execution-context/golden-path/login'
import { testDatabase } from '../test-database.ts'
import { Node } from './nodes.ts'
import { openSocket, Reader, type Message } from './reader.ts'

const database = testDatabase()
let directory: string
let first: Node
let second: Node
let alice: string
let bob: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'two-servers-'))
  // Cheap password records: this is not about the cost of scrypt.
  const hasher = passwordHasher({ cost: 1024 })
  const users = await fileUserStore(directory)
  for (const userName of ['alice', 'bob']) {
    const password = await hasher.toRecord(`password-of-${userName}`)
    await users.add({ userId: `id-of-${userName}`, userName, password })
  }
  second = await Node.open(database.name, directory, 'executes')
  first = await Node.open(database.name, directory, 'signs in')
  await Promise.all([first.ready(), second.ready()])
  ;[alice, bob] = await Promise.all([first.signIn('alice'), first.signIn('bob')])
})
afterEach(async () => {
  await Promise.all([first.kill(), second.kill()])
  await rm(directory, { recursive: true })
})

describe('two servers over one database', () => {
  it.each(['kill', 'close'] as const)(
    'lose no event of a run when the node that a client uses is gone by %s',
    async (how) => {
      const run = await first.start(alice, 250)
      const reader = new Reader(run.runId)
      const reading = reader.readEvents(first, alice)
      await expect.poll(() => reader.events.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(3)
      await first[how]()
      await reading
      const had = reader.events.length
      await reader.readEvents(second, alice, had + 20)
      expect(reader.isEnded).toBe(false)
      await reader.readSocket(second, alice)
      expect(reader.disorders).toEqual([])
      expect(reader.events.at(-1)).toMatchObject({ type: 'agent_completed' })
      expect(reader.text).toContain('id-of-alice:250 ')
      // A client that has the end is told not to come back.
      expect(await reader.readEvents(second, alice)).toBe(204)
    },
  )

  it('show a run to its own user only, at both, by both ways', async () => {
    const sockets = [first, second].map((node) => openSocket(node, bob))
    const heard: Message[] = []
    for (const socket of sockets) socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Message))
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(2)
    const run = await first.start(alice, 3)
    for (const node of [first, second]) {
      expect(await new Reader(run.runId).readEvents(node, bob)).toBe(404)
      expect((await node.request('DELETE', `/runs/${run.runId}`, bob)).status).toBe(404)
    }
    for (const socket of sockets) socket.send(JSON.stringify({ type: 'resume', runId: run.runId, lastSequence: 0 }))
    const reader = new Reader(run.runId)
    await reader.readEvents(first, alice)
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(4)
    // What bob starts comes to both of his sockets, and nothing of alice before it.
    const own = await second.start(bob, 1)
    const isEnd = ({ type, runId }: Message): boolean => type === 'agent_completed' && runId === own.runId
    await expect.poll(() => heard.filter(isEnd).length, { timeout: 20_000 }).toBe(2)
    expect(heard.filter(({ type }) => type === 'error')).toHaveLength(2)
    expect(JSON.stringify(heard)).not.toContain('alice')
    expect(reader.text).toContain('alice')
    expect(reader.text).not.toContain('bob')
    for (const socket of sockets) socket.terminate()
  })

  it('start one run for one idempotency key, whichever is asked', async () => {
    const headers = { 'idempotency-key': 'a-key-of-this-start' }
    const threadId = 'thread-of-alice'
    const starts = [first, second, first].map(async (node) => {
      const response = await node.request('POST', '/runs', alice, { threadId, input: { text: '1' } }, headers)
      return ((await response.json()) as { readonly runId: string }).runId
    })
    expect(new Set(await Promise.all(starts)).size).toBe(1)
  })

  it('end the sockets and runs of a session at both when it signs out at one', async () => {
    const run = await first.start(alice, 5_000)
    const reader = new Reader(run.runId)
    const closed = reader.readSocket(second, alice)
    await expect.poll(() => reader.events.length, { timeout: 20_000 }).toBeGreaterThan(3)
    expect((await first.request('POST', '/logout', alice)).status).toBe(204)
    expect([1005, 4401]).toContain(await closed)
    const isRefused = async () => (await second.request('GET', '/threads', alice)).status
    await expect.poll(isRefused, { timeout: 20_000 }).toBe(401)
    // The run ended where it was executed, as another session of its user sees.
    const again = new Reader(run.runId)
    await again.readEvents(second, await first.signIn('alice'))
    expect(again.events.at(-1)).toMatchObject({ type: 'agent_cancelled', data: { reason: 'identity_ended' } })
    expect(again.disorders).toEqual([])
  })
})
