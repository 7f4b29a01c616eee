/**
 * Connections that break in the moment in which they are made.
 */

type Client = { readonly on: (event: 'error', listener: () => void) => unknown }
type Listening = { readonly on: (event: 'connect', listener: (client: Client) => void) => unknown }

const seen = new WeakSet<object>()

/**
 * Gives each new connection of a pool a listener for errors, before anybody has it. The driver hands a connection over
 * by a promise and reads on meanwhile: where a server goes away with the same packet in which it let a client in, the
 * error would meet no listener, and end the process. Whoever uses the connection is told of it by its next statement.
 *
 * @param pool - Of the driver `pg`. What is no pool of it is left alone.
 */
export const surviveLostConnections = (pool: object): void => {
  if (seen.has(pool)) return
  seen.add(pool)
  if ('on' in pool && typeof pool.on === 'function')
    (pool as Listening).on('connect', (client) => void client.on('error', () => {}))
}
