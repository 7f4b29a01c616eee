/**
 * The message gate of a server object: it takes messages of the user whom it was made for, and of nobody else.
 *
 * The attack it stops: a server object that a program gives to the SDK for two users (CVE-2026-25536). It stands before
 * the SDK looks a message up, so that it holds for lists, completions, notifications and handlers of the program's own
 * as for calls.
 */
import { assertOwned, ContextError, toClientAnswer, type UserExecutionContext } from 'user-execution-context'
import type { Settings } from '../options/options.ts'
import type { SdkRequest } from './auth-info.ts'

/** A server object, which own() was told of, and how it learns whose a message is. */
type Guarded = {
  readonly server: { readonly server: Connectable }
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
  readonly report: Settings['report']
  /** What the server was made to show, where that is no more to change. Default: it follows each request. */
  readonly shown?: readonly string[]
  /** Counts a request that nothing has counted on its way here. False when it is one too many. */
  readonly countRequest?: ((context: UserExecutionContext) => boolean) | undefined
}
/** Of the SDK: the same in both majors. */
type Connectable = { connect: (transport: never) => Promise<void> }
type Transport = {
  start: () => Promise<void>
  readonly send: (message: object) => Promise<void>
  onmessage?: ((message: unknown, extra?: SdkRequest) => void) | undefined
}

/** Sets the gate before each transport that the server is connected to. */
export const guardMessages = (guarded: Guarded): void => {
  const { server, report } = guarded
  const sdkServer = server.server
  const connect = sdkServer.connect.bind(sdkServer) as (transport: Transport) => Promise<void>
  sdkServer.connect = async (given: never) => {
    const transport: Transport = given
    const start = transport.start.bind(transport)
    // The SDK sets its listener, and then starts the transport: no message comes before.
    transport.start = () => {
      const dispatch = transport.onmessage
      transport.onmessage = (message, extra) => {
        try {
          assertAdmitted(message, extra, guarded)
        } catch (error) {
          report(error)
          refuse(message, error, transport).catch(report)
          return
        }
        dispatch?.(message, extra)
      }
      return start()
    }
    await connect(transport)
  }
}

/** @throws {ContextError} What assertOwned() throws, `ERR_CONTEXT_ISOLATION`, `ERR_CONTEXT_TOO_MANY_MESSAGES`. */
function assertAdmitted(message: unknown, extra: SdkRequest | undefined, guarded: Guarded): void {
  const { server, contextOf, shown, countRequest } = guarded
  const context = contextOf(extra ?? nothing)
  assertOwned(context, server)
  // Two tokens of one user may hold different rights: the lists of this server are those of the token it was made for.
  if (shown !== undefined && !isSame(shown, context.permissions))
    throw new ContextError('ERR_CONTEXT_ISOLATION', { fix: forOneToken })
  if (countRequest !== undefined && isRequest(message) && !countRequest(context))
    throw new ContextError('ERR_CONTEXT_TOO_MANY_MESSAGES', {
      issues: [{ path: 'limits.requestsPerMinute', kind: 'too large' }],
      fix: 'Send fewer, or raise limits.requestsPerMinute of mcpContexts().',
    })
}

const nothing: SdkRequest = Object.freeze({})
const forOneToken =
  'Make a server for each request, as createMcpHandler() does: this one shows what another token of this user allows.'

/** Names stand in a context once each. */
function isSame(shown: readonly string[], permissions: readonly string[]): boolean {
  if (shown === permissions) return true
  return shown.length === permissions.length && shown.every((name) => permissions.includes(name))
}

function isRequest(message: unknown): boolean {
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown }
  return id !== undefined && method !== undefined
}

/** Answers a request. A notification has no answer, and what answers a question of this server is not taken for one. */
async function refuse(message: unknown, error: unknown, transport: Transport): Promise<void> {
  if (!isRequest(message)) return
  const answer = { code: internalError, message: toClientAnswer(error).message }
  await transport.send({ jsonrpc: '2.0', id: (message as { readonly id: unknown }).id, error: answer })
}

const internalError = -32_603
