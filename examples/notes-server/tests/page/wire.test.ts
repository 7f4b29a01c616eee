// The page's own view of the wire, held against the server's: by the compiler, and by the server's parser.
import { describe, expect, test } from 'vitest'
import {
  isTerminal as isTerminalForServer,
  parseClientMessage,
  runEventSchema,
  type RunEvent,
  type ServerMessage,
} from '@user-execution-context/golden-path'
import { ContextError, toClientAnswer } from 'user-execution-context'
import { isTerminal } from '../../src/page/script/run-log.ts'
import {
  isRunMessage,
  readFrame,
  type ClientMessage,
  type ControlMessage,
  type RunMessage,
} from '../../src/page/script/wire.ts'

// Red in tsc when the server says something that the page's types do not expect.
export const toRunMessage = (event: RunEvent): RunMessage => event
export const toControlMessage = (message: ServerMessage): ControlMessage => message

const id = 'a'.repeat(128)
const everyMessage: readonly ClientMessage[] = [
  { type: 'start_run', input: { text: 'tea' }, threadId: id, clientRequestId: id, idempotencyKey: id },
  { type: 'resume', runId: id, epoch: 1, lastSequence: 0, clientRequestId: id },
  { type: 'cancel_run', runId: id },
  { type: 'renew_token', token: 'a.b.c' },
  { type: 'ping' },
]

describe('what the page says', () => {
  test.each(everyMessage.map((message) => [message.type, message] as const))(
    '%s is what the server reads',
    (_type, message) => {
      expect(parseClientMessage(JSON.stringify(message))).toEqual(message)
    },
  )

  test('reacts to an error code that exists', () => {
    expect(toClientAnswer(new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')).code).toBe('ERR_CONTEXT_RUN_NOT_FOUND')
  })
})

describe('readFrame', () => {
  test('reads messages of the server, and tells events of runs from the others', () => {
    const event = {
      version: 1,
      epoch: 1,
      sequence: 1,
      type: 'agent_thinking',
      threadId: 't',
      runId: 'r',
      data: { text: 'x' },
    }
    expect(readFrame(JSON.stringify(event))).toEqual(event)
    expect(isRunMessage(readFrame(JSON.stringify(event))!)).toBe(true)
    expect(isRunMessage(readFrame('{"version":1,"type":"pong"}')!)).toBe(false)
    expect(isRunMessage(readFrame(JSON.stringify({ ...event, data: [] }))!)).toBe(false)
  })

  test.each(['', 'tea', '1', 'null', '[]', '{}', '{"type":1}', new ArrayBuffer(1)])(
    'ignores what is no message: %o',
    (frame) => {
      expect(readFrame(frame)).toBeUndefined()
    },
  )
})

describe('isTerminal', () => {
  test('agrees with the server for every type of event', () => {
    for (const {
      properties: {
        type: { const: type },
      },
    } of runEventSchema.oneOf)
      expect(isTerminal({ type }), type).toBe(isTerminalForServer(type))
  })
})
