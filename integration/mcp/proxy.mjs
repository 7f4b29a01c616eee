// A proxy on the loopback that adds the token of one user to whatever passes: the conformance suite knows no tokens.
import { createServer, request as httpRequest } from 'node:http'
import { listen } from './servers-2.mjs'

/** Opens it. Without a token it only passes on. It counts how it was answered, by status. */
export async function openProxy(target, token) {
  const statuses = new Map()
  const opened = await listen(
    createServer((incoming, outgoing) => {
      const headers = { ...incoming.headers, ...(token && { authorization: `Bearer ${token}` }) }
      const url = new URL(incoming.url, target)
      const sent = httpRequest(url, { method: incoming.method, headers }, (answer) => {
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1)
        outgoing.writeHead(answer.statusCode, answer.headers)
        answer.pipe(outgoing)
      })
      sent.on('error', () => outgoing.destroy())
      outgoing.on('close', () => sent.destroy())
      incoming.pipe(sent)
    }),
  )
  return { ...opened, statuses }
}
