/**
 * The way to one connection, and which runs go there.
 */
import type { RunId } from 'user-execution-context'
import type { Connection } from '../connection/connection.ts'
import { Outlet, type OutletParts } from '../connection/outlet.ts'
import type { RunPosition } from '../ports/run-position.ts'
import type { Transport } from '../connection/transport.ts'
import type { Delivery, DeliveryEnd } from './delivery.ts'

/** A run that was sent to a connection: on its way, or how far it went. */
export type Sent = {
  delivery: Delivery | undefined
  /** Where it stood when it ended. */
  position: RunPosition
  end: DeliveryEnd | undefined
  /** When it came by itself, from its first event on, on the monotonic clock. */
  unaskedAtMs: number
}

/** An outlet, and what it is used for: one object for both, because most connections idle. */
export class Subscription extends Outlet {
  /** Set once, when the connection is made, which holds this. */
  connection!: Connection
  /** Whether runs come to it unasked. */
  readonly takesAll: boolean
  /** Made with its first entry. */
  sent: Map<RunId, Sent> | undefined = undefined

  constructor(transport: Transport, parts: OutletParts, runs: 'all' | 'requested') {
    super(transport, parts)
    this.takesAll = runs === 'all'
  }
}
