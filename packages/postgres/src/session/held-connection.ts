/**
 * A connection of a pool, for one session.
 */
import type pg from 'pg'
import { ContextError } from 'user-execution-context'
import { surviveLostConnections } from '../connection/survive-lost-connections.ts'
import { toRefusal } from '../connection/unreachable.ts'
import { longestMs, MessageBatch, sendFirst, type BatchAnswer, type Message } from '../connection/message-batch.ts'
import { isDirect } from '../connection/pooled-client.ts'
import { nameOf } from '../connection/shard-pool.ts'
import { inDoubt } from './session-messages.ts'
import type { SessionPool } from './session-options.ts'

/** The answers to the COMMIT, and to what comes behind it: one answer, or two. */
export type Committing = { readonly committed: Promise<BatchAnswer>; readonly left: Promise<BatchAnswer> }

/** A connection of the pool, held until it is given back or destroyed: once, and the first of both counts. */
export class HeldConnection {
  readonly failed: Promise<never>
  private readonly endsAtMs: number
  private pool: SessionPool | undefined
  private client: pg.PoolClient | undefined
  private isOver = false
  private isCommitting = false
  private ended: { readonly reason: unknown } | undefined
  private reject!: (reason: unknown) => void

  constructor(timeoutMs: number) {
    this.endsAtMs = performance.now() + timeoutMs
    this.failed = new Promise((_resolve, reject) => {
      this.reject = reject
    })
    // It is also awaited in a race that may be over.
    this.failed.catch(() => {})
  }

  /**
   * A connection of a pool without an open transaction. One that somebody left open is destroyed, and another taken.
   */
  async take(pool: SessionPool): Promise<pg.PoolClient> {
    surviveLostConnections(pool)
    this.pool = pool
    for (;;) {
      const client = await pool.connect().catch((cause: unknown) => {
        throw toRefusal(cause)
      })
      const taken = client as unknown as pg.PoolClient & { readonly getTransactionStatus?: () => string | null }
      if (this.isOver) {
        client.release()
        throw this.ended === undefined ? inDoubt('The session has ended.') : this.ended.reason
      }
      // Errors of the connection itself come to the statement that waits, too.
      taken.on('error', ignore)
      this.client = taken
      const status = taken.getTransactionStatus?.() ?? 'I'
      if (status === 'I') return taken
      this.client = undefined
      client.release(true)
    }
  }

  /** Sends the message with the BEGIN. A transaction that was open before shows in a notice. */
  async begin(message: Message): Promise<BatchAnswer> {
    let wasOpen = false
    const listen = ({ code }: { readonly code?: string | undefined }): void => void (wasOpen ||= code === '25001')
    const client = this.client
    client?.on('notice', listen)
    const answer = await sendFirst(message, (each) => this.send(each))
    client?.off('notice', listen)
    if (wasOpen)
      throw inDoubt('Somebody left a transaction open on a connection of the pool. It was closed. Try again.')
    return answer
  }

  /** Sends a message, and gives the answer to it. */
  async send(message: Message): Promise<BatchAnswer> {
    const client = this.client
    if (client === undefined) throw this.ended === undefined ? inDoubt('The session has ended.') : this.ended.reason
    // The session counts its time itself.
    const batch = new MessageBatch(message, longestMs)
    client.query(batch)
    return batch.answer
  }

  /**
   * Sends the message with the COMMIT, and behind it what ends all else. From here on nobody knows what was kept,
   * unless the answer to the first says it. The answer to the second comes later where nobody has to wait for it.
   */
  commit(last: string, leavings: string): Committing {
    this.isCommitting = true
    const client = this.client
    // A pooler could send a message of its own to another connection to the server than this one.
    if (client === undefined || !isDirect(client)) {
      const committed = this.send(`${last}; ${leavings}`)
      return { committed, left: committed }
    }
    const behind = new MessageBatch(leavings)
    const batch = new MessageBatch(last, longestMs, { batch: behind, await: () => void client.query(behind) })
    client.query(batch)
    return { committed: batch.answer, left: behind.answer }
  }

  /** An error of the session, with the name of the shard that it is in. */
  readonly name = <Thrown>(error: Thrown): Thrown =>
    this.pool === undefined ? error : (nameOf(this.pool, error) as Thrown)

  /** Ends the session for an error of its own. */
  readonly fail = (error: ContextError): ContextError => this.end(this.name(error))

  /** Ends the session for a reason that is not its own, and may be anything: what somebody aborted a signal with. */
  readonly end = <Reason>(reason: Reason): Reason => {
    this.ended ??= { reason: this.isCommitting ? this.name(notKnown(reason)) : reason }
    this.reject(this.ended.reason)
    this.destroy()
    return reason
  }

  /**
   * Ends the session because the server cancelled a statement. The server counts the time limit too: on a busy machine
   * its answer comes before our timer, and the reason is the same.
   */
  readonly failCancelled = (cause: unknown): ContextError =>
    this.fail(
      performance.now() >= this.endsAtMs
        ? new ContextError('ERR_CONTEXT_DATABASE_TIMEOUT', { cause })
        : inDoubt('A statement was cancelled. The session ended with it.', cause),
    )

  /** Why the session has ended, where it was ended for a reason. */
  readonly findFailure = (): { readonly reason: unknown } | undefined => this.ended

  /** Destroys the connection alone: the session takes another one. */
  drop(): void {
    const client = this.client
    this.client = undefined
    client?.off('error', ignore)
    client?.release(true)
  }

  giveBack(): void {
    this.letGo()?.release()
  }

  destroy(): void {
    this.letGo()?.release(true)
  }

  /** Ends the hold. Gives what the pool is still to be given. */
  private letGo(): pg.PoolClient | undefined {
    const client = this.client
    this.isOver = true
    this.client = undefined
    client?.off('error', ignore)
    return client
  }
}

function notKnown(cause: unknown): ContextError {
  return new ContextError('ERR_CONTEXT_DATABASE_COMMIT', { cause })
}

const ignore = (): void => {}
