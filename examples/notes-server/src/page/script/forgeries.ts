/**
 * Attempts to act as somebody else, really sent to the server. Each is a way in which code that trusts its client
 * mixes up users.
 */
import { newId } from './new-id.ts'
import { isRecord } from './wire.ts'

/** What a forger has: a sign-in of their own, and perhaps the id of a run of another user. */
export type Forger = { readonly token: string; readonly foreignRunId: string | undefined }

/** One attempt, in words, and what the server answered. `status` 0: nothing, so nothing is proven. */
export type Attempt = {
  readonly title: string
  readonly sent: string
  readonly status: number
  readonly code: string
  readonly isRefused: boolean
}

type Forgery = {
  readonly title: string
  readonly sent: string
  readonly path: string
  readonly token: string
  readonly body?: object
}

/** Sends every forgery, one after the other. Never rejects. */
export const tryForgeries = async (forger: Forger): Promise<readonly Attempt[]> => {
  const attempts: Attempt[] = []
  for (const forgery of toForgeries(forger)) attempts.push(await send(forgery))
  return attempts
}

function toForgeries({ token, foreignRunId }: Forger): readonly Forgery[] {
  const foreign = foreignRunId ?? newId()
  return [
    {
      title: 'A context made here',
      sent: 'POST /runs with a context of another user in the body',
      path: '/runs',
      token,
      body: { input: { text: 'list' }, context: { userId: 'somebody-else', permissions: ['admin'] } },
    },
    {
      title: "Another user's run",
      sent:
        foreignRunId === undefined
          ? 'GET /runs/:runId/events with an id made up here: no other user has a run in this browser. The server ' +
            'answers both alike'
          : 'GET /runs/:runId/events with the id of a run of the user beside',
      path: `/runs/${encodeURIComponent(foreign)}/events`,
      token,
    },
    {
      title: 'A swapped token',
      sent: 'GET /threads with this token, its user exchanged and its signature kept',
      path: '/threads',
      token: swapUser(token),
    },
  ]
}

async function send({ title, sent, path, token, body }: Forgery): Promise<Attempt> {
  const headers = { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' }
  try {
    const response = await fetch(path, {
      cache: 'no-store',
      headers,
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    })
    const { status } = response
    // What is not refused may be a stream without an end: its status says enough.
    if (status < 400) await response.body?.cancel()
    const answer: unknown = status < 400 ? undefined : await response.json().catch(() => undefined)
    const code = isRecord(answer) && typeof answer['code'] === 'string' ? answer['code'] : ''
    // A server that is broken, or too busy, has refused nothing.
    return { title, sent, status, code, isRefused: status >= 400 && status < 500 && status !== 429 && code !== '' }
  } catch {
    return { title, sent, status: 0, code: '', isRefused: false }
  }
}

/** A token whose claims name another subject, under the signature of the old ones (RFC 7515). */
function swapUser(token: string): string {
  const [header, claims = '', signature] = token.split('.')
  const swapped = { ...(JSON.parse(fromBase64url(claims)) as object), sub: 'somebody-else' }
  return [header, toBase64url(JSON.stringify(swapped)), signature].join('.')
}

function fromBase64url(text: string): string {
  return atob(text.replaceAll('-', '+').replaceAll('_', '/'))
}

function toBase64url(text: string): string {
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
