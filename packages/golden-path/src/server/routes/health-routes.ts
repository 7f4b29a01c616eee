/**
 * What a load balancer asks. Nothing of a user is in the answers, so no token is needed.
 */
import { sendJson } from '../answer.ts'
import type { Route } from '../route.ts'

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it takes new clients; 503 from the moment when it begins to
 * close.
 */
export const healthRoutes: readonly Route[] = [
  { method: 'GET', path: '/healthz', handle: ({ response }) => sendJson(response, 200, { status: 'ok' }) },
  {
    method: 'GET',
    path: '/readyz',
    handle: ({ response, services: { lifecycle } }) =>
      lifecycle.isReady ? sendJson(response, 200, { status: 'ok' }) : sendJson(response, 503, { status: 'closing' }),
  },
]
