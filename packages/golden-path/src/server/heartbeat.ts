/**
 * Pings to sockets, because a line that is cut leaves a socket open.
 */
import type { UserSocket } from './user-socket.ts'

const missedBeforeEnd = 2

/**
 * Pings all sockets of a set at an interval and terminates those that missed two answers.
 *
 * @returns A function that stops it.
 */
export const startHeartbeat = (sockets: ReadonlySet<UserSocket>, intervalMs: number): (() => void) => {
  const timer = setInterval(() => {
    for (const socket of sockets) {
      // On a socket that closes, ws makes a ping nothing.
      if (socket.missedPings++ < missedBeforeEnd) socket.ping()
      else socket.terminate()
    }
  }, intervalMs).unref()
  return () => clearInterval(timer)
}
