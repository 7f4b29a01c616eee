import { Server, type Socket } from 'socket.io'
import { createForUser, openScope, toClientAnswer, toOwnerKey, watchIdentity } from 'user-execution-context'
import type { UserExecutionContext } from 'user-execution-context'
import type { RequestIdentity } from '@user-execution-context/http'

type SocketData = { readonly user: Awaited<ReturnType<RequestIdentity>> }
export type UserSocket = Socket<any, any, any, SocketData>
/** Hears what failed, for your log. Must not throw. */
type OnError = (error: unknown) => void

/** Every socket has one user, is in the room of that user alone, and is cut when the identity ends. */
export const openSockets = (
  identity: RequestIdentity,
  onError: OnError = console.error,
): Server<any, any, any, SocketData> => {
  const io = new Server<any, any, any, SocketData>()
  io.use(async (socket, next) => {
    try {
      Object.assign(socket.data, { user: await identity(String(socket.handshake.auth['token'])) })
    } catch {
      return next(new Error('Please sign in.'))
    }
    next()
  })
  io.on('connection', async (socket) => {
    // What a listener throws ends the process, and the identity may have ended since it was verified.
    try {
      const context = createForUser(socket.data.user)
      const scope = openScope(context)
      scope.defer(watchIdentity(context, () => socket.disconnect(true)))
      socket.on('disconnect', () => void scope.close().catch(onError))
      await socket.join(toOwnerKey(context))
    } catch (error) {
      socket.disconnect(true)
      onError(error)
    }
  })
  return io
}

/** A new context for each message: its request id is of this message. */
export const onMessage = <Message>(
  socket: UserSocket,
  event: string,
  handle: (context: UserExecutionContext, message: Message) => unknown,
  onError: OnError = console.error,
) =>
  socket.on(event, async (message: Message) => {
    try {
      await handle(createForUser(socket.data.user), message)
    } catch (error) {
      const { httpStatus, code, message: told } = toClientAnswer(error)
      if (httpStatus === 401) socket.disconnect(true)
      else socket.emit('exception', { code, message: told })
      onError(error)
    }
  })
