/**
 * Floor 6. Acts on what one client says: the protocol of the WebSocket, without the WebSocket.
 *
 * Nothing that a client sends closes its connection or reaches another's, except a flood.
 */
import { toOwnerKey } from '../context/log-fields.ts'
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError, toClientAnswer } from '../errors/context-error.ts'
import type { ThreadId } from '../facts/ids.ts'
import { requireContext } from '../scope/require-context.ts'
import { findClientRequestId, parseClientMessage, type ClientMessage } from './client-message.ts'
import { toConnectionOwner, toOutlet, type Connection } from './connection.ts'
import type { GoldenPath } from './open-golden-path.ts'
import { wireVersion } from './wire-envelope.ts'

/** What the code that owns the login adds. */
export type ReceiverOptions = {
  /**
   * Makes the context of a run or of a look-up, for the user of this connection as they are now. It throws when their
   * proof has ended.
   */
  readonly createContext: (run: { readonly threadId?: ThreadId | undefined }) => UserExecutionContext | Promise<UserExecutionContext>
  /** Checks a newer token of the same subject. Rejects to refuse. Default: tokens cannot be renewed here. */
  readonly renewToken?: ((token: string) => Promise<{ readonly expiresAtMs?: number | undefined }>) | undefined
}

/** Takes the text of one frame. Resolves when it has been answered; never rejects. */
export type Receiver = (text: string) => Promise<void>

type OpenReceiver = (goldenPath: GoldenPath, connection: Connection, options: ReceiverOptions) => Receiver

/** After so many times the allowed messages in one second, a client is not careless but hostile. */
const floodFactor = 10

/**
 * Opens the receiving end of a connection.
 *
 * @throws {ContextError} `ERR_CONTEXT_CONNECTION_NOT_ISSUED`.
 */
export const openReceiver: OpenReceiver = (goldenPath, connection, { createContext, renewToken }) => {
  const ownerKey = toConnectionOwner(connection)
  const { limits } = goldenPath
  let windowStartMs = 0
  let messages = 0

  const createOwnContext = async (run: { readonly threadId?: ThreadId | undefined }): Promise<UserExecutionContext> => {
    const made = createContext(run)
    const context = made instanceof Promise ? await made : made
    requireContext(context)
    // A closure over the wrong user, in the code that owns the login, ends here.
    if (toOwnerKey(context) !== ownerKey) throw new ContextError('ERR_CONTEXT_ISOLATION')
    return context
  }
  const act = async (message: ClientMessage): Promise<void> => {
    switch (message.type) {
      case 'ping':
        return connection.send({ version: wireVersion, type: 'pong' })
      case 'start_run': {
        const context = await createOwnContext({ threadId: message.threadId })
        // The client waits for its first event: one write and one wake-up less than answer and event apart.
        toOutlet(connection).holdBack()
        const run = await goldenPath.execute(context, message.input)
        const { threadId, runId } = run
        connection.send({ version: wireVersion, type: 'run_accepted', threadId, runId, ...toReference(message.clientRequestId) })
        void goldenPath.deliver(run, connection)
        return
      }
      case 'resume': {
        const run = await goldenPath.findRun(await createOwnContext({}), message.runId)
        if (run === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
        void goldenPath.deliver(run, connection, { lastSequence: message.lastSequence })
        return
      }
      case 'cancel_run':
        await goldenPath.cancel(await createOwnContext({}), message.runId)
        return
      case 'renew_token': {
        if (renewToken === undefined) throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: 'type', kind: 'does not fit' }] })
        const { expiresAtMs } = await renewToken(message.token)
        const expiresAt = expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }
        return connection.send({ version: wireVersion, type: 'token_renewed', ...expiresAt })
      }
    }
  }
  const answer = (error: unknown, text: string): void => {
    const { code, message } = toClientAnswer(error)
    connection.send({ version: wireVersion, type: 'error', code, message, ...toReference(findClientRequestId(text)) })
  }

  return async (text) => {
    if (connection.isClosed) return
    const nowMs = Date.now()
    if (nowMs - windowStartMs >= 1_000) {
      windowStartMs = nowMs
      messages = 0
    }
    messages++
    if (messages > limits.messagesPerSecond) {
      const error = new ContextError('ERR_CONTEXT_TOO_MANY_MESSAGES')
      // One answer per second: an answer to each would let a client make us send as fast as it does.
      if (messages === limits.messagesPerSecond + 1) answer(error, text)
      if (messages > limits.messagesPerSecond * floodFactor) {
        const { closeCode, message } = toClientAnswer(error)
        connection.close(closeCode, message)
      }
      return
    }
    try {
      if (Buffer.byteLength(text) > limits.messageBytes) throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: '', kind: 'too long' }] })
      await act(parseClientMessage(text))
    } catch (error) {
      answer(error, text)
    }
  }
}

function toReference(clientRequestId: string | undefined): { readonly clientRequestId?: string } {
  return clientRequestId === undefined ? {} : { clientRequestId }
}
