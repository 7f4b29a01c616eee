/**
 * Runs for the AI SDK's `DefaultChatTransport`. A chat is a thread.
 */
import {
  aiSdkMapping,
  parseChatRequest,
  uiMessageStreamEnd,
  uiMessageStreamHeaders,
} from '../../adapters/ai-sdk-stream.ts'
import {
  ContextError,
  createForUser,
  parseThreadId,
  toOwnerKey,
  type ThreadId,
  type UserExecutionContext,
} from 'user-execution-context'
import type { AgentRun } from '../../phases/execution/agent-run.ts'
import { runStart } from '../../phases/ports/run-position.ts'
import { readEnd } from '../../phases/delivery/read-end.ts'
import { sendJson } from '../answer.ts'
import { readStartOptions } from '../idempotency-key.ts'
import { mappedStreamTransport } from '../mapped-stream.ts'
import type { Exchange, Handler, Route } from '../route.ts'
import { authenticate, readUserAndBody, type Services } from '../services.ts'
import { streamNewRun, streamRun, type StreamTransport } from '../stream-run.ts'
import { stopRuns } from './stop-runs.ts'
import { maxConversationBytes } from './ag-ui-routes.ts'

const sendMessage: Handler = async (exchange) => {
  const { request, response, services } = exchange
  const { user, body } = await readUserAndBody(services, request, maxConversationBytes)
  const { threadId, text } = parseChatRequest(body)
  const context = createForUser(user, { threadId })
  const stream = { services, context, response, transport: toTransport(exchange) }
  await streamNewRun({ text }, stream, readStartOptions(request, 'chat', threadId))
}

/** The whole message of the run that is under way in a chat, or 204 when there is none. */
const resumeMessage: Handler = async (exchange) => {
  const { request, response, services, parameters } = exchange
  const context = createForUser(await authenticate(services, request))
  // No content would tell the client that nothing runs.
  if (services.lifecycle.isClosing) throw new ContextError('ERR_CONTEXT_CLOSED')
  const run = await findActiveRun(services, context, parseThreadId(parameters['chatId']))
  if (run === undefined) return sendJson(response, 204)
  await streamRun(run, runStart, { services, context, response, transport: toTransport(exchange) })
}

/**
 * The routes of the AI SDK: `/chat` below the prefix. Without a prefix they are also at `/api/chat`, where the client
 * looks by default; below the prefix `/api` that is the same place.
 */
export const toChatRoutes = (prefix: string): readonly Route[] =>
  (prefix === '' ? ['/chat', '/api/chat'] : ['/chat']).flatMap((path) => [
    { method: 'POST', path, handle: sendMessage },
    { method: 'GET', path: `${path}/:chatId/stream`, handle: resumeMessage },
    { method: 'DELETE', path: `${path}/:chatId/stream`, handle: stopRuns('chatId') },
  ])

function toTransport({ response, services }: Exchange): StreamTransport {
  return mappedStreamTransport(response, {
    map: aiSdkMapping(),
    headers: uiMessageStreamHeaders,
    end: uiMessageStreamEnd,
    keepAliveMs: services.limits.heartbeatMs,
  })
}

async function findActiveRun(
  { goldenPath, eventLog }: Services,
  context: UserExecutionContext,
  threadId: ThreadId,
): Promise<AgentRun | undefined> {
  const run = (await goldenPath.listRuns(context)).findLast((listed) => listed.threadId === threadId)
  if (run === undefined) return undefined
  const key = { ownerKey: toOwnerKey(context), runId: run.runId }
  const page = await eventLog.read(key, runStart, 1)
  return (await readEnd(eventLog, key, page)) === undefined ? run : undefined
}
