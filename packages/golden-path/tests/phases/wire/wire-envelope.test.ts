import { describe, expect, it } from 'vitest'
import {
  clientMessageSchema,
  runEventSchema,
  serverMessageSchema,
  type RunEvent,
  type RunEventData,
  type RunEventType,
  type ServerMessage,
} from '../../../src/index.ts'
import { wireCheck } from '../../../src/phases/wire/wire-check.ts'
import type { FrozenJson } from 'user-execution-context'
import { never, runAgent } from '../run-agent.ts'

// What the schema must mean in TypeScript: tsc refuses this file when either of the two changes alone.
type Data = {
  agent_started: { readonly input: { readonly text: string } }
  agent_thinking: { readonly text: string }
  agent_message_delta: { readonly text: string }
  tool_executing: { readonly toolCallId: string; readonly toolName: string; readonly input: FrozenJson }
  tool_completed: {
    readonly toolCallId: string
    readonly toolName: string
    readonly output: FrozenJson
    readonly interrupted?: true
  }
  agent_completed: { readonly text: string }
  agent_failed: { readonly code: string; readonly message: string }
  agent_cancelled: { readonly reason: 'user' | 'identity_ended' }
}
type Expected = {
  [Type in keyof Data]: {
    readonly version: 1
    readonly epoch: number
    readonly sequence: number
    readonly fromSequence?: number
    readonly type: Type
    readonly timestamp: string
    readonly threadId: string
    readonly runId: string
    readonly requestId: string
    readonly data: Data[Type]
  }
}[keyof Data]
const fromSchema = (event: RunEvent): Expected => event
const toSchema = (event: Expected): RunEvent => event
const dataFromSchema: { [Type in RunEventType]: (data: RunEventData<Type>) => Data[Type] } = {
  agent_started: (data) => data,
  agent_thinking: (data) => data,
  agent_message_delta: (data) => data,
  tool_executing: (data) => data,
  tool_completed: (data) => data,
  agent_completed: (data) => data,
  agent_failed: (data) => data,
  agent_cancelled: (data) => data,
}

const eventsOfEveryType = async (): Promise<readonly RunEvent[]> => {
  const completed = await runAgent(async function* () {
    yield { type: 'agent_thinking', text: 'quotes " and \\ and \u2028 and 😀' }
    yield { type: 'tool_executing', toolCallId: 'a', toolName: 'search', input: { deep: [1, null, { text: 'x' }] } }
    yield { type: 'agent_message_delta', text: 'line\nbreak' }
  })
  const failed = await runAgent(async function* () {
    throw new Error('no')
  })
  const cancelled = await runAgent(
    async function* () {
      await never()
    },
    { limits: { runTimeMs: 5 } },
  )
  const waiting = runAgent(async function* () {
    await never()
  })
  return [completed, failed, cancelled, await Promise.race([waiting, failed])].flatMap(
    ({ transport }) => transport.events,
  )
}

describe('runEventSchema', () => {
  it('accepts every event that the executor makes', async () => {
    const events = await eventsOfEveryType()
    expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(7)
    for (const event of events) expect(wireCheck(runEventSchema)(toSchema(fromSchema(event)))).toEqual([])
  })

  it('describes the data of each type', () => {
    expect(Object.keys(dataFromSchema).sort()).toEqual(
      runEventSchema.oneOf.map(({ properties }) => properties.type.const).sort(),
    )
  })

  it('knows no user id, session id or tenant id', () => {
    for (const schema of [runEventSchema, serverMessageSchema, clientMessageSchema]) {
      expect(JSON.stringify(schema)).not.toMatch(/userId|sessionId|tenantId/)
    }
  })

  for (const [what, change] of [
    ['another version', { version: 2 }],
    ['a sequence of 0', { sequence: 0 }],
    ['an unknown key', { userId: 'user-1' }],
    ['no run', { runId: undefined }],
    ['data of another type', { data: { reason: 'user' } }],
    ['an unknown type', { type: 'agent_error' }],
  ] as const) {
    it(`refuses an event with ${what}`, async () => {
      const { transport } = await runAgent(async function* () {})
      expect(wireCheck(runEventSchema)({ ...transport.events[0], ...change })).not.toEqual([])
    })
  }

  it('survives a journey through JSON, as a file for other languages', () => {
    expect(JSON.parse(JSON.stringify(runEventSchema))).toEqual(runEventSchema)
  })
})

describe('serverMessageSchema', () => {
  const messages: readonly ServerMessage[] = [
    { version: 1, type: 'connection_ready', connectionId: 'c-1' },
    { version: 1, type: 'run_accepted', threadId: 't-1', runId: 'r-1', clientRequestId: '7' },
    { version: 1, type: 'resume_accepted', threadId: 't-1', runId: 'r-1', epoch: 1, lastSequence: 0, hasEnded: false },
    { version: 1, type: 'cancel_accepted', runId: 'r-1', isCancelled: true },
    { version: 1, type: 'resume_gap', runId: 'r-1', epoch: 1, fromSequence: 1, toSequence: 2, reason: 'lost' },
    { version: 1, type: 'error', code: 'ERR_CONTEXT_RUN_NOT_FOUND', message: 'Not found.' },
    { version: 1, type: 'token_expiring', expiresAt: '2026-01-01T00:00:00.000Z' },
    { version: 1, type: 'token_renewed' },
    { version: 1, type: 'pong' },
  ]
  for (const message of messages)
    it(`accepts ${message.type}`, () => expect(wireCheck(serverMessageSchema)(message)).toEqual([]))

  it('describes each of its types once', () => {
    expect(serverMessageSchema.oneOf.map(({ properties }) => properties.type.const)).toEqual(
      messages.map(({ type }) => type),
    )
  })
})
