/**
 * The message gate of a server object: it takes messages of the user whom it was made for, and of nobody else.
 *
 * The attack it stops: a server object that a program gives to the SDK for two users (CVE-2026-25536). It stands before
 * the SDK looks a message up, so that it holds for lists, completions, notifications and handlers of the program's own
 * as for calls.
 */
import { assertOwned, toClientAnswer, type UserExecutionContext } from 'user-execution-context'
import type { Settings } from '../options/options.ts'
import type { SdkRequest } from './auth-info.ts'

/** A server object, which own() was told of, and how it learns whose a message is. */
type Guarded = {
  readonly server: { readonly server: Connectable }
  readonly contextOf: (sdk: SdkRequest) => UserExecutionContext
  readonly report: Settings['report']
}
/** Of the SDK: the same in both majors. */
type Connectable = { connect: (transport: never) => Promise<void> }
type Transport = {
  start: () => Promise<void>
  readonly send: (message: object) => Promise<void>
  onmessage?: ((message: unknown, extra?: SdkRequest) => void) | undefined
}

/** Sets the gate before each transport that the server is connected to. */
export const guardMessages = ({ server, contextOf, report }: Guarded): void => {
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
          assertOwned(contextOf({ ...extra }), server)
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

/** Answers a request. A notification has no answer, and what answers a question of this server is not taken for one. */
async function refuse(message: unknown, error: unknown, transport: Transport): Promise<void> {
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown }
  if (id === undefined || method === undefined) return
  const answer = { code: internalError, message: toClientAnswer(error).message }
  await transport.send({ jsonrpc: '2.0', id, error: answer })
}

const internalError = -32_603
