/**
 * Floor 8. One open WebSocket of one user: its connection, what the client says, and the end of the user's proof.
 */
import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { createForUser } from '../context/user-execution-context.ts'
import { ContextError, toClientAnswer } from '../errors/context-error.ts'
import type { VerifiedUser } from '../identity/verified-user.ts'
import type { Connection } from '../golden-path/connection.ts'
import { openReceiver } from '../golden-path/open-receiver.ts'
import { wireVersion } from '../golden-path/wire-envelope.ts'
import { wsTransport } from '../golden-path/ws-transport.ts'
import { toErrorRecord } from './server-options.ts'
import { watchIdentity, type Services } from './services.ts'

/** How long before the end of a token the client is reminded to renew it. */
const reminderMs = 60_000

/** Takes over a socket whose user is known. */
export const openSocket = (services: Services, user: VerifiedUser, socket: WebSocket, request: IncomingMessage): void => {
  // What a peer sends can be malformed: ws then emits an error, and closes by itself.
  socket.on('error', () => undefined)
  try {
    serve(services, user, socket, request)
  } catch (error) {
    const { closeCode, message } = toClientAnswer(error)
    services.log(toErrorRecord('socket-refused', error))
    socket.close(closeCode, message)
    setTimeout(() => socket.terminate(), 1000).unref()
  }
}

function serve(services: Services, firstUser: VerifiedUser, socket: WebSocket, request: IncomingMessage): void {
  const { goldenPath, identity } = services
  // Replaced by a renewal, always by the same subject: what a run may do follows the newest token.
  let user = firstUser
  const connection = goldenPath.connect(createForUser(user), wsTransport(socket, request.socket))
  let unwatch = watch(services, user, connection)

  const receive = openReceiver(goldenPath, connection, {
    createContext: ({ threadId }) => createForUser(user, { threadId }),
    renewToken: async (token) => {
      const renewed = await identity(token)
      assertSameSubject(user, renewed)
      user = renewed
      unwatch()
      if (!connection.isClosed) unwatch = watch(services, user, connection)
      return { expiresAtMs: user.expiresAtMs }
    },
  })
  // One message after the other: a run that follows a renewal in place is the renewed token's.
  let last: Promise<void> = Promise.resolve()
  socket.on('message', (data, isBinary) => {
    const text = isBinary ? '' : toText(data)
    last = last.then(() => receive(text))
  })
  socket.on('close', () => {
    unwatch()
    connection.release()
  })
}

/** Reminds, and closes, when the proof of the user ends. @returns How to stop. */
function watch(services: Services, user: VerifiedUser, connection: Connection): () => void {
  const { expiresAtMs } = user
  const remindInMs = expiresAtMs === undefined ? undefined : expiresAtMs - reminderMs - Date.now()
  const reminder = remindInMs === undefined || remindInMs < 0 || remindInMs > 2_147_483_647 ? undefined : setTimeout(() => {
    connection.send({ version: wireVersion, type: 'token_expiring', expiresAt: new Date(expiresAtMs!).toISOString() })
  }, remindInMs).unref()
  const unwatch = watchIdentity(services, user, () => {
    const { closeCode, message } = toClientAnswer(new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED'))
    connection.close(closeCode, message)
  })
  return () => {
    clearTimeout(reminder)
    unwatch()
  }
}

// Same person in the same tenant. The session may be another: a user who signed in again renews with that.
function assertSameSubject(user: VerifiedUser, renewed: VerifiedUser): void {
  if (user.userId !== renewed.userId || user.tenantId !== renewed.tenantId) throw new ContextError('ERR_CONTEXT_ANOTHER_SUBJECT')
}

function toText(data: Buffer | ArrayBuffer | Buffer[]): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8')
}
