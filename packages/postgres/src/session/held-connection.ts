/**
 * A connection of a pool, for one session.
 */
import type pg from 'pg'
import { ContextError } from 'user-execution-context'
import { surviveLostConnections } from '../connection/survive-lost-connections.ts'
import { unavailable } from '../connection/unreachable.ts'
import { longestMs, MessageBatch, type BatchAnswer, type BatchStatement } from '../connection/message-batch.ts'
import { inDoubt } from './session-messages.ts'
import type { SessionPool } from './session-options.ts'

type Message = string | readonly BatchStatement[]

/** A connection of the pool, held until it is given back or destroyed: once, and the first of both counts. */
export class HeldConnection {
  readonly failed: Promise<never>
  private readonly endsAtMs: number
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
    for (;;) {
      const client = await pool.connect().catch((cause: unknown) => {
        throw unavailable(cause)
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

  /** Sends a message, and gives the answer to it. A transaction that was open before shows in a notice. */
  async send(message: Message): Promise<BatchAnswer> {
    const client = this.client
    if (client === undefined || this.isOver)
      throw this.ended === undefined ? inDoubt('The session has ended.') : this.ended.reason
    // The session counts its time itself.
    const batch = new MessageBatch(message, longestMs)
    let wasOpen = false
    const listen = ({ code }: { readonly code?: string | undefined }): void => void (wasOpen ||= code === '25001')
    client.on('notice', listen)
    client.query(batch)
    const answer = await batch.answer
    client.off('notice', listen)
    if (wasOpen)
      throw inDoubt('Somebody left a transaction open on a connection of the pool. It was closed. Try again.')
    return answer
  }

  /** Sends the message with the COMMIT. From here on nobody knows what was kept, unless the answer says it. */
  commit(message: string): Promise<BatchAnswer> {
    this.isCommitting = true
    return this.send(message)
  }

  /** Ends the session for a reason, which may be anything: that of a signal is what somebody aborted it with. */
  readonly fail = <Reason>(reason: Reason): Reason => {
    this.ended ??= { reason: this.isCommitting ? notKnown(reason) : reason }
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
