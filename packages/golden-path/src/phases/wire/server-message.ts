/**
 * What the server says on a WebSocket beside the events of runs: schema and types.
 */
import type { AgentRun } from '../execution/agent-run.ts'
import type { TypeOf } from './wire-schema.ts'
import { wireVersion } from './wire-envelope.ts'

const version = { const: wireVersion } as const
const id = { type: 'string', minLength: 1, maxLength: 128 } as const
const clientRequestId = { ...id, description: 'Repeated from the client message that this answers.' } as const
const expiresAt = {
  type: 'string',
  format: 'date-time',
  description: 'When the connection closes with 4401 unless it is renewed.',
} as const

/** JSON Schema of the messages that are no events of a run. */
export const serverMessageSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Message of the server',
  oneOf: [
    {
      type: 'object',
      properties: { version, type: { const: 'connection_ready' }, connectionId: id, expiresAt },
      required: ['version', 'type', 'connectionId'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { version, type: { const: 'run_accepted' }, threadId: id, runId: id, clientRequestId },
      required: ['version', 'type', 'threadId', 'runId'],
      additionalProperties: false,
    },
    {
      type: 'object',
      description: 'Answers resume: events after lastSequence follow, unless the run has ended there.',
      properties: {
        version,
        type: { const: 'resume_accepted' },
        threadId: id,
        runId: id,
        epoch: { type: 'integer', minimum: 1 },
        lastSequence: { type: 'integer', minimum: 0 },
        hasEnded: { type: 'boolean' },
        clientRequestId,
      },
      required: ['version', 'type', 'threadId', 'runId', 'epoch', 'lastSequence', 'hasEnded'],
      additionalProperties: false,
    },
    {
      type: 'object',
      description: 'Answers cancel_run. Not cancelled: there was nothing left to cancel.',
      properties: {
        version,
        type: { const: 'cancel_accepted' },
        runId: id,
        isCancelled: { type: 'boolean' },
        clientRequestId,
      },
      required: ['version', 'type', 'runId', 'isCancelled'],
      additionalProperties: false,
    },
    {
      type: 'object',
      description:
        'Events of a run that cannot be had. trimmed: they are no longer held, what follows starts after toSequence. ' +
        'lost: a crash took them, forget those of this epoch that you have; what follows starts at fromSequence.',
      properties: {
        version,
        type: { const: 'resume_gap' },
        runId: id,
        epoch: { type: 'integer', minimum: 1 },
        fromSequence: { type: 'integer', minimum: 1 },
        toSequence: { type: 'integer', minimum: 1 },
        reason: { enum: ['trimmed', 'lost'] },
      },
      required: ['version', 'type', 'runId', 'epoch', 'fromSequence', 'toSequence', 'reason'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        version,
        type: { const: 'error' },
        code: { type: 'string' },
        message: { type: 'string' },
        clientRequestId,
        runId: id,
      },
      required: ['version', 'type', 'code', 'message'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { version, type: { const: 'token_expiring' }, expiresAt },
      required: ['version', 'type', 'expiresAt'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { version, type: { const: 'token_renewed' }, expiresAt, clientRequestId },
      required: ['version', 'type'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { version, type: { const: 'pong' } },
      required: ['version', 'type'],
      additionalProperties: false,
    },
  ],
} as const

/** A message of the server that is no event of a run. */
export type ServerMessage = TypeOf<typeof serverMessageSchema>

/** Says that events of a run cannot be had, from `fromSequence` to `toSequence`, both included. May be logged. */
export type ResumeGap = Extract<ServerMessage, { readonly type: 'resume_gap' }>

/**
 * The text of a `run_accepted`: the one message that every run waits for, so it is not left to JSON.stringify. The id
 * grammar has no quote, no back-slash and no control character: nothing to escape but the client's own reference.
 */
export const toAcceptedText = ({ threadId, runId }: AgentRun, clientRequestId: string | undefined): string => {
  const reference = clientRequestId === undefined ? '' : `,"clientRequestId":${JSON.stringify(clientRequestId)}`
  return `{"version":${wireVersion},"type":"run_accepted","threadId":"${threadId}","runId":"${runId}"${reference}}`
}
