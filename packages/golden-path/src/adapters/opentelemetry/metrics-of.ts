/**
 * The metrics of a golden path. Attributes are words of a short list: a figure for each user or run would be no figure.
 */
import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api'
import type { GoldenPathFigures } from '../../phases/golden-path-event.ts'
import type { ServerEvent } from '../../server/server-event.ts'

/** Seconds. Most runs wait for nothing, and may take minutes. */
const seconds = { unit: 's', advice: { explicitBucketBoundaries: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300] } }

/** Makes what counts events. */
export const metricsOf = (meter: Meter): ((event: ServerEvent) => void) => {
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description })
  const started = counter('uec.runs.started', '{run}', 'Runs that a worker began to execute.')
  const ended = counter('uec.runs.ended', '{run}', 'Runs that left their worker or had none, by outcome and code.')
  const refused = counter('uec.refused', '{refusal}', 'What was refused, by place and code.')
  const slow = counter('uec.readers.slow', '{connection}', 'Connections closed because their client read too slowly.')
  const resumed = counter('uec.clients.resumed', '{delivery}', 'Runs that a client which came back reads on.')
  const signedIn = counter('uec.sign_ins', '{sign-in}', 'Sign-ins of users of the server.')
  const signedOut = counter('uec.sign_outs', '{sign-out}', 'Sign-outs by their users.')
  const running = meter.createUpDownCounter('uec.runs.running', { unit: '{run}' })
  const connections = meter.createUpDownCounter('uec.connections', { unit: '{connection}' })
  const waited = meter.createHistogram('uec.queue.wait', { ...seconds, description: 'How long runs waited.' })
  const took = meter.createHistogram('uec.run.duration', { ...seconds, description: 'How long a worker had runs.' })
  const observeFigures = figuresOf(meter)

  return (event) => {
    switch (event.type) {
      case 'run-started':
        started.add(1)
        running.add(1)
        if (event.waitedMs !== undefined) waited.record(event.waitedMs / 1000)
        return
      case 'run-ended':
        ended.add(1, toAttributes(event))
        running.add(-1)
        took.record(event.durationMs / 1000, { 'uec.run.outcome': event.outcome })
        return
      case 'unexecuted-run-ended':
        return ended.add(1, toAttributes(event))
      case 'connection-opened':
        return connections.add(1)
      case 'connection-closed':
        return connections.add(-1)
      case 'reader-slow':
        return slow.add(1)
      case 'client-resumed':
        return resumed.add(1)
      case 'signed-in':
        return signedIn.add(1)
      case 'signed-out':
        return signedOut.add(1)
      case 'refused':
        return refused.add(1, { 'uec.refused.at': event.at, 'error.type': event.code })
      case 'golden-path-opened':
      case 'golden-path-closed':
        return observeFigures(event.figures, event.type === 'golden-path-opened')
      default:
    }
  }
}

function toAttributes({
  outcome,
  code,
  reason,
}: Extract<ServerEvent, { readonly type: 'run-ended' | 'unexecuted-run-ended' }>): Attributes {
  return {
    'uec.run.outcome': outcome,
    ...(code !== undefined && { 'error.type': code }),
    ...(reason !== undefined && { 'uec.run.cancel_reason': reason }),
  }
}

/** Figures that are asked for when they are collected. */
function figuresOf(meter: Meter): (figures: GoldenPathFigures, isOpen: boolean) => void {
  const open = new Set<GoldenPathFigures>()
  /** Of golden paths that have closed: a counter never goes back. */
  let deliveredBefore = 0
  const delivered = meter.createObservableCounter('uec.events.delivered', {
    unit: '{event}',
    description: 'Events of runs that were sent to connections.',
  })
  const length = meter.createObservableGauge('uec.queue.length', {
    unit: '{run}',
    description: 'Runs that wait, of all processes that share the queue.',
  })
  const collect = async (result: BatchObservableResult): Promise<void> => {
    const all = [...open]
    result.observe(
      delivered,
      all.reduce((sum, { eventsDelivered }) => sum + eventsDelivered(), deliveredBefore),
    )
    // A database that is away has no figure, and says so by having none.
    const waiting = await Promise.all(all.map(async ({ runsWaiting }) => runsWaiting())).catch(() => [])
    const known = waiting.flatMap((count) => count ?? [])
    if (known.length > 0)
      result.observe(
        length,
        known.reduce((sum, count) => sum + count, 0),
      )
  }
  meter.addBatchObservableCallback(collect, [delivered, length])
  return (figures, isOpen) => {
    if (isOpen) open.add(figures)
    else if (open.delete(figures)) deliveredBefore += figures.eventsDelivered()
  }
}
