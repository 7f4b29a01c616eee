/**
 * One address in front of several servers. Small on purpose: in production a load balancer stands here.
 */
import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** What a balancer goes by. */
export type BalancerOptions = {
  /** The port on this machine of a server that is ready; undefined when none is. */
  readonly choosePort: () => number | undefined
  /** Whether proxies stand in front, whose `X-Forwarded-For` is true: this one adds to it what it sees. */
  readonly keepsForwarded: boolean
}

/** Makes the balancer. It listens where its caller says. */
export const openBalancer = ({ choosePort, keepsForwarded }: BalancerOptions): Server => {
  const server = createServer((request, response) => {
    const refuse = (status: 502 | 503): void => {
      if (response.headersSent) return void response.destroy()
      response
        .writeHead(status, { 'retry-after': '1', 'content-type': 'text/plain' })
        .end('No server answers. Ask again.')
    }
    const port = choosePort()
    if (port === undefined) return refuse(503)
    const { method, url: path } = request
    const far = ask(
      { host: '127.0.0.1', port, method, path, headers: toHeaders(request, keepsForwarded) },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.rawHeaders)
        answer.on('error', () => response.destroy())
        answer.pipe(response)
      },
    )
    far.on('error', () => refuse(502))
    response.on('close', () => far.destroy())
    request.pipe(far)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {})
    const port = choosePort()
    if (port === undefined) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
    const far = connect(port, '127.0.0.1', () => {
      far.write(toText(request, keepsForwarded))
      far.write(head)
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => {})
    far.on('close', () => socket.destroy())
    socket.on('close', () => far.destroy())
  })
  return server
}

/** The server that is asked must hear of the client, and of nobody whom the client names. */
function toForwarded({ headers, socket }: IncomingMessage, keepsForwarded: boolean): string {
  const before = keepsForwarded ? [headers['x-forwarded-for'] ?? []].flat() : []
  return [...before, socket.remoteAddress].join(', ')
}

function toHeaders(request: IncomingMessage, keepsForwarded: boolean): IncomingHttpHeaders {
  const { connection: _ofThisHop, ...headers } = request.headers
  return { ...headers, 'x-forwarded-for': toForwarded(request, keepsForwarded) }
}

function toText(request: IncomingMessage, keepsForwarded: boolean): string {
  const { method, url, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]!.toLowerCase() !== 'x-forwarded-for')
      lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
  return [...lines, `X-Forwarded-For: ${toForwarded(request, keepsForwarded)}`, '', ''].join('\r\n')
}
