/**
 * The port for where the handles of ownedHandles() rest.
 */

/**
 * The identity that a handle ends with, as far as another process can judge it. Plain JSON; a store keeps it as it is.
 * Personal data: keep it where tokens belong, do not log it.
 */
export type HandleTie = {
  /** When the proof ends, milliseconds since the epoch. Absent for never. */
  readonly endsAtMs?: number
  /** When the proof was issued, milliseconds since the epoch. */
  readonly issuedAtMs?: number
  /** The session that it belongs to. */
  readonly sessionId?: string
}

/** A handle at rest. Frozen. */
export type HandleEntry<Value> = {
  /** Whose it is: what toOwnerKey() gives. Personal data. */
  readonly ownerKey: string
  /** SHA-256 of the handle, 64 hex digits: a reader of the store learns no handle that works. */
  readonly handleDigest: string
  /** When it ends at the latest, milliseconds since the epoch. */
  readonly endsAtMs: number
  readonly tie: HandleTie
  /** What it stands for. A store in a database keeps plain JSON, one in memory anything. */
  readonly value: Value
}

/** How many handles there may be. */
export type HandleLimits = {
  readonly maxPerUser: number
  readonly maxTotal: number
}

/** What an insertion comes to: kept, or refused because this user, or the store, has as many as there may be. */
export type HandleInsertion = 'kept' | 'user full' | 'full'

/**
 * Where handles rest. Each call is one atomic step (a statement, a transaction): of two insertions at the same time one
 * is refused when there is room for one, and of two removals one gets the entry. An entry is found and removed by owner
 * and digest together, never by the digest alone. Entries that have ended (`endsAtMs`) are not found and do not count.
 * Every function may answer at once or by a promise, and rejects when the store cannot be asked.
 *
 * `handleStoreContract()` of `@user-execution-context/testing` tests one.
 */
export type HandleStore<Value> = {
  /** Keeps a new entry, unless that would be one too many. It evicts none that has not ended. */
  readonly insert: (entry: HandleEntry<Value>, limits: HandleLimits) => HandleInsertion | Promise<HandleInsertion>
  /** The entry of this owner, or undefined: a foreign, an unknown and an ended one are told alike. */
  readonly find: (
    ownerKey: string,
    handleDigest: string,
  ) => HandleEntry<Value> | undefined | Promise<HandleEntry<Value> | undefined>
  /** Ties an entry to another identity of its owner. Changes nothing where there is no such entry. */
  readonly retie: (ownerKey: string, handleDigest: string, tie: HandleTie) => void | Promise<void>
  /** Removes the entry of this owner, also one that has ended. Gives it to exactly one caller. */
  readonly remove: (
    ownerKey: string,
    handleDigest: string,
  ) => HandleEntry<Value> | undefined | Promise<HandleEntry<Value> | undefined>
  /** Removes entries of any owner that have ended, at most `maxEntries`. Gives each to exactly one caller. */
  readonly takeEnded: (maxEntries: number) => readonly HandleEntry<Value>[] | Promise<readonly HandleEntry<Value>[]>
}
