/**
 * Upgrades for other paths than ours: they belong to the app that mounts the golden path.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ContextError } from 'user-execution-context'
import { endWithError } from './raw-answer.ts'

/**
 * Leaves an upgrade to the other handlers of its server. Where there are none, or none has written a byte after
 * `answerTimeMs`, it is answered 404: Node does not time out an upgrade, so its socket would stay open.
 */
export const leaveForeignUpgrade = (request: IncomingMessage, socket: Duplex, answerTimeMs: number): void => {
  const refuse = (): void => endWithError(socket, new ContextError('ERR_CONTEXT_ROUTE_UNKNOWN'))
  if (countListeners(request) < 2) return refuse()
  const { bytesWritten } = request.socket
  const timer = setTimeout(() => {
    if (request.socket.bytesWritten === bytesWritten) refuse()
  }, answerTimeMs).unref()
  socket.once('close', () => clearTimeout(timer))
}

/** How many listeners the server of a request has for upgrades; 0 where the server is not known. */
export const countListeners = ({ socket }: IncomingMessage): number =>
  (socket as { readonly server?: { listenerCount(event: 'upgrade'): number } }).server?.listenerCount('upgrade') ?? 0
