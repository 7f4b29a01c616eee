/**
 * What a client may say over a WebSocket: schema, types, and the one place where its text becomes typed.
 */
import { ContextError, parseRunId, parseThreadId, type RunId, type ThreadId } from 'user-execution-context'
import { wireCheck } from './wire-check.ts'
import type { TypeOf } from './wire-schema.ts'

const id = { type: 'string', minLength: 1, maxLength: 128 } as const
const clientRequestId = { ...id, description: 'Repeated in the answer. Any text of yours.' } as const

/** How long an idempotency key is: short ones are guessed, or used twice by mistake. */
export const idempotencyKeyLength = Object.freeze({ min: 16, max: 256 })

/** JSON Schema of the messages of a client. */
export const clientMessageSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Message of a client',
  oneOf: [
    {
      type: 'object',
      description: 'Starts a run. The user is the one whom the connection belongs to.',
      properties: {
        type: { const: 'start_run' },
        input: {
          type: 'object',
          properties: { text: { type: 'string', minLength: 1 } },
          required: ['text'],
          additionalProperties: false,
        },
        threadId: { ...id, description: 'The conversation. Default: a new one.' },
        idempotencyKey: {
          type: 'string',
          minLength: idempotencyKeyLength.min,
          maxLength: idempotencyKeyLength.max,
          description: 'Starts one run, however often it is sent in a thread.',
        },
        clientRequestId,
      },
      required: ['type', 'input'],
      additionalProperties: false,
    },
    {
      type: 'object',
      description: 'Requests the events of a run after one that the client has; sequence 0 requests all.',
      properties: {
        type: { const: 'resume' },
        runId: id,
        epoch: {
          type: 'integer',
          minimum: 1,
          description: 'Of the last event. Default 1: then text may come again behind a resume_gap.',
        },
        lastSequence: { type: 'integer', minimum: 0 },
        clientRequestId,
      },
      required: ['type', 'runId', 'lastSequence'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'cancel_run' }, runId: id, clientRequestId },
      required: ['type', 'runId'],
      additionalProperties: false,
    },
    {
      type: 'object',
      description: 'Prolongs the connection with a newer token of the same subject.',
      properties: { type: { const: 'renew_token' }, token: { type: 'string', minLength: 1 }, clientRequestId },
      required: ['type', 'token'],
      additionalProperties: false,
    },
    { type: 'object', properties: { type: { const: 'ping' } }, required: ['type'], additionalProperties: false },
  ],
} as const

const findIssues = wireCheck(clientMessageSchema)

type RawMessage = TypeOf<typeof clientMessageSchema>
type Ids = { readonly threadId: ThreadId; readonly runId: RunId }

/** A checked message of a client. Its ids have the form of ids; whose they are is checked where they are used. */
export type ClientMessage = RawMessage extends infer Message
  ? Message extends RawMessage
    ? {
        readonly [Key in keyof Message]: Key extends keyof Ids
          ? Ids[Key] | Extract<Message[Key], undefined>
          : Message[Key]
      }
    : never
  : never

/**
 * Turns the text of one frame into a message.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_MESSAGE` with all issues and without the text; `ERR_CONTEXT_INVALID_ID`.
 * @example
 * ```ts
 * import { parseClientMessage } from '@user-execution-context/golden-path'
 *
 * parseClientMessage('{"type":"ping"}').type // => 'ping'
 * ```
 */
export const parseClientMessage = (text: string): ClientMessage => parseClientValue(parseJson(text))

/** Checks a message that is no text any more. Not public. @throws {ContextError} As parseClientMessage(). */
export const parseClientValue = (message: unknown): ClientMessage => {
  const issues = findIssues(message)
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues })
  const typed = message as RawMessage
  if ('runId' in typed) parseRunId(typed.runId)
  if ('threadId' in typed) parseThreadId(typed.threadId)
  return typed as ClientMessage
}

/** The `clientRequestId` of a text that may be no message at all, so that its error can name it. */
export const findClientRequestId = (text: string): string | undefined => {
  try {
    const message: unknown = JSON.parse(text)
    const found =
      typeof message === 'object' && message !== null && 'clientRequestId' in message
        ? message.clientRequestId
        : undefined
    return typeof found === 'string' && found.length <= 128 ? found : undefined
  } catch {
    return undefined
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: '', kind: 'not JSON' }] })
  }
}
