/**
 * Connections that a network has forgotten: nothing that is sent on them arrives, and nothing says so.
 */
import type { Pool, PoolClient } from 'pg'

/** What the driver throws when its `query_timeout` is over. */
const readTimeout = 'Query read timeout'

/**
 * Closes the free connections that have said nothing since a statement was sent that was never answered. A network
 * forgets all at once: without this, each of them costs somebody a statement of their own, one after the other. One
 * that only seems to be lost is opened anew.
 *
 * @returns What watches a pool. All pools that it was given share what one of them finds out: they are of one network.
 */
export const dropSilentConnections = (): ((pool: Pool) => void) => {
  const takenAt = new WeakMap<PoolClient, number>()
  const freeSince = new Map<PoolClient, number>()
  return (pool) => {
    pool.on('acquire', (client) => {
      freeSince.delete(client)
      takenAt.set(client, performance.now())
    })
    pool.on('remove', (client) => void freeSince.delete(client))
    pool.on('release', (error: Error | undefined, client) => {
      if (!error) return void freeSince.set(client, performance.now())
      if (!isReadTimeout(error) && !isReadTimeout(error.cause)) return
      const sentAt = takenAt.get(client) ?? 0
      for (const [other, since] of freeSince) {
        if (since > sentAt) continue
        // The pool takes out at once, before it serves whoever waits, what tells it of an error.
        other.emit('error', new Error('The network seems to have forgotten a free connection. It was closed.'))
        streamOf(other).destroy()
      }
    })
  }
}

function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === readTimeout
}

function streamOf(client: PoolClient): { readonly destroy: () => void } {
  return (client as unknown as { readonly connection: { readonly stream: { readonly destroy: () => void } } })
    .connection.stream
}
