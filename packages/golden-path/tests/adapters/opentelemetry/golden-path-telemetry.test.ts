// Spans and metrics of a real server with two users, as the SDK of OpenTelemetry exports them.
import { context as otel, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { createForUser, toSpanAttributes, type UserExecutionContext } from 'user-execution-context'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { goldenPathTelemetry } from '../../../src/adapters/opentelemetry/golden-path-telemetry.ts'
import { inProcessRunQueue, openGoldenPath, parseLimits } from '../../../src/index.ts'
import type { Agent, RunQueue, UnexecutedEnd } from '../../../src/index.ts'
import { openTracedServer } from '../../recipes/telemetry.ts'
import { isEnd, openClient, openTestServer, type TestServer } from '../../server/test-server.ts'
import { newUser } from '../../users.ts'
import { collect, exportedText, registerSdk, spansOf } from './sdk.ts'

const content = 'my-secret-thought'
/** What each run of the server was executed for. */
const contexts: UserExecutionContext[] = []
/** Makes a span of its own, as an instrumented model does. Waits, fails or answers. */
const agent: Agent = async function* (scope, { text }) {
  contexts.push(scope.context)
  yield { type: 'agent_thinking', text: 'I look.' }
  trace.getTracer('model').startSpan('model').end()
  if (text.startsWith('fail')) throw new Error(`cannot do ${text}`)
  if (text.startsWith('wait')) await new Promise((resolve) => scope.signal.addEventListener('abort', resolve))
  yield { type: 'agent_message_delta', text }
}

describe('goldenPathTelemetry', () => {
  let server: TestServer
  let figures: Awaited<ReturnType<typeof collect>>
  let midway: typeof figures
  const secrets: string[] = [content, 'alice', 'bob', 'password-of', '127.0.0.1']
  beforeAll(async () => {
    registerSdk()
    server = await openTestServer({}, async ({ dataDirectory, log }) => {
      const limits = { concurrentRunsPerUser: 1 }
      // The program of the guide, over the package as it is published.
      const traced = await openTracedServer(agent, { dataDirectory, log, limits })
      return { url: await traced.listen({ port: 0 }), close: traced.close }
    })
    const tokens = [await server.signIn(0), await server.signIn(1)]
    for (const token of tokens) {
      const { sub, sid } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
      secrets.push(token, sub, sid)
    }
    await Promise.all(
      tokens.map(async (token) => {
        const client = await openClient(server, { token })
        for (const text of [content, `fail ${content}`]) {
          client.send({ type: 'start_run', input: { text } })
          await client.next((message) => isEnd(message) && (text === content) === (message.type === 'agent_completed'))
        }
        client.send({ type: content })
        await client.next(({ type }) => type === 'error')
        client.send({ type: 'start_run', input: { text: 'wait' } })
        client.send({ type: 'start_run', input: { text: content } })
        await client.next(({ type, data }) => type === 'agent_started' && data.input.text === 'wait')
      }),
    )
    await server.request('GET', '/threads')
    await vi.waitUntil(async () => (await collect())['uec.runs.running']?.[0]?.value === 2, { timeout: 30_000 })
    midway = await collect()
    await server.request('POST', '/logout', { token: tokens[1]! })
    await server.close()
    figures = await collect()
  }, 60_000)
  afterAll(() => server.close())

  test('makes one trace of each run, from where it is queued to its end', () => {
    const queued = spansOf('uec.run.queue')
    const runs = spansOf('uec.run')
    expect([queued.length, runs.length]).toEqual([8, 8])
    for (const run of runs) {
      const start = queued.find((span) => span.spanContext().traceId === run.spanContext().traceId)!
      expect(run.parentSpanContext?.spanId).toBe(start.spanContext().spanId)
      expect([start.kind, run.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER])
      expect(start.attributes['uec.run_id']).toBe(run.attributes['uec.run_id'])
    }
  })

  test('gives a run the attributes of its context, how it ended, and no message of its error', () => {
    const runs = new Map(spansOf('uec.run').map((span) => [span.attributes['uec.run_id'], span]))
    expect(contexts.length).toBeGreaterThanOrEqual(6)
    for (const context of contexts) {
      const { attributes, status, events } = runs.get(context.runId)!
      expect(attributes).toMatchObject({
        ...toSpanAttributes(context),
        'uec.run.outcome': expect.any(String) as string,
      })
      const isFailed = attributes['uec.run.outcome'] === 'failed'
      expect(status).toEqual({ code: isFailed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET })
      expect(events).toEqual([])
    }
  })

  test('lets the spans of an agent be below that of its run', () => {
    const models = spansOf('model')
    expect(models).toHaveLength(contexts.length)
    const runs = new Map(spansOf('uec.run').map((span) => [span.spanContext().spanId, span]))
    for (const model of models)
      expect(runs.get(model.parentSpanContext!.spanId)?.spanContext().traceId).toBe(model.spanContext().traceId)
  })

  test('counts runs, connections, events, what waits and what was refused', () => {
    expect(midway['uec.queue.length']).toEqual([{ attributes: {}, value: 2 }])
    expect(midway['uec.connections']).toEqual([{ attributes: {}, value: 2 }])
    expect(figures).toMatchObject({
      'uec.connections': [{ value: 0 }],
      'uec.runs.running': [{ value: 0 }],
      'uec.sign_ins': [{ value: 2 }],
      'uec.sign_outs': [{ value: 1 }],
      'uec.runs.started': [{ value: 8 }],
    })
    const byAttributes = (name: string) =>
      Object.fromEntries(figures[name]!.map(({ attributes, value }) => [Object.values(attributes).join(' '), value]))
    expect(byAttributes('uec.refused')).toEqual({
      'message ERR_CONTEXT_INVALID_MESSAGE': 2,
      'request ERR_CONTEXT_IDENTITY_REFUSED': 1,
    })
    expect(byAttributes('uec.runs.ended')).toEqual({
      'completed': 2,
      'failed ERR_CONTEXT_AGENT_FAILED': 2,
      'cancelled identity_ended': 2,
      'failed ERR_CONTEXT_RUN_DRAINED': 2,
    })
    expect(figures['uec.queue.wait']).toMatchObject([{ value: { count: 8 } }])
    expect(figures['uec.run.duration']!.length).toBe(3)
    // Of runs that ended well: start, thinking, text, end. Each went to the one socket of its user.
    expect(figures['uec.events.delivered']![0]!.value).toBeGreaterThanOrEqual(2 * 4 + 2 * 3)
  })

  test('exports nothing of a user: no id, no address, no token, no text', () => {
    const text = exportedText()
    expect(text).toContain('uec.thread_id')
    expect(text).toContain('ERR_CONTEXT_AGENT_FAILED')
    expect(secrets.length).toBe(5 + 6)
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
  })

  test('puts a run below the span that is active where it is started', async () => {
    const { observe, traceRun, traceAgent } = goldenPathTelemetry()
    const goldenPath = openGoldenPath({ agent: traceAgent(agent), observe, traceRun })
    const context = createForUser(newUser('user-1'))
    const request = trace.getTracer('http').startSpan('request')
    await otel.with(trace.setSpan(otel.active(), request), () => goldenPath.execute(context, { text: 'go' }))
    request.end()
    const find = (name: string) => spansOf(name).find(({ attributes }) => attributes['uec.run_id'] === context.runId)
    await expect.poll(() => find('uec.run')).toBeDefined()
    await goldenPath.close()
    expect(find('uec.run.queue')!.parentSpanContext!.spanId).toBe(request.spanContext().spanId)
    expect(find('uec.run')!.spanContext().traceId).toBe(request.spanContext().traceId)
    expect(find('uec.run')!.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('counts a run that its queue ends without a worker among those that ended, and none as running', async () => {
    const { observe } = goldenPathTelemetry()
    const queue = inProcessRunQueue(parseLimits())
    let tell: ((end: UnexecutedEnd) => void) | undefined
    const process: RunQueue['process'] = (worker, onUnexecutedEnd) => {
      tell = onUnexecutedEnd
      queue.process(worker)
    }
    const goldenPath = openGoldenPath({ agent, observe, runQueue: { ...queue, process } })
    const { threadId, runId, requestId } = createForUser(newUser('user-2'))
    tell!({ ...{ threadId, runId, requestId }, outcome: 'failed', code: 'ERR_CONTEXT_WORKER_LOST' })
    await goldenPath.close()
    const { 'uec.runs.ended': ended, 'uec.runs.running': running } = await collect()
    const lost = { 'uec.run.outcome': 'failed', 'error.type': 'ERR_CONTEXT_WORKER_LOST' }
    expect(ended!.filter(({ attributes }) => JSON.stringify(attributes) === JSON.stringify(lost))).toMatchObject([
      { value: 1 },
    ])
    expect(running).toMatchObject([{ value: 0 }])
  })
})
