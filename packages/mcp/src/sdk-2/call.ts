/**
 * The third argument of a handler: what it knows of the request, and how it asks the user for more.
 */
import {
  acceptedContent,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type InputRequests,
  type InputRequiredResult,
  type ServerContext,
  type StandardSchemaV1,
} from '@modelcontextprotocol/server'
import type { FrozenJsonRecord, JsonRecord, UserExecutionContext } from 'user-execution-context'
import type { Settings } from '../options/options.ts'
import { unsealState, sealState, type RequestParts } from '../state/request-state.ts'

/** One call of a tool, a resource or a prompt. */
export type McpCall = {
  /** What ask() kept, in the round that follows it. Undefined in the first round. */
  readonly kept: FrozenJsonRecord | undefined
  /**
   * What the client answered to ask(), by key, unchecked. Undefined in the first round: an answer to a question that
   * was not asked of this user is none.
   */
  readonly answers: Readonly<Record<string, unknown>> | undefined
  /** The content that the user accepted for a question, if it fits the schema; undefined otherwise. */
  readonly answer: <Schema extends StandardSchemaV1>(
    key: string,
    schema: Schema,
  ) => StandardSchemaV1.InferOutput<Schema> | undefined
  /**
   * Asks the user: return what it gives. The client asks, and sends the same request again with the answers and a
   * state, which is sealed to this user, method, target, arguments and time, and opens once.
   *
   * @param requests - By key, such as `{ sure: inputRequired.elicit({ … }) }`.
   * @param keep - JSON that the next round needs, at most 8,192 bytes. It is encrypted. Default nothing.
   */
  readonly ask: (requests: InputRequests, keep?: JsonRecord) => Promise<InputRequiredResult>
  /** The SDK's view of the request: progress, logging, its signal. It holds no token. */
  readonly sdk: ServerContext
}

/** A state that was opened, on its way from the check of the SDK to the handler. */
export class OpenedState {
  readonly kept: FrozenJsonRecord

  constructor(kept: FrozenJsonRecord) {
    this.kept = kept
  }
}

/** The error for a state that does not open: the one that the SDK gives, whatever the reason. */
export const invalidState = (): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
    reason: 'invalid_request_state',
  })

/**
 * Makes the argument.
 *
 * @throws {ProtocolError} For a state that does not open, where no check of the SDK has seen it.
 */
export const newCall = async (
  context: UserExecutionContext,
  parts: RequestParts,
  sdk: ServerContext,
  settings: Settings,
): Promise<McpCall> => {
  const kept = await findKept(context, parts, sdk, settings)
  const answers = kept === undefined ? undefined : sdk.mcpReq.inputResponses
  return Object.freeze({
    kept,
    answers,
    answer: <Schema extends StandardSchemaV1>(key: string, schema: Schema) => acceptedContent(answers, key, schema),
    ask: async (requests: InputRequests, keep: JsonRecord = {}) =>
      inputRequired({ inputRequests: requests, requestState: await sealState(context, parts, keep, settings) }),
    sdk,
  })
}

async function findKept(
  context: UserExecutionContext,
  parts: RequestParts,
  sdk: ServerContext,
  settings: Settings,
): Promise<FrozenJsonRecord | undefined> {
  const state = sdk.mcpReq.requestState<unknown>()
  if (state instanceof OpenedState) return state.kept
  if (typeof state !== 'string') return undefined
  try {
    return await unsealState(state, context, parts, settings)
  } catch (error) {
    settings.report(error)
    throw invalidState()
  }
}
