/**
 * Floor 7. The part that foreign protocols have in common: their text and reasoning come in spans that are opened and
 * closed, while native deltas just follow each other.
 */
import type { RunEvent } from '../golden-path/wire-envelope.ts'

/** What a span holds. */
export type SpanKind = 'thinking' | 'text'

/** What a foreign client reads as the result of a tool that the end of the run interrupted. */
export const interruptedText = 'The run ended before the tool did.'

/** The native events that are no text: a foreign protocol maps each on its own. */
export type PlainRunEvent = Exclude<RunEvent, { readonly type: 'agent_thinking' | 'agent_message_delta' }>

/** One step of a foreign stream. Span ids are made here from the run id and count up. */
export type SpanStep =
  | { readonly step: 'open'; readonly kind: SpanKind; readonly spanId: string }
  | { readonly step: 'close'; readonly kind: SpanKind; readonly spanId: string }
  | { readonly step: 'delta'; readonly kind: SpanKind; readonly spanId: string; readonly text: string }
  | { readonly step: 'event'; readonly event: PlainRunEvent }

/**
 * Splits the events of ONE run into steps: feed it the events in order, from the first one.
 *
 * A span is closed before anything of another kind. What was streamed as deltas is not repeated by the final answer;
 * a final answer that says more, or something else, is never lost.
 */
export const runSpans = (): ((event: RunEvent) => readonly SpanStep[]) => {
  let open: { readonly kind: SpanKind; readonly spanId: string } | undefined
  let spanCount = 0
  let allText = ''
  let lastSpanText = ''

  const close = (): SpanStep[] => {
    if (open === undefined) return []
    const step: SpanStep = { step: 'close', ...open }
    open = undefined
    return [step]
  }

  const append = (kind: SpanKind, text: string, runId: string): SpanStep[] => {
    if (text === '') return []
    const steps: SpanStep[] = open?.kind === kind ? [] : close()
    if (open === undefined) {
      open = { kind, spanId: `${runId}-${++spanCount}` }
      steps.push({ step: 'open', ...open })
      if (kind === 'text') lastSpanText = ''
    }
    if (kind === 'text') {
      allText += text
      lastSpanText += text
    }
    steps.push({ step: 'delta', ...open, text })
    return steps
  }

  const appendRest = (answer: string, runId: string): SpanStep[] => {
    if (answer === allText || answer === lastSpanText) return []
    if (open?.kind === 'text' && answer.startsWith(lastSpanText)) return append('text', answer.slice(lastSpanText.length), runId)
    return [...close(), ...append('text', answer, runId)]
  }

  return (event) => {
    switch (event.type) {
      case 'agent_thinking': return append('thinking', event.data.text, event.runId)
      case 'agent_message_delta': return append('text', event.data.text, event.runId)
      case 'agent_completed': return [...appendRest(event.data.text, event.runId), ...close(), { step: 'event', event }]
      default: return [...close(), { step: 'event', event }]
    }
  }
}
