/**
 * Floor 7. Any language model of the Vercel AI SDK as an agent. `ai` is loaded when the first run starts.
 *
 * The model's input is built from the run's text, the instructions and the tools' own results. The scope and its
 * context reach the tools through a closure, never through a message: what a model has not read it cannot repeat, and
 * what it says cannot change whose data a tool opens.
 */
import type { CallSettings, FlexibleSchema, LanguageModel, ModelMessage, TextStreamPart, ToolSet } from 'ai'
import { randomUUID } from 'node:crypto'
import {
  ContextError,
  findIdIssue,
  isContextError,
  requireContext,
  toClientAnswer,
  toIssuePath,
  type Issue,
  type JsonInput,
  type Scope,
} from 'user-execution-context'
import type { Agent, AgentEvent } from '../phases/agent.ts'
import { callListener } from '../phases/call-listener.ts'

/** A tool that acts for the user of the run. */
export type AiSdkTool<Input> = {
  /** Tells the model when to use it. The model reads this. */
  readonly description: string
  /** A zod schema, or `jsonSchema()` of the AI SDK. The model's input is checked against it. */
  readonly inputSchema: FlexibleSchema<Input>
  /**
   * Does the work. `scope` is the tool's own: its context is a child of the run's, and it closes when this settles.
   * The input was written by the model: take ids of users and tenants from `scope.context` only.
   *
   * @returns JSON. The model reads it, and it is delivered to the user.
   */
  readonly execute: (scope: Scope, input: Input) => unknown
}

/** Options of {@link aiSdkAgent}. */
export type AiSdkAgentOptions = {
  /** Instructions for the model. The same for all users: nothing of a user belongs here. Default none. */
  readonly instructions?: string | undefined
  /** The tools by name. Default none. */
  // oxlint-disable-next-line no-explicit-any -- each tool has an input of its own
  readonly tools?: Readonly<Record<string, AiSdkTool<any>>> | undefined
  /**
   * What was said before in this thread, oldest first, from your store. File it under the user, tenant and thread of
   * `scope.context`: what this returns, the model reads. Default: nothing, each run stands for itself.
   */
  readonly history?: ((scope: Scope) => Promise<readonly ModelMessage[]> | readonly ModelMessage[]) | undefined
  /** How many times the model may be called in one run. Default 8. */
  readonly maxSteps?: number | undefined
  /** Temperature, token limits and the like, passed on to the model. */
  readonly settings?: Omit<CallSettings, 'abortSignal' | 'headers'> | undefined
  /** Told of a tool that threw. The model and the user read a fixed sentence instead of the error. Default: nobody. */
  readonly onToolError?: ((scope: Scope, error: unknown) => void) | undefined
}

/** Infers the input of a tool from its schema. @returns The same tool. */
export const aiSdkTool = <Input>(tool: AiSdkTool<Input>): AiSdkTool<Input> => tool

/**
 * Makes an agent of a language model of the AI SDK (version 6).
 *
 * A tool that throws does not end the run: the model is told that it failed, in a fixed sentence. An error of this
 * package does end it, because a mix-up of users is nothing to carry on from.
 *
 * @param model - Any language model: from a provider package, from the gateway, or the SDK's mock model in tests.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when `maxSteps` is no whole number from 1 up, or a tool has a name that
 *   is no id.
 */
export const aiSdkAgent = (model: LanguageModel, options: AiSdkAgentOptions = {}): Agent => {
  assertOptions(options)
  return async function* run(scope, input) {
    requireContext(scope.context)
    const { streamText, stepCountIs } = await import('ai')
    const stop = new AbortController()
    const onAbort = (): void => stop.abort(scope.signal.reason)
    if (scope.signal.aborted) onAbort()
    scope.signal.addEventListener('abort', onAbort, { once: true })
    try {
      const history = (await options.history?.(scope)) ?? []
      const { fullStream } = streamText({
        ...options.settings,
        model,
        ...(options.instructions === undefined ? {} : { system: options.instructions }),
        messages: [...history, { role: 'user', content: input.text }],
        tools: toToolSet(scope, options, (error) => stop.abort(error)),
        stopWhen: stepCountIs(options.maxSteps ?? 8),
        abortSignal: stop.signal,
        // The SDK prints errors by default, and an error of a provider may quote the prompt.
        onError: () => {},
      })
      yield* toAgentEvents(fullStream, stop.signal)
    } finally {
      scope.signal.removeEventListener('abort', onAbort)
      // Stops the model when the caller leaves early.
      stop.abort()
    }
  }
}

