// Two nodes and workers in processes of their own, killed and stopped at bad moments.
import { afterEach, describe, expect, it } from 'vitest'
import { runAsAdmin, testDatabase } from '../test-database.ts'
import { Client, Member, type Started } from './cluster.ts'

const database = testDatabase()
const members: Member[] = []
const open = async (environment: Readonly<Record<string, string>> = {}): Promise<Member> => {
  const member = await Member.open(database.name, environment)
  members.push(member)
  return member
}
afterEach(async () => {
  for (const member of members.splice(0)) {
    member.kill('SIGCONT')
    member.kill()
  }
  await runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events')
})
const worker = { EXECUTES: 'yes' }
const start = async (member: Member, user: string, words: number, pauseMs: number): Promise<Client> => {
  const started = await member.ask<Started>('start', { user, text: JSON.stringify({ words, pauseMs }) })
  return new Client(user, started!.runId)
}
const until = (holds: () => boolean) => expect.poll(holds, { timeout: 20_000, interval: 10 }).toBe(true)
const typesOf = ({ events }: Client) => events.map(({ type }) => type)
const endsOf = (client: Client) => typesOf(client).filter((type) => /^agent_(?:completed|failed|cancelled)$/.test(type))

describe('a run that is started at one node, executed by a worker and streamed at another node', () => {
  it('is resumed after a kill of the node that streams, each event once', async () => {
    const [one, two] = [await open(), await open()]
    await open(worker)
    const client = await start(one, 'alice', 40, 20)
    const following = client.followAt(two)
    await until(() => client.events.length > 8)
    two.kill()
    await following
    expect(client.isEnded).toBe(false)
    await client.followAt(await open())
    expect(client.disorders).toEqual([])
    expect(client.gaps).toEqual([])
    expect(endsOf(client)).toEqual(['agent_completed'])
    expect(client.events).toHaveLength(44)
    expect(new Set(client.events.map(({ epoch }) => epoch))).toEqual(new Set([1]))
  })

  it('is cancelled from the other node', async () => {
    const [one, two] = [await open(), await open()]
    await open(worker)
    const client = await start(one, 'alice', 1_000, 20)
    const following = client.followAt(one)
    await until(() => client.events.length > 3)
    expect(await two.ask('cancel', { user: 'alice', runId: client.runId })).toEqual({ isCancelled: true })
    await following
    expect(endsOf(client)).toEqual(['agent_cancelled'])
    expect(client.disorders).toEqual([])
  })

  it('is a miss for another user at every node, and gives nothing of it to them', async () => {
    const [one, two] = [await open(), await open()]
    await open(worker)
    const client = await start(one, 'alice', 3, 0)
    await client.followAt(two)
    const foreign = new Client('bob', client.runId)
    for (const member of [one, two]) await foreign.followAt(member)
    expect(foreign.events).toEqual([])
    expect(await two.ask('cancel', { user: 'bob', runId: client.runId })).toMatchObject({
      error: { code: 'ERR_CONTEXT_RUN_NOT_FOUND' },
    })
  })
})

describe('a worker that is killed in the middle of a run', () => {
  it('leaves it to another one, which ends it once and says why', async () => {
    const one = await open()
    const lost = await open(worker)
    const client = await start(one, 'alice', 1_000, 20)
    const following = client.followAt(one)
    await until(() => client.events.length > 3)
    await open(worker)
    lost.kill()
    await following
    expect(client.disorders).toEqual([])
    expect(endsOf(client)).toEqual(['agent_failed'])
    expect(client.events.at(-1)?.data).toMatchObject({ code: 'ERR_CONTEXT_WORKER_LOST' })
    expect(client.events.at(-1)?.epoch).toBe(2)
  })

  it('leaves it to another one, which goes on, for an agent that is resumable', async () => {
    const resumable = { ...worker, RESUMABLE: 'yes' }
    const one = await open()
    const lost = await open(resumable)
    const client = await start(one, 'alice', 60, 20)
    const following = client.followAt(one)
    await until(() => client.events.length > 3)
    await open(resumable)
    lost.kill()
    await following
    expect(client.disorders).toEqual([])
    expect(endsOf(client)).toEqual(['agent_completed'])
    expect(typesOf(client).filter((type) => type === 'agent_started')).toHaveLength(1)
  })
})

describe('a worker that is stopped past its lease and continued', () => {
  it('writes nothing more: the run has the one end that another worker gave it', async () => {
    const one = await open()
    const stopped = await open(worker)
    const client = await start(one, 'alice', 400, 20)
    const following = client.followAt(one)
    await until(() => client.events.length > 3)
    stopped.kill('SIGSTOP')
    await open(worker)
    await following
    expect(endsOf(client)).toEqual(['agent_failed'])
    const before = client.events.length
    stopped.kill('SIGCONT')
    // It is awake again, and reads the run as everybody else.
    const again = new Client('alice', client.runId)
    await again.followAt(stopped)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await again.followAt(one)
    expect(again.events).toHaveLength(before)
    expect(endsOf(again)).toEqual(['agent_failed'])
  })
})
