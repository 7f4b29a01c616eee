/**
 * Floor 8. Finds peers that are gone without having said so: a cut line leaves a socket open for ever.
 */
import type { WebSocket } from 'ws'

const missedBeforeEnd = 2

/**
 * Pings all sockets of a set at an interval and terminates those that missed two answers. One timer for all of them.
 *
 * @returns How to stop.
 */
export const startHeartbeat = (sockets: ReadonlySet<WebSocket>, intervalMs: number): (() => void) => {
  const missed = new WeakMap<WebSocket, number>()
  const timer = setInterval(() => {
    for (const socket of sockets) {
      const count = missed.get(socket)
      if (count === undefined) socket.on('pong', () => missed.set(socket, 0))
      if ((count ?? 0) >= missedBeforeEnd) {
        socket.terminate()
        continue
      }
      missed.set(socket, (count ?? 0) + 1)
      if (socket.readyState === socket.OPEN) socket.ping()
    }
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
