import { describe, expect, it } from 'vitest'
import { parseClientMessage, type ClientMessage } from '../../../src/index.ts'
import { findClientRequestId } from '../../../src/phases/wire/client-message.ts'
import type { RunId, ThreadId } from 'user-execution-context'

// What the schema must mean in TypeScript: tsc refuses this file when either of the two changes alone.
type Expected =
  | {
      readonly type: 'start_run'
      readonly input: { readonly text: string }
      readonly threadId?: ThreadId
      readonly clientRequestId?: string
    }
  | { readonly type: 'resume'; readonly runId: RunId; readonly lastSequence: number; readonly clientRequestId?: string }
  | { readonly type: 'cancel_run'; readonly runId: RunId; readonly clientRequestId?: string }
  | { readonly type: 'renew_token'; readonly token: string; readonly clientRequestId?: string }
  | { readonly type: 'ping' }
const fromSchema = (message: ClientMessage): Expected => message
const toSchema = (message: Expected): ClientMessage => message

const accepted: readonly object[] = [
  { type: 'start_run', input: { text: 'hi' } },
  { type: 'start_run', input: { text: 'hi' }, threadId: 't-1', clientRequestId: 'any text' },
  { type: 'resume', runId: 'r-1', lastSequence: 0 },
  { type: 'cancel_run', runId: 'r-1' },
  { type: 'renew_token', token: 'x.y.z' },
  { type: 'ping' },
]
const refused: readonly (readonly [string, string])[] = [
  ['', 'not JSON'],
  ['{', 'not JSON'],
  ['null', 'not a plain object'],
  ['[]', 'not a plain object'],
  ['"ping"', 'not a plain object'],
  ['{}', 'does not fit'],
  ['{"type":"start_agent"}', 'does not fit'],
  ['{"type":"toString"}', 'does not fit'],
  ['{"type":"ping","extra":1}', 'unknown key'],
  ['{"type":"ping","__proto__":{"isAdmin":true}}', 'unknown key'],
  ['{"type":"start_run"}', 'missing'],
  ['{"type":"start_run","input":"hi"}', 'not a plain object'],
  ['{"type":"start_run","input":{"text":""}}', 'empty'],
  ['{"type":"start_run","input":{"text":5}}', 'not a string'],
  ['{"type":"start_run","input":{"text":"hi","userId":"victim"}}', 'unknown key'],
  ['{"type":"start_run","input":{"text":"hi"},"userId":"victim"}', 'unknown key'],
  ['{"type":"resume","runId":"r-1"}', 'missing'],
  ['{"type":"resume","runId":"r-1","lastSequence":-1}', 'too small'],
  ['{"type":"resume","runId":"r-1","lastSequence":1.5}', 'not a number'],
  ['{"type":"resume","runId":"r-1","lastSequence":"1"}', 'not a number'],
  [`{"type":"cancel_run","runId":"${'r'.repeat(129)}"}`, 'too long'],
]

describe('parseClientMessage', () => {
  for (const message of accepted) {
    it(`accepts ${JSON.stringify(message)}`, () => {
      expect(toSchema(fromSchema(parseClientMessage(JSON.stringify(message))))).toEqual(message)
    })
  }

  for (const [text, kind] of refused) {
    it(`refuses ${text.slice(0, 70) || 'an empty text'} as ${kind}`, () => {
      expect(() => parseClientMessage(text)).toThrow(
        expect.objectContaining({
          code: 'ERR_CONTEXT_INVALID_MESSAGE',
          issues: expect.arrayContaining([expect.objectContaining({ kind })]) as unknown,
        }),
      )
    })
  }

  it('refuses ids that no id can be', () => {
    expect(() => parseClientMessage('{"type":"cancel_run","runId":"a b"}')).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_ID' }),
    )
    expect(() => parseClientMessage('{"type":"start_run","input":{"text":"x"},"threadId":"undefined"}')).toThrow(
      expect.objectContaining({ code: 'ERR_CONTEXT_INVALID_ID' }),
    )
  })

  it('repeats nothing of what it was given', () => {
    for (const text of ['{"type":"secret"}', 'secret', '{"type":"ping","secret value":1}']) {
      expect(() => parseClientMessage(text)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining('secret') as string }),
      )
    }
  })
})

describe('findClientRequestId', () => {
  it('finds it in a message that is refused', () => {
    expect(findClientRequestId('{"type":"nonsense","clientRequestId":"7"}')).toBe('7')
  })
  for (const text of [
    '',
    '{',
    'null',
    '5',
    '{}',
    '{"clientRequestId":5}',
    `{"clientRequestId":"${'x'.repeat(129)}"}`,
  ]) {
    it(`finds none in ${text.slice(0, 40) || 'an empty text'}`, () => expect(findClientRequestId(text)).toBeUndefined())
  }
})
