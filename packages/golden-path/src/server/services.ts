/**
 * What the routes of one server work with. Made once by openGoldenPathServer(); nothing of it lives at module level.
 */
import type { IncomingMessage } from 'node:http'
import {
  assertLive,
  ContextError,
  type LiveSessions,
  type RunId,
  type ThreadId,
  type VerifiedUser,
} from 'user-execution-context'
import type { EventLog } from '../phases/ports/event-log.ts'
import type { Limits } from '../phases/limits.ts'
import type { TicketOffice } from '../login/ticket-office.ts'
import type { GoldenPath } from '../phases/golden-path.ts'
import type { AddressLimits } from './address-limits.ts'
import type { AddressReader } from './address-reader.ts'
import { readBearerToken } from './bearer.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { ErrorReporter } from './log-record.ts'
import { readJsonBody } from './read-body.ts'
import type { OwnServerEvent } from './server-event.ts'

/** The parts of a server. */
export type Services = {
  readonly lifecycle: Lifecycle
  /** From an access token to its user; a session that was signed out is refused. */
  readonly identity: (token: string) => Promise<VerifiedUser>
  readonly tickets: TicketOffice
  /** The registry that the proofs of users are filed in; undefined when the app signs its users out by itself. */
  readonly sessions: LiveSessions | undefined
  readonly goldenPath: GoldenPath
  /** The log of the golden path, for the one question it does not answer: whether a client has the end of a run. */
  readonly eventLog: EventLog
  readonly limits: Limits
  readonly addresses: AddressLimits
  /** The address that limits count a request for. */
  readonly toAddress: AddressReader
  /** The thread and run of contexts that open a connection: they stand for no run, so one pair does for all. */
  readonly connecting: { readonly threadId: ThreadId; readonly runId: RunId }
  /** The path below which the routes are served. */
  readonly prefix: string
  /** Filled when the port is known. */
  readonly origins: ReadonlySet<string>
  readonly maxBodyBytes: number
  /** See the options. */
  readonly readinessNote: (() => string | undefined) | undefined
  /** Tells log and observer of what was refused, and of faults. */
  readonly report: ErrorReporter
  /** Tells log and observer of what happened. */
  readonly tell: (event: OwnServerEvent) => void
}

/** The user of a request, by its bearer token. @throws {ContextError} what the check of access tokens throws. */
export const authenticate = async ({ identity }: Services, request: IncomingMessage): Promise<VerifiedUser> =>
  identity(readBearerToken(request))

/**
 * The user and the body of a request. The token is checked before the body, so that strangers get none read. Whether
 * its proof still holds is asked again after it: a client that holds the end of a body back would otherwise start a run
 * after the sign-out.
 *
 * @throws {ContextError} what the check of access tokens and readJsonBody() throw.
 */
export const readUserAndBody = async (
  services: Services,
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly user: VerifiedUser; readonly body: Readonly<Record<string, unknown>> }> => {
  const user = await authenticate(services, request)
  const body = await readJsonBody(request, maxBytes, services.limits.requestTimeMs)
  assertLive(user)
  return { user, body }
}

/**
 * Refuses what a page of another origin sends. Exact match: no suffix, no pattern, no `null`.
 *
 * @throws {ContextError} `ERR_CONTEXT_ORIGIN_REFUSED`.
 */
export const assertOrigin = ({ origins }: Services, request: IncomingMessage): void => {
  const { origin } = request.headers
  if (origin !== undefined && !origins.has(origin)) throw new ContextError('ERR_CONTEXT_ORIGIN_REFUSED')
}
