/**
 * Native run events as the AI SDK's UI message stream, which `DefaultChatTransport` reads.
 * Loads nothing at run time: `ai` is needed for its types only.
 */
import type { UIMessageChunk } from 'ai'
import type { ResumeGap } from '../phases/wire/server-message.ts'
import type { RunEvent } from '../phases/wire/wire-envelope.ts'
import { parseForeignRequest, type ForeignRunRequest } from './foreign-request.ts'
import { interruptedText, lostResultText, newRunSpans, type PlainRunEvent, type SpanStep } from './run-spans.ts'

/** What the part `data-run` carries: the ids that the server made, so that the client can cancel or resume the run. */
export type RunData = { readonly threadId: string; readonly runId: string; readonly requestId: string }

/**
 * What a part `data-resume-gap` carries: the events of the run that are no longer held, first and last sequence number,
 * both included. What the message shows at this place is not all that was said.
 */
export type ResumeGapData = Pick<ResumeGap, 'fromSequence' | 'toSequence' | 'reason'>

/** One chunk of the UI message stream, with the two data parts of ours. */
export type RunChunk = UIMessageChunk<unknown, { 'run': RunData; 'resume-gap': ResumeGapData }>

/** The headers of a response that carries such a stream as server-sent events, beside the content type. */
export const uiMessageStreamHeaders: Readonly<Record<string, string>> = Object.freeze({
  'x-vercel-ai-ui-message-stream': 'v1',
})

/** The data of the event that closes the stream, after the last chunk. */
export const uiMessageStreamEnd = '[DONE]'

/**
 * A mapping for ONE run: a function from one native event to the chunks that stand for it. Feed it the run's events in
 * order, from the first one that is still held, and each `resume_gap` where it came: a client that reconnects gets the
 * whole message again, which is what the transport expects.
 *
 * A gap becomes a part `data-resume-gap`. A start that it swallowed is sent nevertheless, as the next event tells it. A
 * tool call that was swallowed is sent with an empty input, a swallowed result as an error that says so.
 *
 * @example
 * ```ts
 * import type { RunEvent } from '@user-execution-context/golden-path'
 * import { aiSdkMapping } from '@user-execution-context/golden-path/ai-sdk'
 *
 * // One mapping a run: it remembers which text part is open.
 * export const toChunks = (events: readonly RunEvent[]) => events.flatMap(aiSdkMapping())
 * ```
 */
export const aiSdkMapping = (): ((message: RunEvent | ResumeGap) => readonly RunChunk[]) => {
  const toSteps = newRunSpans()
  return (message) => toSteps(message).flatMap(toChunks)
}

/**
 * Reads the body that `DefaultChatTransport` posts: the chat id is the thread, the text is the last user message.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_REQUEST`.
 * @example
 * ```ts
 * import { parseChatRequest } from '@user-execution-context/golden-path/ai-sdk'
 *
 * export const toRun = (body: unknown) => parseChatRequest(body)
 * ```
 */
export const parseChatRequest = (body: unknown): ForeignRunRequest => parseForeignRequest(body, 'id', 'parts')

function toChunks(step: SpanStep): readonly RunChunk[] {
  if (step.step === 'start') {
    return [{ type: 'start', messageId: step.run.runId }, { type: 'data-run', data: step.run }, { type: 'start-step' }]
  }
  if (step.step === 'gap') {
    const { fromSequence, toSequence, reason } = step.gap
    return [{ type: 'data-resume-gap', data: { fromSequence, toSequence, reason } }]
  }
  if (step.step === 'lost result') {
    const { toolCallId } = step
    return [{ type: 'tool-output-error', toolCallId, errorText: lostResultText, dynamic: true, providerExecuted: true }]
  }
  if (step.step === 'event') return toPlainChunks(step.event)
  const { spanId: id } = step
  const part = step.kind === 'text' ? 'text' : 'reasoning'
  if (step.step === 'open') return [{ type: `${part}-start`, id }]
  if (step.step === 'close') return [{ type: `${part}-end`, id }]
  return [{ type: `${part}-delta`, id, delta: step.text }]
}

function toPlainChunks(event: PlainRunEvent): readonly RunChunk[] {
  switch (event.type) {
    // "providerExecuted" says that the tool ran on this side, so that the client does not try to run it.
    case 'tool_executing':
      return [
        {
          type: 'tool-input-available',
          ...event.data,
          input: withoutPrototypeKeys(event.data.input) ?? {},
          dynamic: true,
          providerExecuted: true,
        },
      ]
    case 'tool_completed': {
      const { toolCallId, output, interrupted } = event.data
      if (interrupted)
        return [
          { type: 'tool-output-error', toolCallId, errorText: interruptedText, dynamic: true, providerExecuted: true },
        ]
      return [
        {
          type: 'tool-output-available',
          toolCallId,
          output: withoutPrototypeKeys(output) ?? null,
          dynamic: true,
          providerExecuted: true,
        },
      ]
    }
    case 'agent_completed':
      return [{ type: 'finish-step' }, { type: 'finish', finishReason: 'stop' }]
    case 'agent_cancelled':
      return [{ type: 'abort', reason: event.data.reason }]
    case 'agent_failed':
      return [{ type: 'error', errorText: event.data.message }]
  }
}

// The client refuses a whole stream over a key that could reach a prototype, and a model can write such a key.
function withoutPrototypeKeys(value: unknown): unknown {
  const text = JSON.stringify(value)
  if (text === undefined || !/"(?:__proto__|constructor)":/.test(text)) return value
  return JSON.parse(text, (key, inner: unknown) => (key === '__proto__' || key === 'constructor' ? undefined : inner))
}
