/**
 * Floor 6. Which connections a user has, and which runs go to each.
 */
import { ContextError } from '../errors/context-error.ts'
import type { RunId } from '../facts/ids.ts'
import { toConnectionOwner, toOutlet, type Connection } from './connection.ts'
import { Delivery, type DeliveryEnd } from './delivery.ts'
import type { EventLog, RunKey, Unfollow } from './event-log.ts'
import type { Limits } from './limits.ts'

/** What one connection gets. Its collections are made on first use: most connections wait for their first run. */
class Subscription {
  readonly connection: Connection
  unfollow: Unfollow | undefined
  #deliveries: Map<RunId, Delivery> | undefined
  #unasked: Set<RunId> | undefined

  constructor(connection: Connection) {
    this.connection = connection
  }

  get deliveries(): Map<RunId, Delivery> {
    this.#deliveries ??= new Map()
    return this.#deliveries
  }

  /** Runs that went to this connection from their first event on before anybody asked for them. */
  get unasked(): Set<RunId> {
    this.#unasked ??= new Set()
    return this.#unasked
  }
}

/** The connections of this process. One per golden path. */
export class Subscriptions {
  readonly #log: EventLog
  readonly #limits: Limits
  readonly #owners = new Map<string, Map<Connection, Subscription>>()

  constructor(log: EventLog, limits: Limits) {
    this.#log = log
    this.#limits = limits
  }

  /** @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CONNECTIONS` when this user may have no more. */
  assertRoom(ownerKey: string): void {
    if ((this.#owners.get(ownerKey)?.size ?? 0) < this.#limits.connectionsPerUser) return
    throw new ContextError('ERR_CONTEXT_TOO_MANY_CONNECTIONS', { issues: [{ path: 'limits.connectionsPerUser', kind: 'too large' }] })
  }

  add(connection: Connection, runs: 'all' | 'requested'): void {
    const ownerKey = toConnectionOwner(connection)
    const own = this.#owners.get(ownerKey) ?? new Map<Connection, Subscription>()
    const subscription = new Subscription(connection)
    this.#owners.set(ownerKey, own.set(connection, subscription))
    if (runs === 'all') void this.#followOwner(ownerKey, subscription)
  }

  list(ownerKey: string): readonly Connection[] {
    return [...(this.#owners.get(ownerKey)?.keys() ?? [])]
  }

  /** Delivers a run to a connection. The caller has checked that both are of one user. */
  deliver(key: RunKey, connection: Connection, lastSequence: number): Promise<DeliveryEnd> {
    const subscription = this.#find(connection)
    if (subscription === undefined) return Promise.resolve('closed')
    const { deliveries, unasked } = subscription
    // A client that comes back asks for its runs while they may start by themselves: what crossed its question on the
    // wire is the answer, or the client would get those events twice.
    if (unasked.delete(key.runId)) return deliveries.get(key.runId)?.done ?? Promise.resolve('completed')
    return this.#start(key, subscription, lastSequence)
  }

  #start(key: RunKey, { connection, deliveries }: Subscription, lastSequence: number): Promise<DeliveryEnd> {
    deliveries.get(key.runId)?.end('closed')
    const delivery = new Delivery(key, this.#log, toOutlet(connection), this.#limits, lastSequence)
    deliveries.set(key.runId, delivery)
    return delivery.done.then((end) => {
      if (deliveries.get(key.runId) === delivery) deliveries.delete(key.runId)
      return end
    })
  }

  /** Ends what goes to a connection. */
  remove(connection: Connection): void {
    const ownerKey = toConnectionOwner(connection)
    const own = this.#owners.get(ownerKey)
    const subscription = own?.get(connection)
    if (own === undefined || subscription === undefined) return
    own.delete(connection)
    if (own.size === 0) this.#owners.delete(ownerKey)
    subscription.unfollow?.()
    for (const delivery of [...subscription.deliveries.values()]) delivery.end('closed')
  }

  /** Closes all connections: the process stops. What their runs have said last goes out before, if the readers take it. */
  async close(): Promise<void> {
    const deliveries = [...this.#owners.values()].flatMap((own) => [...own.values()].flatMap((each) => [...each.deliveries.values()]))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => (timer = setTimeout(resolve, this.#limits.cleanupTimeMs)))
    await Promise.race([Promise.all(deliveries.map(({ done }) => done)), late])
    clearTimeout(timer)
    for (const own of [...this.#owners.values()]) {
      for (const connection of [...own.keys()]) connection.close(1001, 'The server stops.')
    }
  }

  async #followOwner(ownerKey: string, subscription: Subscription): Promise<void> {
    const unfollow = await this.#log.followOwner(ownerKey, (run) => {
      const { deliveries, unasked } = subscription
      if (deliveries.has(run.runId)) return
      unasked.add(run.runId)
      // Older ones are no longer held by the log either.
      if (unasked.size > this.#limits.retainedRunsPerUser) unasked.delete(unasked.values().next().value!)
      void this.#start(run, subscription, 0)
    })
    if (this.#find(subscription.connection) === undefined) unfollow()
    else subscription.unfollow = unfollow
  }

  #find(connection: Connection): Subscription | undefined {
    return this.#owners.get(toConnectionOwner(connection))?.get(connection)
  }
}
