// Starts over a queue that files runs itself.
import { describe, expect, it } from 'vitest'
import { ContextError, toOwnerKey, type RunId } from 'user-execution-context'
import { inProcessEventLog, inProcessStartKeys, openGoldenPath, parseLimits } from '../../../src/index.ts'
import type { FiledStart, RunQueue, RunRecord, StartKey, StartKeyStore } from '../../../src/index.ts'
import { newContext } from '../run-agent.ts'

/** @param answers - Of the queue, one after the other: what each start comes to. */
const open = (...answers: (FiledStart | ((key: StartKey) => FiledStart))[]) => {
  const eventLog = inProcessEventLog(parseLimits())
  const startKeys = inProcessStartKeys(parseLimits(), async () => true)
  const calls: string[] = []
  const given: unknown[] = []
  const runQueue: RunQueue = {
    enqueue: (_job, onQueued) => {
      calls.push('enqueue')
      onQueued?.()
    },
    fileAndEnqueue: async (job, onQueued, key) => {
      calls.push('fileAndEnqueue')
      given.push(job, key)
      const answer = answers.shift() ?? { state: 'claimed' }
      const filed = typeof answer === 'function' ? answer(key!) : answer
      if (filed.state === 'claimed') onQueued?.()
      return filed
    },
    claimsKeysOf: (keys) => keys === startKeys,
    process: () => {},
    cancel: async () => false,
    close: async () => {},
  }
  const agent = async function* () {}
  const create: typeof eventLog.create = (run) => {
    calls.push('create')
    return eventLog.create(run)
  }
  const openWith = (ports: { readonly startKeys?: StartKeyStore } = {}) =>
    openGoldenPath({ agent, runQueue, eventLog: { ...eventLog, create }, ...ports })
  return { openWith, startKeys, calls, given }
}
const newRecord = (context = newContext()): RunRecord => {
  const { threadId, requestId, runId } = context
  return { ownerKey: toOwnerKey(context), threadId, requestId, runId: `before-${runId}` as RunId, createdAtMs: 1 }
}
const key = { idempotencyKey: 'key-of-a-client-1' }

describe('a start over a queue that files runs', () => {
  it('is one step, and says that the run is queued', async () => {
    const { openWith, calls, given } = open()
    const context = newContext()
    const accepted: string[] = []
    const goldenPath = openWith()
    const run = await goldenPath.execute(context, { text: 'go' }, { onAccepted: ({ runId }) => accepted.push(runId) })
    expect(calls).toEqual(['fileAndEnqueue'])
    expect(accepted).toEqual([run.runId])
    expect(given).toMatchObject([{ context, input: { text: 'go' }, queuedAtMs: run.createdAtMs }, undefined])
    await goldenPath.close()
  })

  it('is refused where its queue refuses it', async () => {
    const { openWith } = open(() => {
      throw new ContextError('ERR_CONTEXT_TOO_MANY_RUNS')
    })
    const goldenPath = openWith()
    const refused = goldenPath.execute(newContext(), { text: 'go' })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_CONTEXT_TOO_MANY_RUNS' })
    await goldenPath.close()
  })

  it('claims its key in the same step where the queue can', async () => {
    const { openWith, startKeys, calls, given } = open()
    const goldenPath = openWith({ startKeys })
    await goldenPath.execute(newContext(), { text: 'go' }, key)
    expect(calls).toEqual(['fileAndEnqueue'])
    expect(given[1]).toMatchObject({ digest: expect.any(String), inputDigest: expect.any(String) })
    await goldenPath.close()
  })

  it('files the run before it is queued where its key is elsewhere, so that a lost one is not queued', async () => {
    const { openWith, calls } = open()
    const goldenPath = openWith()
    await goldenPath.execute(newContext(), { text: 'go' }, key)
    expect(calls).toEqual(['create', 'enqueue'])
    await goldenPath.close()
  })

  it('takes no key of a lost start for itself: it claims it where it files the run', async () => {
    const { openWith, startKeys, calls, given } = open({ state: 'undecided' }, { state: 'claimed' })
    const goldenPath = openWith({ startKeys })
    await goldenPath.execute(newContext(), { text: 'go' }, key)
    expect(calls).toEqual(['fileAndEnqueue', 'fileAndEnqueue'])
    expect(startKeys.claim(given[3] as StartKey, newRecord())).toEqual({ state: 'claimed' })
    await goldenPath.close()
  })

  it('gives the run of a start that its store has waited for', async () => {
    const context = newContext()
    const before = newRecord(context)
    const { openWith, startKeys, calls } = open((asked) => {
      void startKeys.claim(asked, before)
      void startKeys.confirm(asked, before)
      return { state: 'undecided' }
    })
    const goldenPath = openWith({ startKeys })
    const run = await goldenPath.execute(context, { text: 'go' }, key)
    expect(run.runId).toBe(before.runId)
    expect(calls).toEqual(['fileAndEnqueue'])
    await goldenPath.close()
  })

  it.each([
    ['ERR_CONTEXT_IDEMPOTENCY_KEY_REUSED', { state: 'reused' }],
    ['ERR_CONTEXT_TOO_MANY_RUNS', { state: 'full', limit: 'idempotencyKeysPerUser' }],
  ] as const)('is refused with %s where the key is', async (code, filed) => {
    const { openWith, startKeys, calls } = open(filed)
    const goldenPath = openWith({ startKeys })
    const refused = goldenPath.execute(newContext(), { text: 'go' }, key)
    await expect(refused).rejects.toMatchObject({ code })
    expect(calls).toEqual(['fileAndEnqueue'])
    await goldenPath.close()
  })

  it('gives the run that its key has started, and says that it is accepted', async () => {
    const context = newContext()
    const before = newRecord(context)
    const { openWith, startKeys } = open({ state: 'started', run: before })
    const goldenPath = openWith({ startKeys })
    const accepted: string[] = []
    const onAccepted = ({ runId }: { readonly runId: string }) => void accepted.push(runId)
    const run = await goldenPath.execute(context, { text: 'go' }, { ...key, onAccepted })
    expect([run.runId, ...accepted]).toEqual([before.runId, before.runId])
    await goldenPath.close()
  })
})
