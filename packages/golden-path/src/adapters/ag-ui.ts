/**
 * Native run events as AG-UI events, and an AG-UI request as the text to run.
 * Loads nothing at run time: `@ag-ui/core` is needed for its types only.
 */
import type { AGUIEvent } from '@ag-ui/core'
import type { ResumeGap } from '../phases/wire/server-message.ts'
import type { RunEvent } from '../phases/wire/wire-envelope.ts'
import { assertPeerVersion } from './peer-version.ts'
import { assertKnownKeys } from '../phases/known-keys.ts'
import { parseForeignRequest, type ForeignRunRequest } from './foreign-request.ts'
import { interruptedText, lostResultText, newRunSpans, type PlainRunEvent, type SpanStep } from './run-spans.ts'

type AsWire<Event> = Event extends { type: infer Type extends string }
  ? Omit<Event, 'type'> & { readonly type: `${Type}` }
  : never

/** One AG-UI event as it goes over the wire: the stock types, with the names of the enum as plain strings. */
export type AgUiEvent = AsWire<AGUIEvent>

/** The version of the protocol that these events follow. */
const protocolVersion = '1.0'

/** Options of {@link agUiMapping}. */
export type AgUiMappingOptions = {
  /** The version that the client speaks, such as `'1.0'`. Default `'1.0'`. */
  readonly protocolVersion?: string | undefined
}

/**
 * A mapping for ONE run: a function from one native event to the AG-UI events that stand for it. Feed it the run's
 * events in order, from the first one that is still held, and each `resume_gap` where it came; it remembers which
 * message is open.
 *
 * A gap goes out as a `CUSTOM` event of the name `resume_gap` with the value `{ fromSequence, toSequence }`, both
 * included. The protocol wants `RUN_STARTED` first, so a gap that swallowed the start goes out behind one that the next
 * event tells of. A swallowed tool call is sent with empty arguments, a swallowed result as a text that says so.
 *
 * A cancelled run ends as `RUN_FINISHED` with the outcome `cancelled`, because `RUN_ERROR` means that the run failed. A
 * client of a version before 1.0 refuses that outcome, so it gets a `CUSTOM` event of the name `run_cancelled` with the
 * reason, and `RUN_FINISHED` without an outcome.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS`, `ERR_CONTEXT_PEER_UNSUPPORTED`.
 * @example
 * ```ts
 * import type { RunEvent } from '@user-execution-context/golden-path'
 * import { agUiMapping } from '@user-execution-context/golden-path/ag-ui'
 *
 * export const toAgUi = (events: readonly RunEvent[]) => events.flatMap(agUiMapping())
 * ```
 */
export const agUiMapping = (
  options: AgUiMappingOptions = {},
): ((message: RunEvent | ResumeGap) => readonly AgUiEvent[]) => {
  assertKnownKeys(options, ['protocolVersion'])
  const { protocolVersion: clientVersion = protocolVersion } = options
  assertPeerVersion('@ag-ui/core')
  const toSteps = newRunSpans()
  const isBefore1 = Number.parseInt(clientVersion, 10) < 1
  return (message) => {
    const mapped = toSteps(message)
      .flatMap(toAgUiEvents)
      .flatMap((event) => (isBefore1 ? toEventsBefore1(event, message) : [event]))
    // A gap has no time of its own.
    if (message.type === 'resume_gap') return mapped
    const timestamp = Date.parse(message.timestamp)
    return mapped.map((event) => ({ ...event, timestamp }))
  }
}

/** A request of an AG-UI client, reduced to what a run needs. */
export type AgUiRunRequest = ForeignRunRequest & {
  /** The version that the client speaks. From the client; `'0'` for one that names none, as those before 1.0 do. */
  readonly protocolVersion: string
}

/**
 * Reads the body of an AG-UI request (`RunAgentInput`): its thread, the last user message and the version of the
 * protocol. Its `runId`, `state`, `context`, `tools` and `forwardedProps` are ignored: the server makes run ids, and
 * identity comes from the token only.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_REQUEST`.
 * @example
 * ```ts
 * import { parseAgUiRequest } from '@user-execution-context/golden-path/ag-ui'
 *
 * export const { threadId, text } = parseAgUiRequest({
 *   threadId: 't-1',
 *   messages: [{ id: 'm-1', role: 'user', content: 'Hello' }],
 * })
 * ```
 */
