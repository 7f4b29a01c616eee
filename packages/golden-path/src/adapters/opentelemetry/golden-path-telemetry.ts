/**
 * What an app hands to a golden path so that its runs are spans and its work is counted. It calls the API of
 * OpenTelemetry and nothing else: which SDK takes spans and figures, and where they go, is the app's.
 */
import { metrics, trace, type Meter, type Tracer } from '@opentelemetry/api'
import type { Agent } from '../../phases/ports/agent.ts'
import type { TraceRun } from '../../phases/execution/trace-parent.ts'
import type { ServerEvent } from '../../server/server-event.ts'
import { assertKnownKeys } from '../../phases/known-keys.ts'
import { assertPeerVersion } from '../peer-version.ts'
import { metricsOf } from './metrics-of.ts'
import { RunTracer } from './run-tracer.ts'

/** Where spans and figures go. */
export type GoldenPathTelemetryOptions = {
  /** Default: that of the tracer provider that is registered. */
  readonly tracer?: Tracer | undefined
  /** Default: that of the meter provider that is registered by now. */
  readonly meter?: Meter | undefined
}

/** Options of openGoldenPathServer() and openGoldenPath(), and a wrapper of their agent. */
export type GoldenPathTelemetry = {
  /** Makes spans and figures of events. */
  readonly observe: (event: ServerEvent) => void
  /** Makes the trace of a run that is queued, below the span that is active where it is started. */
  readonly traceRun: TraceRun
  /**
   * The same agent, with the span of its run active while it works: spans of tools and models are below it. It needs a
   * context manager, as every SDK for Node registers one.
   */
  readonly traceAgent: (agent: Agent) => Agent
}

const scopeName = '@user-execution-context/golden-path'

/**
 * Spans: `uec.run.queue` where a run is queued and `uec.run` from its start to its end, in one trace, also where
 * another process executes it. Their attributes are those of toSpanAttributes(). Metrics have a few words as
 * attributes, and nothing of a user. Call it once, after the SDK has been registered: the API keeps no place for meters
 * that come later.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import type { Agent } from '@user-execution-context/golden-path'
 * import { goldenPathTelemetry } from '@user-execution-context/golden-path/opentelemetry'
 * import { openGoldenPathServer } from '@user-execution-context/golden-path/server'
 *
 * export const open = (agent: Agent) => {
 *   const { observe, traceRun, traceAgent } = goldenPathTelemetry()
 *   return openGoldenPathServer({ agent: traceAgent(agent), dataDirectory: '.data', observe, traceRun })
 * }
 * ```
 */
export const goldenPathTelemetry = (options: GoldenPathTelemetryOptions = {}): GoldenPathTelemetry => {
  assertPeerVersion('@opentelemetry/api')
  assertKnownKeys(options, ['tracer', 'meter'])
  const runs = new RunTracer(options.tracer ?? trace.getTracer(scopeName))
  const count = metricsOf(options.meter ?? metrics.getMeter(scopeName))
  return Object.freeze({
    observe: (event: ServerEvent) => {
      runs.observe(event)
      count(event)
    },
    traceRun: (context) => runs.queue(context),
    traceAgent: (agent) => runs.wrap(agent),
  } satisfies GoldenPathTelemetry)
}
