/**
 * Delivers one run over one HTTP answer, until the run, the client or the user's proof ends.
 */
import type { ServerResponse } from 'node:http'
import { ContextError, type UserExecutionContext } from 'user-execution-context'
import type { ExecuteOptions } from '../phases/golden-path.ts'
import type { AgentInput } from '../phases/ports/agent.ts'
import type { AgentRun } from '../phases/execution/agent-run.ts'
import type { Connection } from '../phases/connection/connection.ts'
import type { DeliveryEnd } from '../phases/delivery/delivery.ts'
import type { RunPosition } from '../phases/ports/run-position.ts'
import type { Transport } from '../phases/connection/transport.ts'
import { hasClientLeft } from './answer.ts'
import type { Services } from './services.ts'

/** An HTTP answer as a transport. */
export type StreamTransport = Transport & {
  /**
   * Sends status and headers: from here on the request can no longer be refused, and no proxy takes the answer for
   * dead.
   */
  readonly sendHead: () => void
  /** Set when it is opened. */
  address?: string | undefined
}

/** A delivery over HTTP. */
export type RunStream = {
  readonly services: Services
  readonly context: UserExecutionContext
  readonly response: ServerResponse
  /** Sends nothing by itself before `sendHead()`, so that what refuses the request can still say so in HTTP. */
  readonly transport: StreamTransport
}

/** Starts a run and delivers it from its first event on. Without a place for the stream, no run starts. */
export const streamNewRun = async (
  input: AgentInput,
  stream: RunStream,
  options: Omit<ExecuteOptions, 'onAccepted'>,
): Promise<void> => {
  const {
    services: { goldenPath },
    context,
    transport,
  } = stream
  const connection = openStream(stream)
  let delivered: Promise<DeliveryEnd> | undefined
  const onAccepted = (run: AgentRun): void => {
    transport.sendHead()
    delivered = goldenPath.deliver(run, connection)
  }
  await goldenPath.execute(context, input, { ...options, onAccepted })
  endStream(connection, await delivered)
}

/** Delivers a run after a place in it. A client that leaves cancels nothing. */
export const streamRun = async (run: AgentRun, after: RunPosition, stream: RunStream): Promise<void> => {
  const { epoch, sequence: lastSequence } = after
  const connection = openStream(stream)
  stream.transport.sendHead()
  endStream(connection, await stream.services.goldenPath.deliver(run, connection, { epoch, lastSequence }))
}

function endStream(connection: Connection, end: DeliveryEnd | undefined): void {
  if (end === 'completed') connection.close(1000, 'The run has ended.')
  else if (end === 'lost') connection.close(1011, 'The end of the run is lost.')
  else if (end === 'forgotten') connection.close(1011, 'The run is no longer held.')
}

// A stream holds a place of its address and of its user as a socket does, until the answer closes or the proof ends.
function openStream({ services, context, response, transport }: RunStream): Connection {
  // Its `close` event is over, or will not come. Places would never be given back.
  if (hasClientLeft(response)) throw new ContextError('ERR_CONTEXT_CLOSED')
  const { addresses, goldenPath } = services
  const places = addresses.take(services.toAddress(response.req))
  transport.address = places.address
  let connection: Connection | undefined
  response.once('close', () => {
    addresses.giveBack(places)
    connection?.release()
  })
  connection = goldenPath.connect(context, transport, { runs: 'requested' })
  return connection
}
