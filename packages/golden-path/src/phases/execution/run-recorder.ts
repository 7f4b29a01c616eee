/**
 * Turns what an agent yields into the events of its run: checked, numbered, paired, bounded, and nothing after
 * the terminal event.
 */
import { ContextError, toClientAnswer, type UserExecutionContext } from 'user-execution-context'
import type { AgentInput } from '../ports/agent.ts'
import { isPending, type Awaitable } from '../ports/awaitable.ts'
import { EnvelopeWriter, type IsoClock } from './envelope-writer.ts'
import type { EventWriter, LoggedEvent } from '../ports/event-log.ts'
import type { Limits } from '../limits.ts'
import type { CancelReason, RunEventType } from '../wire/wire-envelope.ts'

/** How a run ended. */
export type RunEnd =
  | { readonly type: 'agent_completed'; readonly text: string }
  | { readonly type: 'agent_failed'; readonly error: unknown }
  | { readonly type: 'agent_cancelled'; readonly reason: CancelReason }

const maxNameLength = 128

/** Records one run. */
export class RunRecorder {
  readonly #envelope: EnvelopeWriter
  readonly #writer: EventWriter
  readonly #limits: Limits
  readonly #openTools = new Map<string, string>()
  #answer = ''
  #outputBytes = 0
  #pending: Promise<void> | undefined

  constructor(context: UserExecutionContext, writer: EventWriter, limits: Limits, clock: IsoClock) {
    this.#envelope = new EnvelopeWriter(context, clock)
    this.#writer = writer
    this.#limits = limits
  }

  /** The event that the log is taking, if it takes its time. */
  get pending(): Promise<void> | undefined {
    return this.#pending
  }

  /** Writes the first event. */
  start(input: AgentInput): Awaitable<void> {
    return this.#add('agent_started', `{"input":{"text":${JSON.stringify(input.text)}}}`)
  }

  /**
   * Takes what the agent yielded.
   *
   * @returns The end of the run when the event completes it; otherwise undefined, or a promise when the log asks to
   *   wait.
   * @throws {ContextError} `ERR_CONTEXT_AGENT_EVENT_INVALID`, `ERR_CONTEXT_OUTPUT_TOO_LARGE`.
   */
  take(event: unknown): RunEnd | Awaitable<void> {
    if (typeof event !== 'object' || event === null) throw invalid('')
    const yielded = event as Readonly<Record<string, unknown>>
    switch (yielded['type']) {
      case 'agent_message_delta': {
        const text = parseText(yielded['text'])
        this.#answer += text
        // Not in bytes, which would cost a pass over the whole answer for each piece: a first, coarse bound.
        if (this.#answer.length > this.#limits.eventBytes) throw tooLarge('limits.eventBytes')
        return this.#output('agent_message_delta', `{"text":${JSON.stringify(text)}}`)
      }
      case 'agent_thinking':
        return this.#output('agent_thinking', `{"text":${JSON.stringify(parseText(yielded['text']))}}`)
      case 'tool_executing':
        return this.#openTool(yielded)
      case 'tool_completed':
        return this.#closeTool(yielded)
      case 'agent_completed': {
        const { text } = yielded
        return this.complete(text === undefined ? undefined : parseText(text))
      }
      default:
        throw invalid('type')
    }
  }

  /** The end of a run whose agent is done. Default text: the joined deltas. */
  complete(text: string = this.#answer): RunEnd {
    if (Buffer.byteLength(text) > this.#limits.eventBytes) throw tooLarge('limits.eventBytes')
    return { type: 'agent_completed', text }
  }

  /**
   * Closes the tool calls that are open and writes the terminal event. Goes on where it failed when it is called again.
   */
  async finish(end: RunEnd): Promise<void> {
    for (const [toolCallId, toolName] of this.#openTools) {
      await this.#add('tool_completed', JSON.stringify({ toolCallId, toolName, output: null, interrupted: true }))
      this.#openTools.delete(toolCallId)
    }
    await this.#add(end.type, JSON.stringify(toData(end)))
  }

  #openTool({ toolCallId, toolName, input }: Readonly<Record<string, unknown>>): Awaitable<void> {
    const id = parseName(toolCallId, 'toolCallId')
    const name = parseName(toolName, 'toolName')
    if (this.#openTools.has(id)) throw invalid('toolCallId')
    const data = `{${toToolText(id, name)},"input":${toJson(input, 'input')}}`
    return this.#output('tool_executing', data, () => this.#openTools.set(id, name))
  }

  #closeTool({ toolCallId, toolName, output }: Readonly<Record<string, unknown>>): Awaitable<void> {
    const id = parseName(toolCallId, 'toolCallId')
    const name = parseName(toolName, 'toolName')
    if (this.#openTools.get(id) !== name) throw invalid('toolCallId')
    const data = `{${toToolText(id, name)},"output":${toJson(output, 'output')}}`
    return this.#output('tool_completed', data, () => this.#openTools.delete(id))
  }

  // What the agent yields is bounded; what the executor adds (start, closed tools, end) always fits.
  #output(type: RunEventType, data: string, onWritten?: () => void): Awaitable<void> {
    const { eventBytes, outputBytesPerRun } = this.#limits
    const left = outputBytesPerRun - this.#outputBytes
    const event = this.#envelope.write(type, data, Math.min(eventBytes, left))
    if (event === undefined) throw tooLarge(left < eventBytes ? 'limits.outputBytesPerRun' : 'limits.eventBytes')
    this.#outputBytes += event.bytes
    return this.#append(event, onWritten)
  }

  #add(type: RunEventType, data: string): Awaitable<void> {
    return this.#append(this.#envelope.write(type, data, Infinity)!)
  }

