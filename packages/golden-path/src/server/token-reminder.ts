/**
 * Reminds clients that their token ends soon. The end itself is the connection's: connect() watches for it.
 */
import type { UserSocket } from './user-socket.ts'

/** How often it is looked, milliseconds: how late a reminder is at most. */
const checkEveryMs = 250

/**
 * Gives the owner of each open socket the time at an interval. One timer for all: most sockets idle, and each byte of
 * them counts.
 *
 * @returns A function that stops it.
 */
export const startTokenReminder = (sockets: ReadonlySet<UserSocket>): (() => void) => {
  const timer = setInterval(() => {
    const nowMs = Date.now()
    for (const { owner } of sockets) owner?.remind(nowMs)
  }, checkEveryMs).unref()
  return () => clearInterval(timer)
}