export const parseAgUiRequest = (body: unknown): AgUiRunRequest => {
  const request = parseForeignRequest(body, 'threadId', 'content')
  const { protocolVersion: version } = body as { readonly protocolVersion?: unknown }
  return { ...request, protocolVersion: typeof version === 'string' && /^\d+(\.\d+)*$/.test(version) ? version : '0' }
}

function toEventsBefore1(event: AgUiEvent, message: RunEvent | ResumeGap): readonly AgUiEvent[] {
  if (event.type !== 'RUN_FINISHED' || message.type !== 'agent_cancelled') return [event]
  const { outcome: _outcome, ...finished } = event
  return [{ type: 'CUSTOM', name: 'run_cancelled', value: { reason: message.data.reason } }, finished]
}

function toAgUiEvents(step: SpanStep): readonly AgUiEvent[] {
  if (step.step === 'start') {
    const { threadId, runId } = step.run
    return [{ type: 'RUN_STARTED', threadId, runId, protocolVersion }]
  }
  if (step.step === 'gap') {
    const { fromSequence, toSequence, reason } = step.gap
    return [{ type: 'CUSTOM', name: 'resume_gap', value: { fromSequence, toSequence, reason } }]
  }
  if (step.step === 'lost result') {
    const { runId } = step
    const toolCallId = toCallId(runId, step.toolCallId)
    return [{ type: 'TOOL_CALL_RESULT', messageId: `${toolCallId}-lost`, toolCallId, content: lostResultText }]
  }
  if (step.step === 'event') return toPlainEvents(step.event)
  const { kind, spanId: messageId } = step
  if (kind === 'text') {
    if (step.step === 'open') return [{ type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' }]
    if (step.step === 'close') return [{ type: 'TEXT_MESSAGE_END', messageId }]
    return [{ type: 'TEXT_MESSAGE_CONTENT', messageId, delta: step.text }]
  }
  if (step.step === 'open') {
    return [
      { type: 'REASONING_START', messageId },
      { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' },
    ]
  }
  if (step.step === 'close')
    return [
      { type: 'REASONING_MESSAGE_END', messageId },
      { type: 'REASONING_END', messageId },
    ]
  return [{ type: 'REASONING_MESSAGE_CONTENT', messageId, delta: step.text }]
}

function toPlainEvents(event: PlainRunEvent): readonly AgUiEvent[] {
  const { threadId, runId } = event
  switch (event.type) {
    case 'tool_executing': {
      const { toolName, input } = event.data
      const toolCallId = toCallId(runId, event.data.toolCallId)
      return [
        { type: 'TOOL_CALL_START', toolCallId, toolCallName: toolName },
        { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify(input ?? {}) },
        { type: 'TOOL_CALL_END', toolCallId },
      ]
    }
    case 'tool_completed': {
      const { output, interrupted } = event.data
      const toolCallId = toCallId(runId, event.data.toolCallId)
      const content = interrupted
        ? interruptedText
        : typeof output === 'string'
          ? output
          : JSON.stringify(output ?? null)
      return [{ type: 'TOOL_CALL_RESULT', messageId: `${runId}-result-${event.sequence}`, toolCallId, content }]
    }
    case 'agent_completed':
      return [{ type: 'RUN_FINISHED', threadId, runId, result: event.data, outcome: { type: 'success' } }]
    case 'agent_cancelled':
      return [{ type: 'RUN_FINISHED', threadId, runId, outcome: { type: 'cancelled' } }]
    case 'agent_failed':
      return [{ type: 'RUN_ERROR', message: event.data.message, code: event.data.code }]
  }
}

// Unique in the run, says the agent. The client keeps the calls of all runs of a conversation in one list.
function toCallId(runId: string, toolCallId: string): string {
  return `${runId}-${toolCallId}`
}
