/**
 * What can be asked of a server: a request for each of its routes, a message of each type of its WebSocket. A route or
 * a type that is missing here turns the attack table red.
 */
import { randomUUID } from 'node:crypto'

/** What a request names: a run, a thread, a key of a start. */
export type Named = { readonly runId: string; readonly threadId: string; readonly key: string }
/** `body`: undefined for none. */
export type RouteRequest = { readonly path: string; readonly body?: object | undefined }

const text = 'go'
const chat = (id: string): object => ({ id, messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text }] }] })
const agUi = (threadId: string): object => ({
  threadId,
  runId: 'x',
  messages: [{ id: 'm', role: 'user', content: text }],
})

/** By method and path, as in the route table. */
export const requests: Readonly<Record<string, (named: Named) => RouteRequest>> = {
  'POST /token': () => ({ path: '/token' }),
  'POST /ticket': () => ({ path: '/ticket' }),
  'POST /logout': () => ({ path: '/logout' }),
  'POST /runs': ({ threadId, key }) => ({
    path: '/runs',
    body: { input: { text }, threadId, idempotencyKey: key },
  }),
  'GET /runs/:runId/events': ({ runId }) => ({ path: `/runs/${runId}/events` }),
  'DELETE /runs/:runId': ({ runId }) => ({ path: `/runs/${runId}` }),
  'GET /threads': () => ({ path: '/threads' }),
  'POST /ag-ui': ({ threadId }) => ({ path: '/ag-ui', body: agUi(threadId) }),
  'DELETE /ag-ui/:threadId': ({ threadId }) => ({ path: `/ag-ui/${threadId}` }),
  ...Object.fromEntries(
    ['/chat', '/api/chat'].flatMap((path) => [
      [`POST ${path}`, ({ threadId }: Named) => ({ path, body: chat(threadId) })],
      [`GET ${path}/:chatId/stream`, ({ threadId }: Named) => ({ path: `${path}/${threadId}/stream` })],
      [`DELETE ${path}/:chatId/stream`, ({ threadId }: Named) => ({ path: `${path}/${threadId}/stream` })],
    ]),
  ),
}

/** Routes that need no token, and why nothing of a user is in their answers. */
export const openRoutes: Readonly<Record<string, string>> = {
  'POST /login': 'takes a password, and is attacked by itself',
  'GET /healthz': 'says that the process answers',
  'GET /readyz': 'says that the process takes clients',
}

/** By type, as in the schema. `token` is that of a renewal. */
export const messages: Readonly<Record<string, (named: Named, token: string) => object>> = {
  start_run: ({ threadId, key }) => ({ input: { text }, threadId, idempotencyKey: key }),
  resume: ({ runId }) => ({ runId, lastSequence: 0 }),
  cancel_run: ({ runId }) => ({ runId }),
  renew_token: (_named, token) => ({ token }),
  ping: () => ({}),
}

/** Names that nobody has. */
export const unknownNames = (): Named => ({
  runId: randomUUID(),
  threadId: `thread-${randomUUID()}`,
  key: `key of nobody ${randomUUID()}`,
})
