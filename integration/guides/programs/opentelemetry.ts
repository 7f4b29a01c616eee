import { trace, type Span } from '@opentelemetry/api'
import { toSpanAttributes, type UserExecutionContext } from 'user-execution-context'

const tracer = trace.getTracer('notes')

export const inSpan = <Result>(name: string, context: UserExecutionContext, work: (span: Span) => Promise<Result>) =>
  tracer.startActiveSpan(name, { attributes: toSpanAttributes(context) }, (span) =>
    work(span).finally(() => span.end()),
  )
