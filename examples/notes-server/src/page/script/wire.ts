/**
 * What goes over the socket, as the page sees it. The types are this script's own, because a browser loads none of the
 * package; tests/page/wire.test.ts holds them against the server's.
 */

/** What the page needs of a run's envelope. */
export type RunMessage = {
  readonly version: 1
  readonly epoch: number
  readonly sequence: number
  /** Only in an event that stands for several text pieces: the first of them. */
  readonly fromSequence?: number | undefined
  readonly type: string
  readonly threadId: string
  readonly runId: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Everything else that the server says. */
export type ControlMessage = {
  readonly type: string
  readonly code?: unknown
  readonly message?: unknown
  readonly clientRequestId?: unknown
  readonly threadId?: unknown
  readonly runId?: unknown
  readonly fromSequence?: unknown
  readonly toSequence?: unknown
  readonly reason?: unknown
}

/** What the page says. */
export type ClientMessage =
  | {
      readonly type: 'start_run'
      readonly input: { readonly text: string }
      readonly threadId: string
      readonly clientRequestId: string
      readonly idempotencyKey: string
    }
  | {
      readonly type: 'resume'
      readonly runId: string
      readonly epoch: number
      readonly lastSequence: number
      readonly clientRequestId: string
    }
  | { readonly type: 'cancel_run'; readonly runId: string }
  | { readonly type: 'renew_token'; readonly token: string }
  | { readonly type: 'ping' }

/** Parses one frame. Undefined for what is no JSON object with a type: the page ignores it. */
export const readFrame = (frame: unknown): RunMessage | ControlMessage | undefined => {
  if (typeof frame !== 'string') return undefined
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return undefined
  }
  return isRecord(value) && typeof value['type'] === 'string' ? (value as ControlMessage) : undefined
}

/** Whether a message belongs to a run, which means that it has a place in the run's order. */
export const isRunMessage = (message: RunMessage | ControlMessage): message is RunMessage =>
  Number.isSafeInteger((message as RunMessage).sequence) &&
  Number.isSafeInteger((message as RunMessage).epoch) &&
  typeof (message as RunMessage).runId === 'string' &&
  typeof (message as RunMessage).threadId === 'string' &&
  isRecord((message as RunMessage).data)

/** The name of the tool call that carries the context. */
export const contextTool = 'show-context'

/** Whether an event carries the context of its run, and is no step of the agent's own. */
export const isContextEvent = ({ data }: RunMessage): boolean => data['toolName'] === contextTool

/** Whether a value is an object that is no array. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
