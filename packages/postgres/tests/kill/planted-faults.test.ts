// Faults that a random kill run meets seldom, each made to happen: nothing is found as it is, and the fault without the
// guard.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunId } from 'user-execution-context'
import type { EventWriter } from '@user-execution-context/golden-path'
import { openNode } from '../open-ports.ts'
import { Reader } from '../server/reader.ts'
import type { TestDatabase } from '../test-database.ts'
import { BusyUser } from './busy-user.ts'
import { Chance, sleep } from './chance.ts'
import { findFaults } from './find-faults.ts'
import { KillCluster } from './kill-cluster.ts'
import { endlessWords, LeftSession, type TestEnvironment } from './leave-run.ts'
import { nodePlants, plants } from './plants.ts'
import { undoGuards } from './run-kill-test.ts'

const userId = `canary${'1'.repeat(32)}`
let cluster: KillCluster
let user: BusyUser
let around: TestEnvironment
let lateAtMs = Infinity

const open = async (environment: Readonly<Record<string, string>> = {}): Promise<void> => {
  cluster = new KillCluster(undefined, environment)
  await cluster.open(['alice'], () => userId, false)
  around = { cluster, chance: new Chance(1), isLate: () => performance.now() > lateAtMs, longestCutMs: 1_000 }
  user = new BusyUser('alice', userId, around)
  await Promise.all(cluster.nodes.map((node) => node.ready()))
  await user.signIn()
}
beforeEach(() => void (lateAtMs = Infinity))
afterEach(() => cluster.close())

/** A run of the user, of which something has been read. */
const startRun = async (words: number): Promise<Reader> => {
  const { runId } = await cluster.nodes[1]!.start(user.token, words)
  const reader = new Reader(runId)
  await reader.readEvents(cluster.nodes[1]!, user.token, 5)
  return reader
}

describe('a worker that is killed while another has nothing to do', { timeout: 120_000 }, () => {
  const loseWorker = async (): Promise<readonly string[]> => {
    const [, , worker, idle] = cluster.nodes
    idle!.signal('SIGSTOP')
    const reader = await startRun(endlessWords)
    user.runs.push({ reader, words: endlessWords })
    idle!.signal('SIGCONT')
    await idle!.ready()
    // What was said of the run meanwhile has been heard.
    await sleep(500)
    await worker!.kill()
    lateAtMs = performance.now() + 15_000
    await user.read(reader)
    return findFaults(cluster, [user])
  }

  it('is found out by the other one, which looks from time to time', async () => {
    await open()
    expect(await loseWorker()).toEqual([])
  })

  it('leaves a run without an end where LISTEN goes without the poll', async () => {
    await open(nodePlants['LISTEN without the poll'])
    expect(await loseWorker()).toContainEqual(expect.stringMatching(/: its client got no end$/))
  })
})

describe('a sign-out that a node does not hear because it is cut off', { timeout: 120_000 }, () => {
  const signOutMeanwhile = async (): Promise<readonly string[]> => {
    let left: LeftSession | undefined
    const { runId } = await startRun(endlessWords)
    const reader = new Reader(runId, (text) => left?.take(text))
    left = new LeftSession('alice 0', user.token, reader, around)
    user.runs.push({ reader, words: endlessWords, left })
    cluster.proxies[1]!.cut()
    await left.leave()
    // Longer ago than a notification is on its way.
    await sleep(1_500)
    cluster.proxies[1]!.heal()
    await cluster.nodes[1]!.ready()
    lateAtMs = performance.now() + 30_000
    await user.signIn()
    await user.read(reader)
    return findFaults(cluster, [user])
  }

  it('is heard by it when it is back', async () => {
    await open()
    expect(await signOutMeanwhile()).toEqual([])
  })

  it('leaves the session open there when it is not replayed after the cut', async () => {
    await open()
    await undoGuards(cluster, plants['a revocation that is not replayed after a cut'])
    expect(await signOutMeanwhile()).toContainEqual(
      expect.stringMatching(/: node 1 answers (?:200|404) to a session that has ended/),
    )
  })
})

describe('two writers that both end a run', { timeout: 120_000 }, () => {
  let node: Awaited<ReturnType<typeof openNode>>
  beforeEach(async () => {
    await open()
    const loginOf = (name: string) => ({ host: cluster.proxies[0]!.host, user: name, database: 'uec' })
    const [service, worker] = [loginOf('uec_service'), loginOf('uec_worker')]
    node = await openNode({ service, worker, listen: service } as TestDatabase)
  })
  afterEach(() => node.close())

  /** The end that a second writer adds behind that of the worker, and what is found then. */
  const endTwice = async () => {
    const reader = await startRun(40)
    user.runs.push({ reader, words: 40 })
    const [{ owner_key: ownerKey } = { owner_key: '' }] = await cluster.ask<{ readonly owner_key: string }>(
      'SELECT owner_key FROM uec.runs',
    )
    const key = { ownerKey, runId: reader.runId as RunId }
    const writer = await node.eventLog.openWriter(key)
    lateAtMs = performance.now() + 20_000
    await user.read(reader)
    const { lastSequence } = await node.eventLog.read(key, { epoch: 1, sequence: 0 }, 1)
    const refusal = await endBehind(writer, lastSequence)
    return { refusal, faults: await findFaults(cluster, [user]) }
  }
  const endBehind = async ({ epoch, append }: EventWriter, lastSequence: number): Promise<unknown> => {
    const event = { epoch, sequence: lastSequence + 1, type: 'agent_failed', text: '{"data":{}}', bytes: 11 } as const
    try {
      await append(event)
      return undefined
    } catch (error) {
      return (error as { readonly code?: string }).code
    }
  }

  it('end it once by the unique index, where nothing else looks', async () => {
    await undoGuards(cluster, plants['an end without a look at the one before'])
    const { refusal, faults } = await endTwice()
    expect(refusal).toBe('ERR_CONTEXT_EVENT_LOG_FAILED')
    expect(faults.filter((fault) => fault.endsWith(' ends'))).toEqual([])
  })

  it('end it twice without the unique index', async () => {
    await undoGuards(cluster, plants['an end without a look at the one before'])
    await undoGuards(cluster, plants['an end without the unique index'])
    const { refusal, faults } = await endTwice()
    expect(refusal).toBeUndefined()
    expect(faults).toContainEqual(expect.stringMatching(/: 2 ends$/))
  })
})
