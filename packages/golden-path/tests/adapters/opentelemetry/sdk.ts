// The real SDK of OpenTelemetry, registered for this process, with what it exports in memory. For tests only.
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'

const spanExporter = new InMemorySpanExporter()
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const meterProvider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })],
})

/** Registers it. Once a process. */
export const registerSdk = (): void => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] }))
  metrics.setGlobalMeterProvider(meterProvider)
}

/** The spans that have ended, of a name. */
export const spansOf = (name: string): readonly ReadableSpan[] =>
  spanExporter.getFinishedSpans().filter((span) => span.name === name)

/** All that a backend gets of spans and metrics, as text. */
export const exportedText = (): string => {
  const spans = spanExporter
    .getFinishedSpans()
    .map(({ name, attributes, status, events, links, resource }) => [
      name,
      attributes,
      status,
      events,
      links,
      resource.attributes,
    ])
  return JSON.stringify([spans, metricExporter.getMetrics().map(({ scopeMetrics }) => scopeMetrics)])
}

/** One point of a metric: its attributes, and its value or the count and sum of its values. */
export type Point = { readonly attributes: object; readonly value: unknown }

/** Collects now. Gives the points of each metric by its name. */
export const collect = async (): Promise<Readonly<Record<string, readonly Point[]>>> => {
  await meterProvider.forceFlush()
  const { scopeMetrics } = metricExporter.getMetrics().at(-1)!
  return Object.fromEntries(
    scopeMetrics.flatMap(({ metrics: all }) =>
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      ]),
    ),
  )
}
