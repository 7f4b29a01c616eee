/**
 * What a statement sends, as one write: the driver writes each part of it on its own, which costs more than to send it.
 */
import type { Connection } from 'pg'

/** What gathers the parts of a connection. A connection sends one statement at a time, and each of them at once. */
type Gatherer = { readonly connection: Connection; parts: Buffer[] }

const gatherers = new WeakMap<Connection, Gatherer>()

/**
 * Sends what a function sends, in one write.
 *
 * @param send - Given the connection, in a form that writes nothing yet.
 */
export const inOnePacket = <Result>(connection: Connection, send: (gathering: Connection) => Result): Result => {
  const gatherer = gatherers.get(connection) ?? gather(connection)
  // Nothing of one that could not be sent goes along with this.
  const parts: Buffer[] = (gatherer.parts = [])
  const result = send(gatherer.connection)
  if (parts.length > 0) (connection as unknown as Sending)._send(Buffer.concat(parts))
  return result
}

function gather(connection: Connection): Gatherer {
  const gatherer: Gatherer = {
    connection: Object.create(connection, {
      _send: { value: (part: Buffer) => void gatherer.parts.push(part) },
    }) as Connection,
    parts: [],
  }
  gatherers.set(connection, gatherer)
  return gatherer
}

/** What all messages of the driver go through. Where there is none such, they go out one by one. */
type Sending = { readonly _send: (bytes: Buffer) => void }
