/**
 * A client on real sockets that can send half a request and leave. For tests only.
 */
import { once } from 'node:events'
import { request as newRequest, type ClientRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export type Answer = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly text: string }
export type Ask = {
  readonly method?: string
  readonly path: string
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** The port of a server, as soon as it listens. */
export const portOf = async (server: Server): Promise<number> => {
  if (!server.listening) await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Sends the head of a request and gives it, so that a test can write, wait and leave. */
export const begin = (port: number, { method = 'GET', path, token, headers, body }: Ask): ClientRequest =>
  newRequest({
    port,
    host: '127.0.0.1',
    method,
    path,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': byteLength(body) }),
      ...headers,
    },
  })

/** What a server answers to a request that was begun. */
export const answerTo = async (sent: ClientRequest): Promise<Answer> => {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  return { status: response.statusCode!, headers: response.headers, text: Buffer.concat(pieces).toString() }
}

/** Sends a whole request. */
export const ask = (port: number, asked: Ask): Promise<Answer> => {
  const sent = begin(port, asked)
  const answer = answerTo(sent)
  sent.end(asked.body === undefined ? undefined : JSON.stringify(asked.body))
  return answer
}

/** Asks as several users at once. The ends of the bodies are sent when all requests have begun. */
export const askWithLateBodies = async (port: number, path: string, tokens: readonly string[]) => {
  const asked = tokens.map((token) => {
    const sent = begin(port, { method: 'POST', path, token, body: { a: 1 } })
    const answer = answerTo(sent)
    sent.write('{"a":')
    return { token, sent, answer }
  })
  await pause(50)
  for (const { sent } of asked) sent.end('1}')
  return asked.map(({ token, answer }) => ({ token, answer }))
}

function byteLength(body: unknown): number {
  return Buffer.byteLength(JSON.stringify(body))
}
