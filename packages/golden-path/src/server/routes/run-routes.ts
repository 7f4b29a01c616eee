/**
 * Runs over HTTP: start, follow, cancel, list.
 */
import type { IncomingMessage } from 'node:http'
import { ContextError, createForUser, parseRunId, toOwnerKey } from 'user-execution-context'
import { parseClientValue } from '../../phases/wire/client-message.ts'
import { readEnd } from '../../phases/delivery/read-end.ts'
import type { RunPosition } from '../../phases/ports/run-position.ts'
import { sendJson } from '../answer.ts'
import { eventStreamTransport } from '../event-stream.ts'
import { readStartOptions } from '../idempotency-key.ts'
import { findQueryParameter, type Handler, type Route } from '../route.ts'
import { authenticate, readUserAndBody } from '../services.ts'
import { streamRun } from '../stream-run.ts'

const startRun: Handler = async ({ request, response, services }) => {
  const { user, body } = await readUserAndBody(services, request, services.maxBodyBytes)
  // The same form as over the WebSocket, so that there is one schema of a run's start.
  const message = parseClientValue({ ...body, type: 'start_run' })
  if (message.type !== 'start_run') throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE')
  const { threadId, runId } = await services.goldenPath.execute(
    createForUser(user, { threadId: message.threadId }),
    message.input,
    readStartOptions(request, 'runs', message.threadId, message.idempotencyKey),
  )
  const answer = {
    threadId,
    runId,
    ...(message.clientRequestId !== undefined && { clientRequestId: message.clientRequestId }),
  }
  sendJson(response, 202, answer, { location: `${services.prefix}/runs/${encodeURIComponent(runId)}/events` })
}

const followRun: Handler = async ({ request, response, services, parameters }) => {
  const { goldenPath, eventLog, limits, lifecycle } = services
  const context = createForUser(await authenticate(services, request))
  // Not found would tell the client to give the run up.
  if (lifecycle.isClosing) throw new ContextError('ERR_CONTEXT_CLOSED')
  const run = await goldenPath.findRun(context, parseRunId(parameters['runId']))
  if (run === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
  const position = readPosition(request)
  if (position.sequence > 0) {
    const key = { ownerKey: toOwnerKey(context), runId: run.runId }
    const page = await eventLog.read(key, position, 1)
    // The client has the end already. 204 is how a server tells an EventSource not to come back.
    if (page.events.length === 0 && (await readEnd(eventLog, key, page)) !== undefined) return sendJson(response, 204)
  }
  await streamRun(run, position, {
    services,
    context,
    response,
    transport: eventStreamTransport(response, limits.heartbeatMs),
  })
}

// EventSource sends the id of the last event that it got; a page that opens a stream can say it in the query. A number
// alone is of the first epoch.
function readPosition(request: IncomingMessage): RunPosition {
  const text = request.headers['last-event-id'] ?? findQueryParameter(request, 'lastSequence') ?? '0'
  const parts = typeof text === 'string' ? /^(?:([1-9]\d{0,9})\.)?(\d{1,15})$/.exec(text) : null
  if (parts === null) {
    const issues = [{ path: 'Last-Event-ID', kind: 'not a number' }] as const
    throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues })
  }
  return { epoch: Number(parts[1] ?? 1), sequence: Number(parts[2]) }
}

const cancelRun: Handler = async ({ request, response, services, parameters }) => {
  const user = await authenticate(services, request)
  const isCancelled = await services.goldenPath.cancel(createForUser(user), parseRunId(parameters['runId']))
  sendJson(response, 200, { isCancelled })
}

/** The routes of runs. */
export const runRoutes: readonly Route[] = [
  { method: 'POST', path: '/runs', handle: startRun },
  { method: 'GET', path: '/runs/:runId/events', handle: followRun },
  { method: 'DELETE', path: '/runs/:runId', handle: cancelRun },
]
