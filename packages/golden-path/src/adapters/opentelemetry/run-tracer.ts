/**
 * One trace for each run: from where it is queued, through any process, to its end.
 */
import {
  context as contexts,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import { toSpanAttributes, type UserExecutionContext } from 'user-execution-context'
import type { GoldenPathEvent } from '../../phases/golden-path-event.ts'
import { wrapSteps } from '../../phases/execution/wrap-steps.ts'
import type { Agent } from '../../phases/ports/agent.ts'
import type { ServerEvent } from '../../server/server-event.ts'

type Started = Extract<GoldenPathEvent, { readonly type: 'run-started' }>
type Ended = Extract<GoldenPathEvent, { readonly type: 'run-ended' }>

/** Makes the spans of runs. */
export class RunTracer {
  readonly #tracer: Tracer
  /** Spans of runs under way, by their context. */
  readonly #spans = new WeakMap<UserExecutionContext, Span>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  /** The trace of a run that is queued. Undefined where nothing takes spans. */
  queue(context: UserExecutionContext): string | undefined {
    const attributes = toSpanAttributes(context)
    const span = this.#tracer.startSpan('uec.run.queue', { kind: SpanKind.PRODUCER, attributes })
    span.end()
    return toTraceParent(span.spanContext())
  }

  observe(event: ServerEvent): void {
    if (event.type === 'run-started') this.#start(event)
    else if (event.type === 'run-ended') this.#end(event)
  }

  /** The same agent, with the span of its run active in each of its steps. */
  wrap(agent: Agent): Agent {
    return (scope, input) => {
      const span = this.#spans.get(scope.context)
      if (span === undefined) return agent(scope, input)
      const active = trace.setSpan(contexts.active(), span)
      return wrapSteps(
        (call) => contexts.with(active, call),
        () => agent(scope, input),
      )
    }
  }

  #start({ context, waitedMs, traceParent }: Started): void {
    const attributes = {
      ...toSpanAttributes(context),
      ...(waitedMs !== undefined && { 'uec.queue.wait_ms': waitedMs }),
    }
    const span = this.#tracer.startSpan('uec.run', { kind: SpanKind.CONSUMER, attributes }, toParent(traceParent))
    this.#spans.set(context, span)
  }

  #end({ context, outcome, code, reason }: Ended): void {
    const span = this.#spans.get(context)
    if (span === undefined) return
    this.#spans.delete(context)
    span.setAttribute('uec.run.outcome', outcome)
    if (code !== undefined) span.setAttribute('error.type', code)
    if (reason !== undefined) span.setAttribute('uec.run.cancel_reason', reason)
    // Without a message: that of an error may hold what a user wrote.
    if (outcome === 'failed' || outcome === 'lost') span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }
}

function toTraceParent(spanContext: SpanContext): string | undefined {
  if (!isSpanContextValid(spanContext)) return undefined
  const { traceId, spanId, traceFlags } = spanContext
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

// The golden path has checked its form.
function toParent(traceParent: string | undefined): Context {
  if (traceParent === undefined) return ROOT_CONTEXT
  const [, traceId, spanId, flags] = traceParent.split('-') as [string, string, string, string]
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true })
}