  // A call is open, or closed, once the log has that: the end closes all calls that a reader saw opened, and no others.
  #append(event: LoggedEvent, onWritten?: () => void): Awaitable<void> {
    let written: Awaitable<void>
    try {
      written = this.#writer.append(event)
    } catch (error) {
      this.#envelope.takeBack(event)
      throw error
    }
    if (isPending(written)) return (this.#pending = this.#settle(written, event, onWritten))
    onWritten?.()
  }

  async #settle(written: PromiseLike<void>, event: LoggedEvent, onWritten?: () => void): Promise<void> {
    try {
      await written
      onWritten?.()
    } catch (error) {
      // The log does not have it: the next event takes its number, or there would be a hole.
      this.#envelope.takeBack(event)
      throw error
    } finally {
      this.#pending = undefined
    }
  }
}

function toData(end: RunEnd): unknown {
  switch (end.type) {
    case 'agent_completed':
      return { text: end.text }
    case 'agent_cancelled':
      return { reason: end.reason }
    case 'agent_failed': {
      const { code, message } = toClientAnswer(end.error)
      return { code, message }
    }
  }
}

function parseText(text: unknown): string {
  if (typeof text !== 'string') throw invalid('text')
  return text
}

function parseName(name: unknown, path: string): string {
  if (typeof name !== 'string' || name === '' || name.length > maxNameLength) throw invalid(path)
  return name
}

function toJson(value: unknown, path: string): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (cause) {
    throw new ContextError('ERR_CONTEXT_AGENT_EVENT_INVALID', { issues: [{ path, kind: 'not JSON' }], cause })
  }
}

function invalid(path: string): ContextError {
  return new ContextError('ERR_CONTEXT_AGENT_EVENT_INVALID', { issues: [{ path, kind: 'does not fit' }] })
}

function tooLarge(path: string): ContextError {
  return new ContextError('ERR_CONTEXT_OUTPUT_TOO_LARGE', { issues: [{ path, kind: 'too large' }] })
}

function toToolText(toolCallId: string, toolName: string): string {
  return `"toolCallId":${JSON.stringify(toolCallId)},"toolName":${JSON.stringify(toolName)}`
}
