/**
 * What a server tells of its work while it does it: the events of its golden path, and its own.
 */
import type { UserExecutionContext } from 'user-execution-context'
import type { GoldenPathEvent } from '../phases/golden-path-event.ts'

/** What was refused: a request, the upgrade to a WebSocket, a WebSocket that was open, a message on one. */
export type RefusedAt = 'request' | 'upgrade' | 'socket' | 'message'

/** An event that is of the server and not of its golden path. */
export type OwnServerEvent =
  | { readonly type: 'server-started' | 'server-closed' }
  | { readonly type: 'server-listening'; readonly port: number }
  | {
      readonly type: 'server-draining'
      readonly noticeMs: number
      readonly finishMs: number
      readonly spreadMs: number
    }
  | {
      readonly type: 'signed-in' | 'signed-out'
      readonly context: UserExecutionContext
      /** As limits count it. Personal data. */
      readonly address: string
    }
  | {
      readonly type: 'refused'
      readonly at: RefusedAt
      /** What the client was told. */
      readonly code: string
    }

/** One event. `type` says what happened. */
export type ServerEvent = GoldenPathEvent | OwnServerEvent
