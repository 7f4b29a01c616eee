/**
 * `POST /ag-ui`: one run for a client that speaks AG-UI over server-sent events.
 */
import { agUiMapping, parseAgUiRequest } from '../../adapters/ag-ui.ts'
import { createForUser } from 'user-execution-context'
import { readStartOptions } from '../idempotency-key.ts'
import { mappedStreamTransport } from '../mapped-stream.ts'
import type { Handler, Route } from '../route.ts'
import { readUserAndBody } from '../services.ts'
import { stopRuns } from './stop-runs.ts'
import { streamNewRun } from '../stream-run.ts'

/** Such clients send the whole conversation with each message, so their bodies grow. Bytes. */
export const maxConversationBytes = 1_048_576

const runForAgUi: Handler = async ({ request, response, services }) => {
  const { user, body } = await readUserAndBody(services, request, maxConversationBytes)
  const { threadId, text, protocolVersion } = parseAgUiRequest(body)
  const context = createForUser(user, { threadId })
  const transport = mappedStreamTransport(response, {
    map: agUiMapping({ protocolVersion }),
    keepAliveMs: services.limits.heartbeatMs,
  })
  await streamNewRun({ text }, { services, context, response, transport }, readStartOptions(request, 'ag-ui', threadId))
}

/** The routes of AG-UI. */
export const agUiRoutes: readonly Route[] = [
  { method: 'POST', path: '/ag-ui', handle: runForAgUi },
  { method: 'DELETE', path: '/ag-ui/:threadId', handle: stopRuns('threadId') },
]
