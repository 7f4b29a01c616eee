/**
 * Floor 8. Delivers one run over one HTTP answer, until the run, the client or the user's proof ends.
 */
import type { ServerResponse } from 'node:http'
import type { UserExecutionContext } from '../context/user-execution-context.ts'
import { ContextError, toClientAnswer } from '../errors/context-error.ts'
import type { AgentInput } from '../golden-path/agent.ts'
import type { AgentRun } from '../golden-path/agent-run.ts'
import type { Transport } from '../golden-path/transport.ts'
import type { VerifiedUser } from '../identity/verified-user.ts'
import type { Lasting } from './proof-watch.ts'
import type { Services } from './services.ts'

/** A delivery over HTTP. The context and the user are of one and the same request. */
export type RunStream = {
  readonly services: Services
  readonly user: VerifiedUser
  readonly context: UserExecutionContext
  readonly response: ServerResponse
  /** Opens the answer. Called after everything that can refuse the request. */
  readonly openTransport: () => Transport
  /** Sequence of the last event that the client has. Default 0. */
  readonly lastSequence?: number | undefined
}

/** Starts a run and delivers it from its first event on: the stream is open before the run starts. */
export const streamNewRun = async (input: AgentInput, stream: RunStream): Promise<void> => {
  let streaming: Promise<void> | undefined
  const onAccepted = (run: AgentRun): void => {
    streaming = streamRun(run, stream)
    // Awaited below, when the queue has answered: it may fail before.
    streaming.catch(() => {})
  }
  await stream.services.goldenPath.execute(stream.context, input, { onAccepted })
  await streaming
}

/** Delivers a run. A client that leaves cancels nothing. */
export const streamRun = async (run: AgentRun, stream: RunStream): Promise<void> => {
  const { services, user, context, response, lastSequence = 0 } = stream
  // A stream holds a place of its address as a socket does.
  const places = services.addresses.take(services.toAddress(response.req))
  response.once('close', () => services.addresses.giveBack(places))
  const connection = services.goldenPath.connect(context, stream.openTransport(), { runs: 'requested' })
  const proof: Lasting = {
    user,
    end: () => {
      const { closeCode, message } = toClientAnswer(new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED'))
      connection.close(closeCode, message)
    },
  }
  services.proofs.add(proof)
  response.once('close', () => {
    services.proofs.delete(proof)
    connection.release()
  })
  if ((await services.goldenPath.deliver(run, connection, { lastSequence })) !== 'closed') connection.close(1000, 'The run has ended.')
}
