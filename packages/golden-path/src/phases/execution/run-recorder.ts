/**
 * Turns what an agent yields into the events of its run: checked, numbered, paired, bounded, and nothing after
 * the terminal event.
 */
import { ContextError, toClientAnswer } from 'user-execution-context'
import type { AgentInput } from '../ports/agent.ts'
import { isPending, type Awaitable } from '../ports/awaitable.ts'
import { EnvelopeWriter, type IsoClock, type RunIds } from './envelope-writer.ts'
import type { EventWriter, LoggedEvent } from '../ports/event-log.ts'
import type { Limits } from '../limits.ts'
import type { CancelReason, RunEventType } from '../wire/wire-envelope.ts'

/** How a run ended. */
export type RunEnd =
  | { readonly type: 'agent_completed'; readonly text: string }
  | { readonly type: 'agent_failed'; readonly error: unknown }
  | { readonly type: 'agent_cancelled'; readonly reason: CancelReason }

/** What a run said before another worker took it up. */
export type EarlierEvents = {
  /** The text of the answer so far. */
  readonly answer: string
  /** Tool calls without a result, from id to name. */
  readonly openTools: ReadonlyMap<string, string>
  readonly outputBytes: number
}

/** An event of which it is not known whether the log has it, and what is to be done when it has. */
type Doubt = { readonly sequence: number; readonly onWritten: (() => void) | undefined }

const maxNameLength = 128

/** Records one run. */
export class RunRecorder {
  readonly #envelope: EnvelopeWriter
  #writer: EventWriter
  readonly #limits: Limits
  readonly #openTools = new Map<string, string>()
  #answer = ''
  #outputBytes = 0
  #pending: Promise<void> | undefined
  #doubt: Doubt | undefined

  constructor({ threadId, runId }: Omit<RunIds, 'requestId'>, writer: EventWriter, limits: Limits, clock: IsoClock) {
    const { epoch, lastSequence, requestId } = writer
    this.#envelope = new EnvelopeWriter({ threadId, runId, requestId }, { epoch, sequence: lastSequence }, clock)
    this.#writer = writer
    this.#limits = limits
  }

  /** The event that the log is taking, if it takes its time. */
  get pending(): Promise<void> | undefined {
    return this.#pending
  }

  /** Goes on with what an earlier worker wrote. */
  takeUp({ answer, openTools, outputBytes }: EarlierEvents): void {
    this.#answer = answer
    this.#outputBytes = outputBytes
    for (const [id, name] of openTools) this.#openTools.set(id, name)
  }

  /** Writes the first event. */
  start({ text }: AgentInput): Awaitable<void> {
    const data = `{"input":{"text":${JSON.stringify(text)}}}`
    return this.#doubt === undefined ? this.#add('agent_started', data) : this.#startAgain(data)
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
   * Closes the tool calls that are open. Goes on where it failed when it is called again.
   *
   * @throws {ContextError} `ERR_CONTEXT_WRITE_FENCED` when another worker has the run, or the log has its end already.
   */
  async closeTools(): Promise<void> {
    await this.#settleDoubt()
    for (const [toolCallId, toolName] of this.#openTools) {
      const data = JSON.stringify({ toolCallId, toolName, output: null, interrupted: true })
      await this.#add('tool_completed', data, () => this.#openTools.delete(toolCallId))
    }
  }

  /** Closes the tool calls that are open and writes the terminal event. As closeTools(). */
  finish(end: RunEnd): Awaitable<void> {
    const write = (): Awaitable<void> => this.#add(end.type, JSON.stringify(toData(end)))
    const isSettled = this.#doubt === undefined && this.#openTools.size === 0
    return isSettled ? write() : this.closeTools().then(write)
  }

  async #startAgain(data: string): Promise<void> {
    await this.#settleDoubt()
    if (this.#writer.lastSequence === 0) await this.#add('agent_started', data)
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

  #add(type: RunEventType, data: string, onWritten?: () => void): Awaitable<void> {
    return this.#append(this.#envelope.write(type, data, Infinity)!, onWritten)
  }

  // A call is open, or closed, once the log has that: the end closes all calls that a reader saw opened, and no others.
  #append(event: LoggedEvent, onWritten: (() => void) | undefined): Awaitable<void> {
    const { sequence } = event
    let written: Awaitable<void>
    try {
      written = this.#writer.append(event)
    } catch (error) {
      this.#doubt = { sequence, onWritten }
      throw error
    }
    if (!isPending(written)) {
      onWritten?.()
      return
    }
    const doubt = (this.#doubt = { sequence, onWritten })
    return (this.#pending = this.#settle(written, doubt))
  }

  async #settle(written: PromiseLike<void>, doubt: Doubt): Promise<void> {
    try {
      await written
      if (this.#doubt === doubt) {
        this.#doubt = undefined
        doubt.onWritten?.()
      }
    } finally {
      if (this.#doubt === undefined || this.#doubt === doubt) this.#pending = undefined
    }
  }

  // The log failed, or takes too long: it may have the event or get it yet. A newer writer ends that, and is told how
  // far the run has come; a number that may have been sent is not given to another event.
  async #settleDoubt(): Promise<void> {
    const doubt = this.#doubt
    if (doubt === undefined) return
    this.#writer = await this.#writer.reopen()
    const { epoch, lastSequence } = this.#writer
    this.#envelope.goOn({ epoch, sequence: lastSequence })
    this.#doubt = undefined
    this.#pending = undefined
    if (lastSequence >= doubt.sequence) doubt.onWritten?.()
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
