/**
 * The wire envelope of a run's events: schema, types, and the writer that makes its text.
 *
 * One JSON object per WebSocket text frame or `data:` of a server-sent event. It has no user id: a connection belongs
 * to one user already, and an id on the wire ends up in logs.
 */
import type { TypeOf, WireSchema } from './wire-schema.ts'

/** Version of the envelope. */
export const wireVersion = 1

const text = { type: 'string', description: 'From the agent.' } as const
const toolCallId = {
  type: 'string',
  minLength: 1,
  maxLength: 128,
  description: 'From the agent, unique in the run.',
} as const
const toolName = { type: 'string', minLength: 1, maxLength: 128, description: 'From the agent.' } as const
const anyJson = { description: 'From the agent: any JSON.' } as const

const object = <
  const Properties extends { readonly [key: string]: WireSchema },
  const Required extends keyof Properties & string,
>(
  properties: Properties,
  required: readonly Required[],
) => ({ type: 'object', properties, required, additionalProperties: false }) as const

const envelope = <const Type extends string, const Data extends WireSchema>(type: Type, data: Data) =>
  object(
    {
      version: { const: wireVersion },
      epoch: {
        type: 'integer',
        minimum: 1,
        description: 'Which writer of the run gave the sequence. Say it in resume.',
      },
      sequence: { type: 'integer', minimum: 1, description: 'Position in the run, from 1, without holes.' },
      fromSequence: {
        type: 'integer',
        minimum: 1,
        description: 'Only in an event that joins several text pieces for a slow reader: the first of them.',
      },
      type: { const: type },
      timestamp: {
        type: 'string',
        format: 'date-time',
        description: 'When the executor took the event, ISO 8601, UTC.',
      },
      threadId: { type: 'string', minLength: 1, maxLength: 128 },
      runId: { type: 'string', minLength: 1, maxLength: 128 },
      requestId: { type: 'string', minLength: 1, maxLength: 128, description: 'The request that started the run.' },
      data,
    },
    ['version', 'epoch', 'sequence', 'type', 'timestamp', 'threadId', 'runId', 'requestId', 'data'],
  )

/** JSON Schema of one event of a run. */
export const runEventSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Event of a run',
  oneOf: [
    envelope(
      'agent_started',
      object({ input: object({ text: { type: 'string', description: 'What the user asked.' } }, ['text']) }, ['input']),
    ),
    envelope('agent_thinking', object({ text }, ['text'])),
    envelope('agent_message_delta', object({ text }, ['text'])),
    envelope('tool_executing', object({ toolCallId, toolName, input: anyJson }, ['toolCallId', 'toolName', 'input'])),
    envelope(
      'tool_completed',
      object(
        {
          toolCallId,
          toolName,
          output: anyJson,
          interrupted: { const: true, description: 'Set when the run ended before the tool did; output is null then.' },
        },
        ['toolCallId', 'toolName', 'output'],
      ),
    ),
    envelope('agent_completed', object({ text: { type: 'string', description: 'The whole answer.' } }, ['text'])),
    envelope(
      'agent_failed',
      object(
        {
          code: { type: 'string', description: 'Stable error code.' },
          message: { type: 'string', description: 'What a client may be told.' },
        },
        ['code', 'message'],
      ),
    ),
    envelope('agent_cancelled', object({ reason: { enum: ['user', 'identity_ended'] } }, ['reason'])),
  ],
} as const

/** One event of a run, as a client receives it. Do not log: it holds the user's content. */
export type RunEvent = TypeOf<typeof runEventSchema>
/** The types of a run's events. `agent_started` is first, exactly one of the last three is last. */
export type RunEventType = RunEvent['type']
/** What one type of event carries. */
export type RunEventData<Type extends RunEventType> = Extract<RunEvent, { readonly type: Type }>['data']
/** Why a run was cancelled: by its owner, or because the identity of its owner ended. */
export type CancelReason = RunEventData<'agent_cancelled'>['reason']

/**
 * Whether an event of this type ends its run.
 *
 * @example
 * ```ts
 * import { isTerminal } from '@user-execution-context/golden-path'
 *
 * isTerminal('agent_completed') // => true
 * isTerminal('agent_thinking') // => false
 * ```
 */
export const isTerminal = (type: RunEventType): type is 'agent_completed' | 'agent_failed' | 'agent_cancelled' =>
  type === 'agent_completed' || type === 'agent_failed' || type === 'agent_cancelled'
