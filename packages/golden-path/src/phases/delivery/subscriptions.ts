/**
 * Which connections a user has, and which runs go to each.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { ContextError, encodeKey, toClientAnswer, type RunId } from 'user-execution-context'
import type { Awaitable } from '../ports/awaitable.ts'
import { toConnectionOwner, toOutlet, type Connection } from '../connection/connection.ts'
import { Delivery, type DeliveryEnd, type DeliveryStart } from './delivery.ts'
import { Subscription, type Sent } from './subscription.ts'
import type { EventLog, RunKey } from '../ports/event-log.ts'
import { RunStarts } from './run-starts.ts'
import { runStart, type RunPosition } from '../ports/run-position.ts'
import type { Limits } from '../limits.ts'
import { wireVersion } from '../wire/wire-envelope.ts'

/** How a run is delivered. */
export type DeliveryRequest = {
  /** The last event that the client has. */
  readonly position: RunPosition
  /** Sends nothing again: a run that this connection was sent goes on as it does. */
  readonly once: boolean
  /** Called once before the first event, or, when the delivery goes on as it does, at once. */
  readonly onStart: ((start: DeliveryStart) => void) | undefined
}

/** Of one user: one, as most have, or several. A list of one would be much of what an idle connection costs. */
type Subscribed = Subscription | readonly Subscription[]

const none: readonly Subscription[] = Object.freeze([])

/** How long a request and the run that it names may cross on the wire, milliseconds. */
const crossingMs = 5_000

/** The connections of this process. One per golden path. */
export class Subscriptions {
  readonly #log: EventLog
  readonly #limits: Limits
  readonly #fail: (connection: Connection, error: unknown) => void
  readonly #owners = new Map<string, Subscribed>()
  readonly #starts: RunStarts
  /** Runs whose end the log did not take, oldest first. */
  readonly #lost = new Set<string>()

  constructor(log: EventLog, limits: Limits, fail: (connection: Connection, error: unknown) => void) {
    this.#fail = fail
    this.#log = log
    this.#limits = limits
    this.#starts = new RunStarts(log, this.#hear)
  }

