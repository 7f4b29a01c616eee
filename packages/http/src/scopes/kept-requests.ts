/**
 * What is known of a request: a private field of this file on it. What is copied from one request to another, by a
 * spread, a clone or a proxy, takes no user along; and it costs next to nothing, where an entry of a WeakMap costs as
 * much as all of a context (measured).
 */
import type { EventEmitter } from 'node:events'
import type { Scope, UserExecutionContext } from 'user-execution-context'

/** A response of Node, of HTTP/1 or HTTP/2. */
export type NodeResponse = Pick<EventEmitter, 'on'> & {
  readonly closed?: boolean
  /** Not of HTTP/2, whose response does not say itself that it is over. */
  readonly destroyed?: boolean
  /** Of HTTP/2. */
  readonly stream?: { readonly destroyed: boolean } | undefined
}

/** A request whose user was verified. Plain values, no function for each: most requests need no scope. */
export type KeptRequest = {
  readonly context: UserExecutionContext
  /** What verified it. */
  readonly by: unknown
  /** With what its scope closes, and who is told when its cleanups fail. */
  readonly response: NodeResponse | undefined
  readonly onCleanupError: ((error: unknown) => void) | undefined
  /** Its scope, once somebody has asked for it. */
  scope: Scope | undefined
  /** What another identity has verified before for the same request. */
  before: KeptRequest | undefined
}

/** Keeps what is known of a request, in front of what was. */
export const keep = (request: object, kept: KeptRequest): void => {
  kept.before = Keeper.find(request)
  Keeper.write(request, kept)
}

/** What was kept last for a request; undefined for what is none. */
export const findKept = (request: object): KeptRequest | undefined => Keeper.find(request)

class Given {
  constructor(value: object) {
    // oxlint-disable-next-line no-constructor-return -- so that the subclass writes its field onto this value
    return value
  }
}

class Keeper extends Given {
  #kept: KeptRequest

  private constructor(request: object, kept: KeptRequest) {
    super(request)
    this.#kept = kept
  }

  static find(request: object): KeptRequest | undefined {
    return typeof request === 'object' && request !== null && #kept in request ? request.#kept : undefined
  }

  static write(request: object, kept: KeptRequest): void {
    if (#kept in request) request.#kept = kept
    else new Keeper(request, kept)
  }
}
