/**
 * What a load balancer asks. Nothing of a user is in the answers, so no token is needed.
 */
import { sendJson } from '../answer.ts'
import type { Route } from '../route.ts'

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it takes new clients; 503 from the moment when it begins to
 * close, and while the revocations of other processes are not heard: it would refuse every client. A `note` says what
 * keeps it from serving as well as it could: a load balancer need not act on that.
 */
export const healthRoutes: readonly Route[] = [
  { method: 'GET', path: '/healthz', handle: ({ response }) => sendJson(response, 200, { status: 'ok' }) },
  {
    method: 'GET',
    path: '/readyz',
    handle: ({ response, services: { lifecycle, sessions, readinessNote } }) => {
      if (!lifecycle.isReady) return sendJson(response, 503, { status: 'closing' })
      if (sessions?.isLivenessKnown === false) return sendJson(response, 503, { status: 'waiting for revocations' })
      return sendJson(response, 200, { status: 'ok', ...toNote(readinessNote) })
    },
  },
]

// A note that cannot be had keeps no client away.
function toNote(readinessNote: (() => string | undefined) | undefined): { readonly note?: string } {
  try {
    const note: unknown = readinessNote?.()
    return typeof note === 'string' ? { note } : {}
  } catch {
    return {}
  }
}