// A wrong number of steps would be none at all to the SDK, and a tool whose name no child context can have would never run.
function assertOptions({ maxSteps, tools }: AiSdkAgentOptions): void {
  const issues: Issue[] = []
  if (maxSteps !== undefined && !Number.isSafeInteger(maxSteps)) issues.push({ path: 'maxSteps', kind: 'not a number' })
  else if (maxSteps !== undefined && maxSteps < 1) issues.push({ path: 'maxSteps', kind: 'too small' })
  for (const [position, name] of Object.keys(tools ?? {}).entries()) {
    const kind = name === 'root' ? 'reserved' : findIdIssue(name)
    if (kind !== undefined) issues.push({ path: toIssuePath('tools', name, position), kind })
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
}

function toToolSet(scope: Scope, options: AiSdkAgentOptions, fail: (error: unknown) => void): ToolSet {
  const toEntry = ([name, { description, inputSchema, execute }]: [string, AiSdkTool<unknown>]): [
    string,
    ToolSet[string],
  ] => [
    name,
    {
      description,
      inputSchema,
      execute: async (input: unknown) => {
        const tell = (error: unknown): void =>
          callListener(
            () => options.onToolError?.(toolScope ?? scope, error),
            () => {},
          )
        let toolScope: Scope | undefined
        try {
          toolScope = scope.child(name)
          // What is no JSON is the tool's fault, and not the end of the run.
          return toJson(await execute(toolScope, input))
        } catch (error) {
          // First, whatever becomes of the telling.
          if (isContextError(error)) fail(error)
          tell(error)
          return { error: toClientAnswer(error).message }
        } finally {
          // The tool has done its work: a model that hears of a failure does it again.
          await toolScope?.close().catch(tell)
        }
      },
    },
  ]
  // Without a prototype: a model may call "toString", and the SDK would find one.
  return Object.assign(
    Object.create(null),
    Object.fromEntries(Object.entries(options.tools ?? {}).map(toEntry)),
  ) as ToolSet
}

async function* toAgentEvents(
  parts: AsyncIterable<TextStreamPart<ToolSet>>,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent> {
  let answer = ''
  const ids = new CallIds()
  for await (const part of parts) {
    signal.throwIfAborted()
    switch (part.type) {
      case 'error':
        throw part.error
      case 'reasoning-delta':
        yield { type: 'agent_thinking', text: part.text }
        break
      // The answer is the text of the last step: what came before a tool call was said on the way to it.
      case 'start-step':
        answer = ''
        break
      case 'text-delta':
        answer += part.text
        yield { type: 'agent_message_delta', text: part.text }
        break
      case 'tool-call':
        yield {
          type: 'tool_executing',
          toolCallId: ids.open(part.toolCallId),
          toolName: toName(part.toolName),
          input: toJson(part.input),
        }
        break
      case 'tool-result': {
        // A tool of the provider can have several results for one call, previews first, and the SDK does not say which is which.
        const toolCallId = ids.close(part.toolCallId)
        if (toolCallId === undefined) break
        yield { type: 'tool_completed', toolCallId, toolName: toName(part.toolName), output: toJson(part.output) }
        break
      }
      // The model called a tool that does not exist, or with an input that its schema refuses.
      case 'tool-error': {
        const toolCallId = ids.close(part.toolCallId)
        if (toolCallId === undefined) break
        yield {
          type: 'tool_completed',
          toolCallId,
          toolName: toName(part.toolName),
          output: { error: 'The tool could not be called.' },
        }
        break
      }
      case 'finish':
        if (part.finishReason === 'error') throw new Error('The model ended with an error')
    }
  }
  signal.throwIfAborted()
  yield { type: 'agent_completed', text: answer }
}

/** Ids of tool calls, unique in the run and of the form that events have: models repeat theirs, and some make long ones. */
class CallIds {
  readonly #used = new Set<string>()
  readonly #open = new Map<string, string[]>()

  open(id: string): string {
    const own = findIdIssue(id) === undefined && !this.#used.has(id) ? id : randomUUID()
    this.#used.add(own)
    this.#open.set(id, [...(this.#open.get(id) ?? []), own])
    return own
  }

  /** Calls of one id end in the order in which they were opened, as far as anybody can tell. */
  close(id: string): string | undefined {
    return this.#open.get(id)?.shift()
  }
}

// A model can make up any name.
function toName(name: string): string {
  return name === '' ? 'unnamed' : name.slice(0, 128)
}

function toJson(value: unknown): JsonInput {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value) ?? 'null') as JsonInput)
}
