// The routes of the server as docs/server.md lists them; the test of the page compares them with the sources.

/** A route: what it takes and what it answers. `id` stands for 1 to 128 characters of the grammar of ids. */
export type DocumentedRoute = { readonly route: string; readonly takes: string; readonly answers: string }

const conversation = 'An `Idempotency-Key` makes one run of several tries.'

export const documentedRoutes: readonly DocumentedRoute[] = [
  {
    route: 'POST /login',
    takes: '`{ userName, password }`, no token; with users of its own only',
    answers: '200 `{ accessToken, tokenType: "Bearer", expiresIn }`, in seconds',
  },
  {
    route: 'POST /token',
    takes: 'no body; the token that is to be renewed; with users of its own only',
    answers: '200 as `POST /login`',
  },
  { route: 'POST /logout', takes: 'no body', answers: '204; sockets and streams of the session close with 4401' },
  {
    route: 'POST /ticket',
    takes: 'no body',
    answers: '200 `{ ticket, expiresIn }`, in seconds, 30 by default: opens one `/ws?ticket=TICKET` within that time',
  },
  {
    route: 'POST /runs',
    takes: '`{ input: { text }, threadId?, idempotencyKey?, clientRequestId? }`, or the header `Idempotency-Key`',
    answers: '202 `{ threadId, runId, clientRequestId? }`, and where to follow it in `Location`',
  },
  {
    route: 'GET /runs/:runId/events',
    takes:
      '`Last-Event-ID: EPOCH.SEQUENCE` or `?lastSequence=EPOCH.SEQUENCE`, a number alone is of epoch 1; left out, ' +
      'all events are sent',
    answers:
      '200 `text/event-stream`: events of the run as below, `id:` is `EPOCH.SEQUENCE`; 204 when the end is known',
  },
  { route: 'DELETE /runs/:runId', takes: 'no body', answers: '200 `{ isCancelled }`; false: it had ended' },
  {
    route: 'GET /threads',
    takes: '',
    answers: '200 `{ threads: [{ threadId, title, runs: [{ runId, createdAt, state }] }] }`',
  },
  {
    route: 'POST /chat',
    takes: `\`{ id, messages: [{ role, parts: [{ type: "text", text }] }] }\` of the AI SDK. ${conversation}`,
    answers: '200, its UI message stream. Without a prefix also at `/api/chat`',
  },
  {
    route: 'DELETE /chat/:chatId/stream',
    takes: 'no body',
    answers: '200 `{ cancelledRuns }`: how many runs of this chat were under way',
  },
  {
    route: 'GET /chat/:chatId/stream',
    takes: '',
    answers: '200, the stream of the run under way in this chat from its start; 204 when there is none',
  },
  {
    route: 'POST /ag-ui',
    takes: `\`{ threadId, messages: [{ role, content }], protocolVersion? }\` of AG-UI. ${conversation}`,
    answers: '200 `text/event-stream` of AG-UI events',
  },
  {
    route: 'DELETE /ag-ui/:threadId',
    takes: 'no body',
    answers: '200 `{ cancelledRuns }`: how many runs of this thread were under way',
  },
  { route: 'GET /healthz', takes: 'no token', answers: '200 `{ status: "ok" }`' },
  {
    route: 'GET /readyz',
    takes: 'no token',
    answers:
      '200 `{ status: "ok", note? }`, with what `readinessNote` says; 503 once `close()` was called, and while ' +
      'revocations of other processes are not heard',
  },
]
