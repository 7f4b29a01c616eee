// A server over ports that it was given: what it hands on, whom it closes, and what it does when a port is silent.
import { afterEach, describe, expect, test } from 'vitest'
import { liveSessions, toOwnerKey } from 'user-execution-context'
import { runWithContext, tryCurrentContext } from 'user-execution-context/ambient'
import { parseLimits } from '../../src/phases/limits.ts'
import type { EventLog } from '../../src/phases/ports/event-log.ts'
import { inProcessEventLog } from '../../src/phases/ports/in-process-event-log.ts'
import { inProcessRunQueue } from '../../src/phases/ports/in-process-run-queue.ts'
import type { RunJob } from '../../src/phases/ports/run-queue.ts'
import { inProcessStartKeys } from '../../src/phases/ports/in-process-start-keys.ts'
import { isEnd, openClient, openTestServer, type TestServer, type TestServerOptions } from './test-server.ts'

let server: TestServer
afterEach(() => server.close())

const openPorts = () => {
  const limits = parseLimits()
  const asked: string[] = []
  const watch = <Port extends object>(name: string, port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([key, call]) => [
        key,
        (...given: readonly unknown[]) => {
          asked.push(`${name}.${key}`)
          return call(...given) as unknown
        },
      ]),
    ) as Port
  const eventLog = watch('eventLog', inProcessEventLog(limits))
  const runQueue = watch('runQueue', inProcessRunQueue(limits))
  const startKeys = watch(
    'startKeys',
    inProcessStartKeys(limits, async (run) => (await eventLog.find(run)) !== undefined),
  )
  return { asked, ports: { eventLog, runQueue, startKeys } }
}
const startRun = async (token: string, headers: Readonly<Record<string, string>> = {}) =>
  server.request('POST', '/runs', { token, headers, body: { input: { text: 'add tea' } } })

// The first worker of a run writes its start, and is lost.
const startAndLose = async (eventLog: EventLog, { context, input }: RunJob): Promise<void> => {
  const { runId, threadId, requestId } = context
  const { epoch, append } = await eventLog.openWriter({ ownerKey: toOwnerKey(context), runId })
  const [version, sequence, type] = [1, 1, 'agent_started'] as const
  const data = { input: { text: input.text } }
  const timestamp = new Date().toISOString()
  const text = JSON.stringify({ version, epoch, sequence, type, timestamp, threadId, runId, requestId, data })
  await append({ epoch, sequence, type, text, bytes: Buffer.byteLength(text) })
}

describe('a server with ports that it was given', () => {
  test('runs on them, shows a run to its own user only, and closes log and queue', async () => {
    const { asked, ports } = openPorts()
    server = await openTestServer(ports)
    const [alice, bob] = await Promise.all([server.signIn(0), server.signIn(1)])
    const key = { 'idempotency-key': 'one-start-of-alice' }
    const [first, again] = [await startRun(alice, key), await startRun(alice, key)]
    expect(again.body).toEqual(first.body)
    const events = `/runs/${first.body.runId}/events`
    const { text } = await server.request('GET', events, { token: alice })
    expect(text).toContain('agent_completed')
    expect(await server.request('GET', events, { token: bob })).toMatchObject({ status: 404 })
    const called = ['eventLog.create', 'eventLog.read', 'runQueue.enqueue', 'startKeys.claim', 'startKeys.confirm']
    expect(asked).toEqual(expect.arrayContaining(called))
    await server.close()
    expect(asked).toEqual(expect.arrayContaining(['runQueue.close', 'eventLog.close']))
  })

  test.each([
    [true, 'is given to the agent again where that is resumable', 'agent_completed', ''],
    [false, 'ends with a reason where the agent is not resumable', 'agent_failed', 'ERR_CONTEXT_WORKER_LOST'],
  ])('resumable %s: a run whose worker was lost %s', async (resumable, _what, end, code) => {
    const { ports } = openPorts()
    const runQueue: TestServerOptions['runQueue'] = {
      ...ports.runQueue,
      process: (worker) =>
        ports.runQueue.process(async (job, cancellation) => {
          await startAndLose(ports.eventLog, job)
          await worker(job, cancellation)
        }),
    }
    server = await openTestServer({ ...ports, runQueue, resumable })
    const token = await server.signIn(0)
    const { body } = await startRun(token)
    const { text } = await server.request('GET', `/runs/${body.runId}/events`, { token })
    expect(text).toContain(`"type":"${end}"`)
    expect(text).toContain(code)
  })

  test('runs the agent with the context of its run ambient where runWithContext() is given', async () => {
    const seen: unknown[] = []
    server = await openTestServer({
      ambient: runWithContext,
      agent: async function* ({ context }) {
        seen.push(tryCurrentContext() === context)
        yield { type: 'agent_message_delta', text: 'x' }
      },
    })
    const token = await server.signIn(0)
    const { body } = await startRun(token)
    await server.request('GET', `/runs/${body.runId}/events`, { token })
    expect(seen).toEqual([true])
  })

  test('answers with an error within limits.logTimeMs when the log never answers', async () => {
    const { ports } = openPorts()
    let isSilent = false
    const read: EventLog['read'] = (...given) => (isSilent ? new Promise(() => {}) : ports.eventLog.read(...given))
    server = await openTestServer({ ...ports, eventLog: { ...ports.eventLog, read }, limits: { logTimeMs: 100 } })
    const token = await server.signIn(0)
    const { body } = await startRun(token)
    isSilent = true
    const headers = { 'last-event-id': '1.1' }
    const { status } = await server.request('GET', `/runs/${body.runId}/events`, { token, headers })
    expect(status).toBe(503)
  })

  test('files its own users in the registry that it was given: a revocation there ends their sockets', async () => {
    const sessions = liveSessions({ maxProofMs: 43_260_000 })
    server = await openTestServer({ sessions })
    const [alice, bob] = [
      await openClient(server, { token: await server.signIn(0) }),
      await openClient(server, { token: await server.signIn(1) }),
    ]
    await sessions.revoke({ user: { namespace: 'user-execution-context', userId: 'id-of-alice' } })
    expect(await alice.closed).toMatchObject({ code: 4401 })
    bob.send({ type: 'start_run', input: { text: 'list' } })
    expect(await bob.next(isEnd)).toMatchObject({ type: 'agent_completed' })
    bob.close()
  })
})