  /** @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CONNECTIONS` when this user may have no more. */
  assertRoom(ownerKey: string): void {
    if (this.#of(ownerKey).length < this.#limits.connectionsPerUser) return
    throw new ContextError('ERR_CONTEXT_TOO_MANY_CONNECTIONS', {
      issues: [{ path: 'limits.connectionsPerUser', kind: 'too large' }],
    })
  }

  /**
   * Takes the subscription of a connection. Once this has settled, every run of its user that starts is delivered to
   * it, if it takes all.
   */
  add(subscription: Subscription): Awaitable<unknown> {
    const ownerKey = toConnectionOwner(subscription.connection)
    const following = subscription.takesAll ? this.#starts.follow(ownerKey) : undefined
    const others = this.#of(ownerKey)
    this.#owners.set(ownerKey, others.length === 0 ? subscription : [...others, subscription])
    return following
  }

  list(ownerKey: string): readonly Connection[] {
    return this.#of(ownerKey).map(({ connection }) => connection)
  }

  /** Delivers a run to a connection. The caller has checked that both are of one user. */
  deliver(key: RunKey, connection: Connection, request: DeliveryRequest): Promise<DeliveryEnd> {
    const subscription = this.#find(connection)
    if (subscription === undefined) return Promise.resolve('closed')
    const sent = subscription.sent?.get(key.runId)
    if (sent === undefined) return this.#start(key, subscription, request, -Infinity)
    // A client that comes back requests its runs while they may start by themselves: what crossed its question on the
    // wire is the answer, or the client would get those events twice. A client that has seen some, or asks again, or
    // later, has lost them.
    const crosses = request.position.sequence === 0 && performance.now() - sent.unaskedAtMs < crossingMs
    if (!crosses && !request.once) return this.#start(key, subscription, request, -Infinity)
    if (crosses && !request.once) sent.unaskedAtMs = -Infinity
    const { epoch, sequence: lastSequence } = sent.delivery?.position ?? sent.position
    request.onStart?.({ epoch, lastSequence, hasEnded: sent.end === 'completed' })
    return sent.delivery?.done ?? Promise.resolve(sent.end ?? 'closed')
  }

  #start(
    key: RunKey,
    subscription: Subscription,
    { position, onStart }: Omit<DeliveryRequest, 'once'>,
    unaskedAtMs: number,
  ): Promise<DeliveryEnd> {
    const { connection } = subscription
    const all = (subscription.sent ??= new Map())
    all.get(key.runId)?.delivery?.end('closed')
    const delivery = new Delivery({
      key,
      log: this.#log,
      outlet: subscription,
      limits: this.#limits,
      position,
      onStart,
      onFailure: (error) => this.#fail(connection, error),
    })
    const sent: Sent = { delivery, position: runStart, end: undefined, unaskedAtMs }
    // Behind the others: the oldest are let go of first.
    all.delete(key.runId)
    all.set(key.runId, sent)
    // Older ones are no longer held by the log either.
    if (all.size > this.#limits.retainedRunsPerUser) letGo(all)
    if (this.#lost.size > 0 && this.#lost.has(encodeKey([key.ownerKey, key.runId]))) delivery.lose()
    delivery.start()
    return delivery.done.then((end) => {
      sent.delivery = undefined
      const { epoch, sequence } = delivery.position
      // Not the event itself, which would be kept as long as the connection.
      sent.position = { epoch, sequence }
      sent.end = end
      if (end === 'forgotten') sayEnd(connection, key.runId, 'ERR_CONTEXT_RUN_NOT_FOUND')
      if (end === 'lost') sayEnd(connection, key.runId, 'ERR_CONTEXT_EVENT_LOG_FAILED')
      return end
    })
  }

  /** Ends the deliveries of a run that gets no end, now and later: its readers would wait without an end. */
  lose(run: RunKey): void {
    this.#lost.add(encodeKey([run.ownerKey, run.runId]))
    // Older ones are no longer held by the log either.
    if (this.#lost.size > this.#limits.retainedRuns) this.#lost.delete(this.#lost.values().next().value!)
    for (const { sent } of this.#of(run.ownerKey)) sent?.get(run.runId)?.delivery?.lose()
  }

  /** Ends what goes to a connection. */
  remove(subscription: Subscription): void {
    const ownerKey = toConnectionOwner(subscription.connection)
    if (!this.#of(ownerKey).includes(subscription)) return
    const [first, ...others] = this.#of(ownerKey).filter((each) => each !== subscription)
    if (first === undefined) {
      this.#owners.delete(ownerKey)
      this.#starts.unfollow(ownerKey)
    } else this.#owners.set(ownerKey, others.length === 0 ? first : [first, ...others])
    for (const delivery of toDeliveries(subscription)) delivery.end('closed')
  }

  /**
   * Closes all connections: the process stops. What their runs have said last goes out before, if the readers take it.
   *
   * @param spreadMs - Over how long, each at a random moment: clients that all come back at once would overload the
   *   next process. 0 closes them at once.
   */
  async close(spreadMs: number): Promise<void> {
    const subscriptions = [...this.#owners.keys()].flatMap((ownerKey) => this.#of(ownerKey))
    const deliveries = subscriptions.flatMap(toDeliveries)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => (timer = setTimeout(resolve, this.#limits.cleanupTimeMs)))
    await Promise.race([Promise.all(deliveries.map((delivery) => delivery.flush())), late])
    clearTimeout(timer)
    await Promise.all(
      subscriptions.map(async ({ connection }) => {
        if (spreadMs === 0) return connection.close(1001, 'The server stops.')
        await pause(Math.random() * spreadMs)
        connection.close(1012, 'The server restarts. Connect again.')
      }),
    )
  }

  /** One for all owners: most connections idle. */
  readonly #hear = (run: RunKey): void => {
    for (const subscription of this.#of(run.ownerKey)) if (subscription.takesAll) this.#offer(run, subscription)
  }

  #offer(run: RunKey, subscription: Subscription): void {
    // A log may tell of a run again that was sent already.
    if (subscription.sent?.has(run.runId)) return
    void this.#start(run, subscription, { position: runStart, onStart: undefined }, performance.now())
  }

  #find(connection: Connection): Subscription | undefined {
    const outlet = toOutlet(connection)
    return this.#of(toConnectionOwner(connection)).find((each) => each === outlet)
  }

  #of(ownerKey: string): readonly Subscription[] {
    const subscribed = this.#owners.get(ownerKey)
    if (subscribed === undefined) return none
    return subscribed instanceof Subscription ? [subscribed] : subscribed
  }
}

// Without this, a reader would wait for the rest of a run that the log has forgotten or lost.
function sayEnd(
  connection: Connection,
  runId: RunId,
  why: 'ERR_CONTEXT_RUN_NOT_FOUND' | 'ERR_CONTEXT_EVENT_LOG_FAILED',
): void {
  const { code, message } = toClientAnswer(new ContextError(why))
  connection.send({ version: wireVersion, type: 'error', code, message, runId })
}

function toDeliveries({ sent }: Subscription): readonly Delivery[] {
  return [...(sent?.values() ?? [])].flatMap(({ delivery }) => delivery ?? [])
}

// The oldest that is no longer on its way.
function letGo(all: Map<RunId, Sent>): void {
  for (const [runId, { delivery }] of all) {
    if (delivery !== undefined) continue
    all.delete(runId)
    return
  }
}
