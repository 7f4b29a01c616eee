/**
 * Acts on what one client says: the protocol of the WebSocket, without the WebSocket.
 *
 * Nothing that a client sends closes its connection or reaches another's, except a flood.
 */
import {
  ContextError,
  requireContext,
  toClientAnswer,
  toOwnerKey,
  type ThreadId,
  type UserExecutionContext,
} from 'user-execution-context'
import type { AgentRun } from './execution/agent-run.ts'
import { isPending, type Awaitable } from './ports/awaitable.ts'
import { findClientRequestId, parseClientMessage, type ClientMessage } from './wire/client-message.ts'
import { toConnectionOwner, toOutlet, type Connection } from './connection/connection.ts'
import type { GoldenPath } from './golden-path.ts'
import { assertKnownKeys } from './known-keys.ts'
import type { DeliveryStart } from './delivery/delivery.ts'
import { toStartScope } from './execution/start-key.ts'
import { toAcceptedText, type ServerMessage } from './wire/server-message.ts'
import { wireVersion } from './wire/wire-envelope.ts'

/** What the code that owns the login adds. */
export type ReceiverOptions = {
  /**
   * Makes the context of a run or of a look-up, for the user of this connection as they are now. It throws when their
   * proof has ended.
   */
  readonly createContext: (run: { readonly threadId?: ThreadId | undefined }) => Awaitable<UserExecutionContext>
  /** Checks a newer token of the same subject. Rejects to refuse. Default: tokens cannot be renewed here. */
  readonly renewToken?: ((token: string) => Promise<{ readonly expiresAtMs?: number | undefined }>) | undefined
  /**
   * Called with what is answered with an error; of a flood, once a second. For a log. It must not throw. Default: none.
   */
  readonly onRefused?: ((error: unknown) => void) | undefined
}

/** Takes the text of one frame. Resolves when it has been answered; never rejects. */
export type Receiver = (text: string) => Promise<void>

type MessageOf<Type extends ClientMessage['type']> = Extract<ClientMessage, { readonly type: Type }>

type Unversioned<Message> = Message extends unknown ? Omit<Message, 'version'> : never

/** After so many times the allowed messages in one second, a client is not careless but hostile. */
const floodFactor = 10

/**
 * Opens the receiving end of a connection.
 *
 * @throws {ContextError} `ERR_CONTEXT_CONNECTION_NOT_ISSUED`, `ERR_CONTEXT_INVALID_OPTIONS`.
 * @example
 * ```ts
 * import { createForUser, type VerifiedUser } from 'user-execution-context'
 * import { openReceiver, type Connection, type GoldenPath } from '@user-execution-context/golden-path'
 *
 * export const listen = (goldenPath: GoldenPath, connection: Connection, user: VerifiedUser) => {
 *   const receive = openReceiver(goldenPath, connection, { createContext: (run) => createForUser(user, run) })
 *   return (text: string) => void receive(text)
 * }
 * ```
 */
