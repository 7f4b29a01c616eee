// A client on real sockets of the app that checks.mjs runs.
import { once } from 'node:events'
import { request as newRequest } from 'node:http'

/** Sends the form of a page, as a browser without JavaScript does. */
export function send(at, action, user, text) {
  const form = new FormData()
  form.set(action, '')
  form.set('text', text)
  return fetchPlain(at, user, form)
}

async function fetchPlain(at, user, body) {
  const headers = { authorization: `Bearer token-of-${user}` }
  const answer = await fetch(`http://127.0.0.1:${at}/`, { method: 'POST', headers, body, redirect: 'manual' })
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}

/** Begins a request of a user, so that a check can write, wait and leave. */
export function begin(at, method, path, user) {
  const headers = { authorization: `Bearer token-of-${user}` }
  return newRequest({ host: '127.0.0.1', port: at, method, path, headers })
}

/** Sends a whole request: a POST where it has a body. */
export function ask(at, path, user, body) {
  const sent = begin(at, body === undefined ? 'GET' : 'POST', path, user)
  const answer = answerTo(sent)
  sent.end(body === undefined || body instanceof URLSearchParams ? body?.toString() : JSON.stringify(body))
  return answer
}

/** What is answered to a request that was begun. */
export async function answerTo(sent) {
  const [response] = await once(sent, 'response')
  const text = (await response.toArray()).join('')
  return { status: response.statusCode, headers: response.headers, text }
}
