/**
 * One address in front of several servers. Small on purpose: in production a load balancer stands here.
 */
import { createServer, request as ask, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

/** The port on this machine of a server that is ready, for a path; undefined when none is. */
export type ChoosePort = (path: string) => number | undefined

/** Makes the balancer. It listens where its caller says. */
export const createBalancer = (choosePort: ChoosePort): Server => {
  const server = createServer((request, response) => {
    const refuse = (status: 502 | 503): void => {
      if (response.headersSent) return void response.destroy()
      response
        .writeHead(status, { 'retry-after': '1', 'content-type': 'text/plain' })
        .end('No server answers. Ask again.')
    }
    const port = choosePort(toPath(request))
    if (port === undefined) return refuse(503)
    const { method, url: path } = request
    const far = ask({ host: '127.0.0.1', port, method, path, headers: toHeaders(request) }, (answer) => {
      response.writeHead(answer.statusCode!, answer.rawHeaders)
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    })
    far.on('error', () => refuse(502))
    response.on('close', () => far.destroy())
    request.pipe(far)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {})
    const port = choosePort(toPath(request))
    if (port === undefined) return void socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
    const far = connect(port, '127.0.0.1', () => {
      far.write(toText(request))
      far.write(head)
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => {})
    far.on('close', () => socket.destroy())
    socket.on('close', () => far.destroy())
  })
  return server
}

function toPath({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0]!
}

/** The server that is asked must hear of the client, and of nobody whom the client names. */
function toHeaders(request: IncomingMessage): IncomingHttpHeaders {
  const { connection: _ofThisHop, ...headers } = request.headers
  return { ...headers, 'x-forwarded-for': request.socket.remoteAddress }
}

function toText(request: IncomingMessage): string {
  const { method, url, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]!.toLowerCase() !== 'x-forwarded-for')
      lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
  return [...lines, `X-Forwarded-For: ${request.socket.remoteAddress}`, '', ''].join('\r\n')
}