export const openReceiver: (goldenPath: GoldenPath, connection: Connection, options: ReceiverOptions) => Receiver = (
  goldenPath,
  connection,
  options,
) => {
  const ownerKey = toConnectionOwner(connection)
  assertKnownKeys(options, ['createContext', 'renewToken', 'onRefused'])
  const { createContext, renewToken, onRefused } = options
  const { limits } = goldenPath
  let windowStartMs = 0
  let messages = 0

  const send = (message: Unversioned<ServerMessage>): void =>
    connection.send({ version: wireVersion, ...message } as ServerMessage)
  const assertOwn = (context: UserExecutionContext): void => {
    requireContext(context)
    // A closure over the wrong user, in the code that owns the login, ends here.
    if (toOwnerKey(context) !== ownerKey) throw new ContextError('ERR_CONTEXT_ISOLATION')
  }
  const createOwnContext = async (): Promise<UserExecutionContext> => {
    const context = await createContext({})
    assertOwn(context)
    return context
  }
  const execute = (
    context: UserExecutionContext,
    { input, threadId, idempotencyKey, clientRequestId }: MessageOf<'start_run'>,
  ): Promise<AgentRun> => {
    assertOwn(context)
    const onAccepted = (run: AgentRun): void => {
      toOutlet(connection).answer(toAcceptedText(run, clientRequestId))
      void goldenPath.deliver(run, connection, { once: true })
    }
    if (idempotencyKey === undefined) return goldenPath.execute(context, input, { onAccepted })
    const idempotencyScope = toStartScope('runs', threadId)
    return goldenPath.execute(context, input, { onAccepted, idempotencyKey, idempotencyScope })
  }
  const startRun = (message: MessageOf<'start_run'>): Awaitable<AgentRun> => {
    const made = createContext({ threadId: message.threadId })
    return isPending(made) ? made.then((context) => execute(context, message)) : execute(made, message)
  }
  const resume = async ({ runId, epoch, lastSequence, clientRequestId }: MessageOf<'resume'>): Promise<void> => {
    const run = await goldenPath.findRun(await createOwnContext(), runId)
    if (run === undefined) throw new ContextError('ERR_CONTEXT_RUN_NOT_FOUND')
    const { threadId } = run
    // A client must not have to tell silence from a lost answer: it hears where it stands, whatever follows.
    const onStart = (start: DeliveryStart): void =>
      send({ type: 'resume_accepted', threadId, runId, ...start, ...toReference(clientRequestId) })
    void goldenPath.deliver(run, connection, { epoch, lastSequence, onStart })
  }
  const cancel = async ({ runId, clientRequestId }: MessageOf<'cancel_run'>): Promise<void> => {
    const isCancelled = await goldenPath.cancel(await createOwnContext(), runId)
    send({ type: 'cancel_accepted', runId, isCancelled, ...toReference(clientRequestId) })
  }
  const renew = async ({ token, clientRequestId }: MessageOf<'renew_token'>): Promise<void> => {
    if (renewToken === undefined)
      throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: 'type', kind: 'does not fit' }] })
    const { expiresAtMs } = await renewToken(token)
    const isNever = expiresAtMs === undefined || Number.isNaN(new Date(expiresAtMs).getTime())
    const expiresAt = isNever ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }
    send({ type: 'token_renewed', ...expiresAt, ...toReference(clientRequestId) })
  }
  const act = (message: ClientMessage): Awaitable<unknown> => {
    switch (message.type) {
      case 'ping':
        return send({ type: 'pong' })
      case 'start_run':
        return startRun(message)
      case 'resume':
        return resume(message)
      case 'cancel_run':
        return cancel(message)
      case 'renew_token':
        return renew(message)
    }
  }
  const answer = (error: unknown, text: string): void => {
    const { code, message } = toClientAnswer(error)
    send({ type: 'error', code, message, ...toReference(findClientRequestId(text)) })
  }

  return async (text) => {
    if (connection.isClosed) return
    // A clock that nobody sets back: honest clients would be refused until it has come as far again.
    const nowMs = performance.now()
    if (nowMs - windowStartMs >= 1_000) {
      windowStartMs = nowMs
      messages = 0
    }
    messages++
    if (messages > limits.messagesPerSecond) {
      const error = new ContextError('ERR_CONTEXT_TOO_MANY_MESSAGES')
      const { closeCode, message } = toClientAnswer(error)
      if (messages === limits.messagesPerSecond + 1) onRefused?.(error)
      // Each is answered, so that a client never waits in vain; the flood limit bounds how many answers that can be.
      if (messages > limits.messagesPerSecond * floodFactor) connection.close(closeCode, message)
      else answer(error, text)
      return
    }
    try {
      if (isLongerThan(text, limits.messageBytes))
        throw new ContextError('ERR_CONTEXT_INVALID_MESSAGE', { issues: [{ path: '', kind: 'too long' }] })
      await act(parseClientMessage(text))
    } catch (error) {
      onRefused?.(error)
      answer(error, text)
    }
  }
}

// A character of a string is at most three bytes of UTF-8: most texts need not be counted.
function isLongerThan(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes
}

function toReference(clientRequestId: string | undefined): { readonly clientRequestId?: string } {
  return clientRequestId === undefined ? {} : { clientRequestId }
}
