/**
 * Any language model of the Vercel AI SDK as an agent. `ai` is loaded when the first run starts.
 *
 * The model's input is built from the run's text, the instructions and the tools' own results. The scope and its
 * context reach the tools through a closure, never through a message: what a model has not read it cannot repeat, and
 * what it says cannot change whose data a tool opens.
 */
import type { LanguageModel, ModelMessage, TextStreamPart, ToolSet } from 'ai'
import {
  ContextError,
  findIdIssue,
  findUnknownKeys,
  requireContext,
  toIssuePath,
  type Issue,
  type JsonInput,
  type Scope,
} from 'user-execution-context'
import type { Agent, AgentEvent } from '../phases/ports/agent.ts'
import { toJson, toolKeys, toToolSet, type ToolOptions } from './ai-sdk-tools.ts'
import { CallIds } from './call-ids.ts'
import { assertPeerVersion, refusePeer } from './peer-version.ts'

/** What is passed on to the model with each call. The names are those of the AI SDK. */
export type ModelSettings = {
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  readonly stopSequences?: string[]
  readonly seed?: number
  /** How often a call that fails is made again. Default of the AI SDK: 2. */
  readonly maxRetries?: number
}

/** Options of {@link aiSdkAgent}. */
export type AiSdkAgentOptions = ToolOptions & {
  /** Instructions for the model. The same for all users: nothing of a user belongs here. Default none. */
  readonly instructions?: string | undefined
  /**
   * What was said before in this thread, oldest first, from your store. File it under the user, tenant and thread of
   * `scope.context`: what this returns, the model reads. Default: nothing, each run stands for itself.
   */
  readonly history?: ((scope: Scope) => Promise<readonly ModelMessage[]> | readonly ModelMessage[]) | undefined
  /** How many times the model may be called in one run. Default 8. */
  readonly maxSteps?: number | undefined
  /** Temperature, token limits and the like, passed on to the model. */
  readonly settings?: ModelSettings | undefined
}

/**
 * Makes an agent of a language model of the AI SDK (tested with versions 6 and 7).
 *
 * A tool that throws does not end the run: the model is told that it failed, in a fixed sentence. An error of this
 * package does end it, because a mix-up of users is nothing to carry on from.
 *
 * A source that the model cites and a file that it makes are delivered as a pair of tool events named `source` and
 * `file`; a file beyond `limits.eventBytes` ends the run with `ERR_CONTEXT_OUTPUT_TOO_LARGE`.
 *
 * @param model - Any language model: from a provider package, from the gateway, or the SDK's mock model in tests.
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPTIONS` when `maxSteps` is no whole number from 1 up, a tool has a name
 *   that is no id, or there is an unknown key, of a tool too. `ERR_CONTEXT_PEER_UNSUPPORTED` when the installed `ai` is
 *   older than 6, here or in its runs.
 * @example
 * ```ts
 * import { jsonSchema, type LanguageModel } from 'ai'
 * import { aiSdkAgent, aiSdkTool } from '@user-execution-context/golden-path/ai-sdk'
 *
 * declare const model: LanguageModel
 * declare const notesOf: (userId: string, limit: number) => Promise<string[]>
 *
 * export const agent = aiSdkAgent(model, {
 *   instructions: 'Answer in one sentence.',
 *   tools: {
 *     'list-notes': aiSdkTool({
 *       description: 'Lists notes of the user.',
 *       inputSchema: jsonSchema<{ limit: number }>({ type: 'object', properties: { limit: { type: 'integer' } } }),
 *       execute: ({ context }, { limit }) => notesOf(context.userId, limit),
 *     }),
 *   },
 * })
 * ```
 */
export const aiSdkAgent = (model: LanguageModel, options: AiSdkAgentOptions = {}): Agent => {
  assertOptions(options)
  // Here too, so that an application hears it when it starts, and not in its first run.
  assertPeerVersion('ai')
  return async function* run(scope, input) {
    requireContext(scope.context)
    const { streamText, stepCountIs } = await loadAiSdk()
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

// Not at load: an app that runs no such agent needs no AI SDK.
async function loadAiSdk(): Promise<typeof import('ai')> {
  assertPeerVersion('ai')
  const sdk = await import('ai')
  if (typeof sdk.streamText !== 'function' || typeof sdk.stepCountIs !== 'function') throw refusePeer('ai')
  return sdk
}

// A wrong number of steps would be none at all to the SDK, and a tool whose name no child context can have would never
// run.
function assertOptions(options: AiSdkAgentOptions): void {
  const issues: Issue[] = findUnknownKeys(options, [
    ...['instructions', 'history', 'maxSteps', 'settings', 'tools', 'onToolError', 'actor', 'ambient'],
  ])
  const { maxSteps, tools } = options ?? {}
  if (maxSteps !== undefined && !Number.isSafeInteger(maxSteps)) issues.push({ path: 'maxSteps', kind: 'not a number' })
  else if (maxSteps !== undefined && maxSteps < 1) issues.push({ path: 'maxSteps', kind: 'too small' })
  for (const [position, [name, tool]] of Object.entries(tools ?? {}).entries()) {
    const path = toIssuePath('tools', name, position)
    const kind = name === 'root' ? 'reserved' : findIdIssue(name)
    if (kind !== undefined) issues.push({ path, kind })
    // `permission` in place of `permissions` would give the tool all rights of the run.
    issues.push(...findUnknownKeys(tool, toolKeys, path))
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_OPTIONS', { issues })
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
        // A tool of the provider can have several results for one call, previews first, and the SDK does not say which
        // is which.
        const toolCallId = ids.close(part.toolCallId)
        if (toolCallId === undefined) break
        yield { type: 'tool_completed', toolCallId, toolName: toName(part.toolName), output: toJson(part.output) }
        break
      }
      case 'source':
        yield* toPair(ids.open(part.id), 'source', toSource(part))
        break
      case 'file':
        yield* toPair(ids.open(''), 'file', { mediaType: part.file.mediaType, base64: part.file.base64 })
        break
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

// What a model cites or makes beside its text has no event of its own: it goes out as the result of a call.
function* toPair(toolCallId: string, toolName: string, output: JsonInput): Generator<AgentEvent> {
  yield { type: 'tool_executing', toolCallId, toolName, input: null }
  yield { type: 'tool_completed', toolCallId, toolName, output }
}

function toSource(part: Extract<TextStreamPart<ToolSet>, { readonly type: 'source' }>): JsonInput {
  if (part.sourceType === 'url') return toJson({ sourceType: 'url', url: part.url, title: part.title })
  const { mediaType, title, filename } = part
  return toJson({ sourceType: 'document', mediaType, title, filename })
}

// A model can make up any name.
function toName(name: string): string {
  return name === '' ? 'unnamed' : name.slice(0, 128)
}
