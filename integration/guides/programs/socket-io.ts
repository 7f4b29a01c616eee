import { Server, type Socket } from 'socket.io'
import { createForUser, openScope, toOwnerKey, watchIdentity } from 'user-execution-context'
import type { UserExecutionContext } from 'user-execution-context'
import type { RequestIdentity } from '@user-execution-context/http'

type SocketData = { readonly user: Awaited<ReturnType<RequestIdentity>> }
export type UserSocket = Socket<any, any, any, SocketData>

/** Every socket has one user, is in the room of that user alone, and is cut when the identity ends. */
export const openSockets = (identity: RequestIdentity): Server<any, any, any, SocketData> => {
  const io = new Server<any, any, any, SocketData>()
  io.use(async (socket, next) => {
    try {
      Object.assign(socket.data, { user: await identity(String(socket.handshake.auth['token'])) })
    } catch {
      return next(new Error('Please sign in.'))
    }
    next()
  })
  io.on('connection', (socket) => {
    const context = createForUser(socket.data.user)
    void socket.join(toOwnerKey(context))
    const scope = openScope(context)
    scope.defer(watchIdentity(context, () => socket.disconnect(true)))
    socket.on('disconnect', () => void scope.close())
  })
  return io
}

/** A new context for each message: its request id is of this message. */
export const onMessage = <Message>(
  socket: UserSocket,
  event: string,
  handle: (context: UserExecutionContext, message: Message) => unknown,
) => socket.on(event, (message: Message) => void handle(createForUser(socket.data.user), message))
