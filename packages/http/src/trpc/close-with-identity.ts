/**
 * The end of a WebSocket of tRPC whose user may not go on.
 */
import { toClientAnswer, watchIdentity, type UserExecutionContext } from 'user-execution-context'

/** What the WebSocket adapter of tRPC gives createContext() as `res`: a socket of `ws`. */
type Socket = {
  readonly readyState: number
  readonly close: (code: number, reason: string) => void
  readonly once: (event: 'close', listener: () => void) => unknown
  readonly terminate: () => void
}

const watched = new WeakSet<Socket>()
const closing = 2

/**
 * Closes the socket of a connection when the identity of the user who opened it ends: its calls would be refused one by
 * one, and a client that only listens would not hear of it. Does nothing for a response of HTTP, and once for a socket.
 */
export const closeWithIdentity = (context: UserExecutionContext, res: object | undefined): void => {
  if (!isSocket(res) || watched.has(res) || res.readyState >= closing) return
  watched.add(res)
  const stopWatching = watchIdentity(context, (error) => {
    const { closeCode, message } = toClientAnswer(error)
    res.close(closeCode, message)
  })
  res.once('close', stopWatching)
}

/** A response of HTTP has no terminate(). */
function isSocket(res: object | undefined): res is Socket {
  const { readyState, close, once, terminate } = (res ?? {}) as Partial<Socket>
  return typeof readyState === 'number' && [close, once, terminate].every((method) => typeof method === 'function')
}
