/**
 * Names of statements that a connection to a server itself has prepared: they are read and planned once. A pooler would
 * send a name to a connection that does not know it, so a connection has none until it is known to be no pooler's.
 *
 * SQL can take a name from a connection and give it to another statement. What a user session prepared by SQL is found
 * at its end by a statement without a name, and its connection is destroyed.
 */
import type { Connection } from 'pg'

const known = new WeakMap<Connection, Set<string>>()
/** SQLSTATE of a name that is not there, such as after DISCARD ALL, and of one that is there already. */
const notPrepared = /^(?:26000|42P05)$/

/** Lets a connection have names. */
export const keepNames = (connection: Connection): void => void known.set(connection, new Set())

/** The names of a connection, to be added to; undefined where it has none. */
export const findNames = (connection: Connection): Set<string> | undefined => known.get(connection)

/** Forgets the names of a connection for good, where an error says that they are not what was believed. */
export const forgetNames = (connection: Connection, error: unknown): void => {
  if (isNotPrepared(error)) known.delete(connection)
}

/** Whether a statement did not run because of its name: without one it does. */
export const isNotPrepared = (error: unknown): boolean =>
  notPrepared.test(String((error as { readonly code?: unknown } | undefined)?.code))
