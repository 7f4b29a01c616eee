/**
 * The part that foreign protocols have in common: their text and reasoning come in spans that are opened and
 * closed, and a result follows its call. Native deltas just follow each other, and a gap may have swallowed anything.
 */
import type { ResumeGap } from '../phases/wire/server-message.ts'
import type { RunEvent } from '../phases/wire/wire-envelope.ts'

/** What a span holds. */
export type SpanKind = 'thinking' | 'text'

/** What a foreign client reads as the result of a tool that the end of the run interrupted. */
export const interruptedText = 'The run ended before the tool did.'

/** What a foreign client reads as the result of a tool whose result a gap has swallowed. */
export const lostResultText = 'The result of the tool is no longer held.'

/** The native events that are no text and no start: a foreign protocol maps each on its own. */
export type PlainRunEvent = Exclude<
  RunEvent,
  { readonly type: 'agent_started' | 'agent_thinking' | 'agent_message_delta' }
>

/** The ids of a run, as all of its events have them. */
export type RunIds = Pick<RunEvent, 'threadId' | 'runId' | 'requestId'>

/** One step of a foreign stream. Span ids are made here from the run id and count up. */
export type SpanStep =
  | { readonly step: 'start'; readonly run: RunIds }
  | { readonly step: 'gap'; readonly gap: ResumeGap }
  | { readonly step: 'open'; readonly kind: SpanKind; readonly spanId: string }
  | { readonly step: 'close'; readonly kind: SpanKind; readonly spanId: string }
  | { readonly step: 'delta'; readonly kind: SpanKind; readonly spanId: string; readonly text: string }
  | { readonly step: 'lost result'; readonly toolCallId: string; readonly runId: string }
  | { readonly step: 'event'; readonly event: PlainRunEvent }

/**
 * Splits the events of ONE run into steps: feed it the events in order, from the first one that is still held, and each
 * `resume_gap` where it came.
 *
 * A span is closed before anything of another kind. What was streamed as deltas is not repeated by the final answer;
 * a final answer that says more, or something else, is never lost.
 *
 * Foreign clients refuse a stream without its start, and a result without its call. So what a gap has swallowed is put
 * in as far as later events tell it: the start, a call (with an empty input), at the end of the run an error for each
 * call whose result was lost. A gap before the first event is said with that event, which has the ids of the start.
 */
export const newRunSpans = (): ((message: RunEvent | ResumeGap) => readonly SpanStep[]) => {
  let isStarted = false
  let gaps: SpanStep[] = []
  let open: { readonly kind: SpanKind; readonly spanId: string } | undefined
  let spanCount = 0
  let allText = ''
  let lastSpanText = ''
  const openCalls = new Set<string>()

  const start = ({ threadId, runId, requestId }: RunEvent): SpanStep[] => {
    if (isStarted) return []
    isStarted = true
    const steps: SpanStep[] = [{ step: 'start', run: { threadId, runId, requestId } }, ...gaps]
    gaps = []
    return steps
  }

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
    // The answer of an agent may be the last part of what it streamed, in several spans.
    if (allText.endsWith(answer)) return []
    if (open?.kind === 'text' && answer.startsWith(lastSpanText))
      return append('text', answer.slice(lastSpanText.length), runId)
    return [...close(), ...append('text', answer, runId)]
  }

  const toSteps = (event: RunEvent): SpanStep[] => {
    switch (event.type) {
      case 'agent_started':
        return []
      case 'agent_thinking':
        return append('thinking', event.data.text, event.runId)
      case 'agent_message_delta':
        return append('text', event.data.text, event.runId)
      case 'tool_executing':
        openCalls.add(event.data.toolCallId)
        return [...close(), { step: 'event', event }]
      case 'tool_completed': {
        const call = openCalls.delete(event.data.toolCallId) ? [] : [toLostCall(event)]
        return [...close(), ...call, { step: 'event', event }]
      }
      case 'agent_completed':
        return [...appendRest(event.data.text, event.runId), ...end(event)]
      default:
        return end(event)
    }
  }

  // A run closes its calls before it ends, so the end of a call that is still open here was in a gap.
  const end = (event: PlainRunEvent): SpanStep[] => {
    const { runId } = event
    const lost = Array.from(openCalls, (toolCallId): SpanStep => ({ step: 'lost result', toolCallId, runId }))
    return [...close(), ...lost, { step: 'event', event }]
  }

  return (message) => {
    if (message.type !== 'resume_gap') return [...start(message), ...toSteps(message)]
    const gap: SpanStep = { step: 'gap', gap: message }
    if (isStarted) return [...close(), gap]
    gaps.push(gap)
    return []
  }
}

function toLostCall(event: Extract<RunEvent, { readonly type: 'tool_completed' }>): SpanStep {
  const { toolCallId, toolName } = event.data
  return { step: 'event', event: { ...event, type: 'tool_executing', data: { toolCallId, toolName, input: {} } } }
}
