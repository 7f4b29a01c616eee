/**
 * Joins neighbouring text pieces into one event, for a reader that is too slow for each of them.
 */
import type { LoggedEvent } from '../ports/event-log.ts'
import type { RunEvent } from '../wire/wire-envelope.ts'

/** The event that stands for a row of text pieces from `start` on, or undefined when there is nothing to join. */
export const joinPieces = (
  events: readonly LoggedEvent[],
  start: number,
  maxBytes: number,
): LoggedEvent | undefined => {
  const first = events[start]!
  let bytes = first.bytes
  let end = start + 1
  for (; end < events.length; end++) {
    bytes += toJoinedBytes(events[end]!, events[end - 1])
    const { epoch, type } = events[end]!
    if (!isPiece(first) || type !== first.type || epoch !== first.epoch || bytes > maxBytes) break
  }
  if (end - start < 2) return undefined
  const pieces = events.slice(start, end).map((event) => JSON.parse(event.text) as Piece)
  const last = pieces[pieces.length - 1]!
  const text = JSON.stringify({
    ...last,
    fromSequence: first.sequence,
    data: { text: pieces.map((piece) => piece.data.text).join('') },
  })
  return { epoch: first.epoch, sequence: last.sequence, type: last.type, text, bytes: Buffer.byteLength(text) }
}

/** Bytes that an event adds behind another one: only its data when both are pieces of the same text. */
export const toJoinedBytes = (event: LoggedEvent, previous: LoggedEvent | undefined): number =>
  isPiece(event) && previous?.type === event.type ? event.bytes - event.text.indexOf('"data":') : event.bytes

type Piece = Extract<RunEvent, { readonly type: 'agent_thinking' | 'agent_message_delta' }>

function isPiece(event: LoggedEvent): boolean {
  return event.type === 'agent_message_delta' || event.type === 'agent_thinking'
}
