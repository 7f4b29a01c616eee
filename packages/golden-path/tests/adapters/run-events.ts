/**
 * Events of one run as the wire carries them, for tests of the mappings: the fields that a test does not care about
 * are filled in, and sequence numbers are given in order.
 */
import fc from 'fast-check'
import type { ResumeGap } from '../../src/phases/wire/server-message.ts'
import type { RunEvent, RunEventData, RunEventType } from '../../src/phases/wire/wire-envelope.ts'

type Plain = { [Type in RunEventType]: { readonly type: Type; readonly data: RunEventData<Type> } }[RunEventType]

export const threadId = 'thread-1'
export const runId = 'run-1'

/** Puts plain events into the envelope of one run. */
export const toRunEvents = (plain: readonly Plain[]): readonly RunEvent[] =>
  plain.map(
    ({ type, data }, index) =>
      ({
        version: 1,
        sequence: index + 1,
        type,
        timestamp: new Date(1_700_000_000_000 + index).toISOString(),
        threadId,
        runId,
        requestId: 'request-1',
        data,
      }) as RunEvent,
  )

type Sent = RunEvent | ResumeGap

/** What a delivery sends of a run whose events of these sequence numbers are no longer held. */
export const toTrimmed = (events: readonly RunEvent[], isLost: (sequence: number) => boolean): readonly Sent[] => {
  const messages: Sent[] = []
  for (const event of events) {
    const { sequence } = event
    const last = messages.at(-1)
    if (!isLost(sequence)) messages.push(event)
    else if (last?.type === 'resume_gap') messages[messages.length - 1] = { ...last, toSequence: sequence }
    else {
      const gap = { epoch: 1, fromSequence: sequence, toSequence: sequence, reason: 'trimmed' } as const
      messages.push({ version: 1, type: 'resume_gap', runId, ...gap })
    }
  }
  return messages
}

/** The gaps among messages, as foreign clients are told of them. */
export const toGaps = (
  messages: readonly Sent[],
): readonly Pick<ResumeGap, 'fromSequence' | 'toSequence' | 'reason'>[] =>
  messages
    .filter((message) => message.type === 'resume_gap')
    .map(({ fromSequence, toSequence, reason }) => ({ fromSequence, toSequence, reason }))

const text = fc.string({ maxLength: 12 })

const delta: fc.Arbitrary<readonly Plain[]> = text.map((value) => [
  { type: 'agent_message_delta', data: { text: value } },
])
const thinking: fc.Arbitrary<readonly Plain[]> = text.map((value) => [
  { type: 'agent_thinking', data: { text: value } },
])
const tool: fc.Arbitrary<(number: number, between: readonly Plain[]) => readonly Plain[]> = fc
  .record({ input: fc.jsonValue(), output: fc.jsonValue() })
  .map(({ input, output }) => (number, between) => [
    { type: 'tool_executing', data: { toolCallId: `call-${number}`, toolName: 'search', input: input as never } },
    ...between,
    { type: 'tool_completed', data: { toolCallId: `call-${number}`, toolName: 'search', output: output as never } },
  ])

/** Any run that the executor may deliver: paired tools (with text in between), any deltas, one terminal event. */
export const anyRun: fc.Arbitrary<readonly RunEvent[]> = fc
  .record({
    steps: fc.array(
      fc.oneof(
        delta.map((events) => () => events),
        thinking.map((events) => () => events),
        fc.tuple(tool, fc.oneof(delta, thinking)).map(
          ([make, between]) =>
            (number: number) =>
              make(number, between),
        ),
      ),
      { maxLength: 12 },
    ),
    end: fc.oneof(
      fc
        .oneof(
          text.map((value) => (): string => value),
          fc.constant((joined: string): string => joined),
        )
        .map((toText) => (joined: string): Plain => ({ type: 'agent_completed', data: { text: toText(joined) } })),
      fc.constant((): Plain => ({
        type: 'agent_failed',
        data: { code: 'ERR_INTERNAL', message: 'Something went wrong on our side.' },
      })),
      fc.constant((): Plain => ({ type: 'agent_cancelled', data: { reason: 'user' } })),
    ),
  })
  .map(({ steps, end }) => {
    const middle = steps.flatMap((make, index) => make(index))
    const joined = middle.map((event) => (event.type === 'agent_message_delta' ? event.data.text : '')).join('')
    return toRunEvents([{ type: 'agent_started', data: { input: { text: 'hello' } } }, ...middle, end(joined)])
  })

/** Any run of which any events but the last were trimmed before they were sent. */
export const anyTrimmedRun: fc.Arbitrary<{ readonly events: readonly RunEvent[]; readonly messages: readonly Sent[] }> =
  fc.tuple(anyRun, fc.array(fc.boolean(), { minLength: 1, maxLength: 50 })).map(([events, losses]) => {
    const isLost = (sequence: number): boolean => sequence < events.length && losses[sequence % losses.length]!
    return { events, messages: toTrimmed(events, isLost) }
  })
