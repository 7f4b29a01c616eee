/**
 * Every line that a server writes to its log: its event, its level and its fields. docs/server.md shows this table.
 */
import type { RunOutcome } from '../phases/golden-path-event.ts'
import type { CancelReason } from '../phases/wire/wire-envelope.ts'

/** Levels, the least first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const

/** How much a line matters. */
export type LogLevel = (typeof logLevels)[number]

/** Whether a line of a level is written where this is the least. */
export const isLogged = (level: LogLevel, least: LogLevel): boolean =>
  logLevels.indexOf(level) >= logLevels.indexOf(least)

/** What the fields of lines hold. Undefined, and so not written, where it is not known. */
export type LogFields = {
  /** Where the client is, as limits by address count it: of IPv6 its /64 network. Personal data. */
  readonly address: string | undefined
  /** Thread, run and request in full: the same as `toLogFields(context).correlationId` in lines of your own. */
  readonly correlationId: string | undefined
  /** The run that is read on. */
  readonly runId: string
  /** Where the server listens. */
  readonly port: number
  /** As `close()` was told, milliseconds. */
  readonly noticeMs: number
  /** As `close()` was told, milliseconds. */
  readonly finishMs: number
  /** As `close()` was told, milliseconds. */
  readonly spreadMs: number
  /** How long a run waited before it was executed, milliseconds; not of one that another worker had before. */
  readonly waitedMs: number | undefined
  /** How long a worker had a run, milliseconds; not of one that had none. */
  readonly durationMs: number | undefined
  /**
   * `completed`, `failed`, `cancelled`, `handed-on` to another process, or `lost` where the event log did not take the
   * end.
   */
  readonly outcome: RunOutcome
  /** Why a run was cancelled: `user` or `identity_ended`. */
  readonly reason: CancelReason | undefined
  /** The close code of a connection, where this side closed it. */
  readonly closeCode: number | undefined
  /** The method of a request. */
  readonly method: string | undefined
  /** The path of the route that was asked, with the names of its parameters in place of what was sent. */
  readonly path: string | undefined
  /** The code of an error; of a run that failed, what its client was told. */
  readonly code: string | undefined
  /** The name of an error. Never its message: it may hold what a user wrote. */
  readonly error: string
  /** Which rule refused an input: paths and kinds, never a value. */
  readonly issues: string | undefined
  /** Names and codes of what led to an error, the nearest first. */
  readonly causes: string | undefined
  /** Of a fault: where it was thrown. */
  readonly places: string | undefined
}

const ofError = ['error', 'code', 'issues', 'causes', 'places'] as const

const line = <const Fields extends readonly (keyof LogFields)[]>(level: LogLevel, what: string, fields: Fields) =>
  Object.freeze({ level, what, fields })

/** The table. A refusal that is a fault of the server, answered 500 or more, has the level `error`. */
export const logEvents = Object.freeze({
  'server-started': line('info', 'The server answers requests that it is handed. It has no port of its own yet.', []),
  'server-listening': line('info', 'It listens on a port of its own.', ['port']),
  'server-draining': line('info', 'It was told to close: it is not ready any more.', [
    'noticeMs',
    'finishMs',
    'spreadMs',
  ]),
  'server-closed': line('info', 'Its runs and connections have ended.', []),
  'signed-in': line('info', 'A user of its own has signed in.', ['correlationId', 'address']),
  'signed-out': line('info', 'A user has signed out by `POST /logout`.', ['correlationId', 'address']),
  'request-refused': line(
    'warn',
    'A request was refused, a sign-in and a run of another user too. Not one for no route.',
    [...ofError, 'method', 'path', 'address'],
  ),
  'upgrade-refused': line('warn', 'A WebSocket was refused before it was open.', [...ofError, 'address']),
  'socket-refused': line('warn', 'A WebSocket was refused when it was open.', [...ofError, 'address']),
  'message-refused': line('warn', 'A message of a client was answered with an error.', [
    ...ofError,
    'correlationId',
    'address',
  ]),
  'run-queued': line('debug', 'A run waits for its turn.', ['correlationId']),
  'run-started': line('info', 'A worker has begun to execute a run.', ['correlationId', 'waitedMs']),
  'run-ended': line('info', 'A run has left its worker, or its queue has ended it without one.', [
    ...(['correlationId', 'outcome', 'code', 'reason', 'durationMs'] as const),
  ]),
  'run-failed': line('error', 'Why a run failed, or what failed beside it.', [...ofError, 'correlationId']),
  'connection-opened': line('debug', 'A WebSocket or a stream is open.', ['correlationId', 'address']),
  'connection-closed': line('debug', 'It has closed.', ['correlationId', 'address', 'closeCode']),
  'reader-slow': line('warn', 'A client read too slowly and was closed with 1013.', ['correlationId', 'address']),
  'client-resumed': line('info', 'A client came back and reads a run on.', ['correlationId', 'address', 'runId']),
})

/** The name of an event that is logged. */
export type LogEvent = keyof typeof logEvents

/** The fields of one event. */
export type LogFieldsOf<Event extends LogEvent> = Pick<LogFields, (typeof logEvents)[Event]['fields'][number]>
