// The trace and the waiting of a run that one process queues and another one executes.
import { SpanKind } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultLimits, openGoldenPath, type GoldenPathEvent, type RunJob } from '@user-execution-context/golden-path'
import { goldenPathTelemetry } from '@user-execution-context/golden-path/opentelemetry'
import { endRun, fileRun, newContext, openNode } from '../open-ports.ts'
import { queryAsAdmin, runAsAdmin, testDatabase } from '../test-database.ts'

const database = testDatabase()
const traceParent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
let front: Awaited<ReturnType<typeof openNode>>
let back: typeof front
beforeEach(async () => {
  ;[front, back] = [await openNode(database), await openNode(database)]
})
afterEach(async () => {
  await front.close()
  await back.close()
})

/** A node of a golden path with a tracer of its own, as another process has it. */
const openPath = (node: Awaited<ReturnType<typeof openNode>>, executes: boolean) => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const { observe, traceRun, traceAgent } = goldenPathTelemetry({ tracer: provider.getTracer('node') })
  const events: GoldenPathEvent[] = []
  const goldenPath = openGoldenPath({
    agent: traceAgent(async function* (_scope, { text }) {
      yield { type: 'agent_message_delta', text }
    }),
    eventLog: node.eventLog,
    runQueue: node.openQueue(defaultLimits, { executes, pollMs: 50 }),
    traceRun,
    observe: (event) => {
      events.push(event)
      observe(event)
    },
  })
  return { goldenPath, exporter, events }
}

describe('a run that another process executes', () => {
  it('is one trace, and says how long it waited', async () => {
    const [queuing, working] = [openPath(front, false), openPath(back, true)]
    const context = newContext('user-of-the-trace')
    await queuing.goldenPath.execute(context, { text: 'hello' })
    await expect.poll(() => working.exporter.getFinishedSpans().length, { timeout: 20_000 }).toBe(1)
    const [[queued], [run]] = [queuing.exporter.getFinishedSpans(), working.exporter.getFinishedSpans()]
    expect([queued!.kind, run!.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER])
    expect(run!.spanContext().traceId).toBe(queued!.spanContext().traceId)
    expect(run!.parentSpanContext).toMatchObject({ spanId: queued!.spanContext().spanId, isRemote: true })
    expect(run!.attributes).toMatchObject({ 'uec.run_id': context.runId, 'uec.run.outcome': 'completed' })
    expect(run!.attributes['uec.queue.wait_ms']).toBeGreaterThanOrEqual(0)
    expect(working.events.map(({ type }) => type)).toEqual(['golden-path-opened', 'run-started', 'run-ended'])
    expect(queuing.events.map(({ type }) => type)).toEqual(['golden-path-opened', 'run-queued'])
    await queuing.goldenPath.close()
    await working.goldenPath.close()
  })
})

describe('a job of postgresRunQueue', () => {
  it('hands its trace on, and counts as waiting until a worker has it', async () => {
    await runAsAdmin(database.name, 'TRUNCATE uec.jobs, uec.queue_owners, uec.runs, uec.events')
    const job: RunJob = { context: newContext('waits'), input: { text: 'go' }, traceParent }
    const plain: RunJob = { context: newContext('waits-too'), input: { text: 'go' } }
    const queue = front.openQueue(defaultLimits, { executes: false })
    for (const each of [job, plain]) {
      await fileRun(front.eventLog, each)
      await queue.enqueue(each)
    }
    expect(await queue.countWaiting!()).toBe(2)
    const rows = await queryAsAdmin(database.name, 'SELECT sealed_context FROM uec.jobs ORDER BY position')
    expect(rows.map(({ sealed_context: text }) => String(text).split(' ').slice(1))).toEqual([[traceParent], []])
    const jobs: RunJob[] = []
    const worker = back.openQueue(defaultLimits, { pollMs: 50 })
    worker.process(async (taken) => {
      jobs.push(taken)
      await endRun(taken)
    })
    await expect.poll(() => jobs.length, { timeout: 20_000 }).toBe(2)
    expect(jobs.map(({ context, traceParent: trace }) => [context.userId, trace]).sort()).toEqual([
      ['waits', traceParent],
      ['waits-too', undefined],
    ])
    for (const { queuedAtMs } of jobs) expect(Math.abs(Date.now() - queuedAtMs!)).toBeLessThan(600_000)
    expect(await queue.countWaiting!()).toBe(0)
    await worker.close()
    await queue.close()
  })
})
