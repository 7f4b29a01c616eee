/**
 * The sealed Connection: one client of one user. One file, because "private" must mean file-private.
 */
import {
  ContextError,
  newWebSocketClientId,
  requireContext,
  toOwnerKey,
  type UserExecutionContext,
  type WebSocketClientId,
} from 'user-execution-context'
import type { Outlet } from './outlet.ts'
import { definePrinters } from '../printers.ts'
import type { ServerMessage } from '../wire/server-message.ts'

const token = Symbol('maker of connections')
const { freeze } = Object
let mint: (context: UserExecutionContext, outlet: Outlet) => Connection
let isMinted: (value: unknown) => value is Connection
let outletOf: (connection: Connection) => Outlet
let ownerOf: (connection: Connection) => string

/**
 * A connection of one user. It never changes its user. Events of runs reach it through deliver() only.
 *
 * What may be logged is a property. What may not is a getter over a private field, which no spread, logger or cloner
 * takes. On a copy, getters and functions throw `ERR_CONTEXT_CONNECTION_NOT_ISSUED`.
 */
class Connection {
  /** Never set. Its name is what tsc prints for a value that is no Connection. */
  // @ts-ignore TS6133: a private member that no code reads; its NAME is the message.
  declare private readonly 'call connect() to obtain a Connection': never
  /** Marks the real ones at run time, too. */
  readonly #outlet: Outlet
  readonly #ownerKey: string
  readonly #context: UserExecutionContext
  /** Generated here, a UUID. May be logged. */
  readonly 'connectionId': WebSocketClientId

  private 'constructor'(secret: symbol, context: UserExecutionContext, outlet: Outlet) {
    if (secret !== token || new.target !== Connection) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
    this.#outlet = outlet
    this.#ownerKey = toOwnerKey(context)
    this.#context = context
    this.connectionId = newWebSocketClientId()
    freeze(this)
  }

  static {
    mint = (context, outlet) => new Connection(token, context, outlet)
    isMinted = (value): value is Connection => typeof value === 'object' && value !== null && #outlet in value
    outletOf = (connection) => connection.#outlet
    ownerOf = (connection) => connection.#ownerKey
    definePrinters(Connection.prototype, 'Connection', isMinted, ({ connectionId, isClosed }) => ({
      connectionId,
      isClosed,
    }))
    freeze(Connection.prototype)
    freeze(Connection)
  }

  /** Whose connection it is: the context that it was opened with. Do not log. */
  get 'context'(): UserExecutionContext {
    assertConnection(this)
    return this.#context
  }

  /** Whether close() or release() was called, or the reader was too slow. May be logged. */
  get 'isClosed'(): boolean {
    assertConnection(this)
    return this.#outlet.isClosed
  }

  /** Sends a message that is no event of a run. */
  'send'(message: ServerMessage): void {
    assertConnection(this)
    this.#outlet.sendText(JSON.stringify(message))
  }

  /** Closes the transport and frees the connection's place. Runs go on: a cut is not a cancel. */
  'close'(code: number, reason: string): void {
    assertConnection(this)
    this.#outlet.close(code, reason)
  }

  /** Tells the connection that its transport has closed by itself. Call it from the transport's `close` event. */
  'release'(): void {
    assertConnection(this)
    this.#outlet.release()
  }
}

export type { Connection }

/**
 * A connection for the user of a context. Not public: connect() is. @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED`.
 */
export const openConnection = (context: UserExecutionContext, outlet: Outlet): Connection => {
  requireContext(context)
  return mint(context, outlet)
}

/**
 * Whether a value is a connection that connect() gave, in this process.
 *
 * @example
 * ```ts
 * import { isConnection } from '@user-execution-context/golden-path'
 *
 * isConnection({ send: () => {} }) // => false
 * ```
 */
export const isConnection = (value: unknown): value is Connection => isMinted(value)

type AssertConnection = (value: unknown) => asserts value is Connection

/** Refuses everything that is no connection. @throws {ContextError} `ERR_CONTEXT_CONNECTION_NOT_ISSUED`. */
export const assertConnection: AssertConnection = (value) => {
  if (!isMinted(value)) throw new ContextError('ERR_CONTEXT_CONNECTION_NOT_ISSUED')
}

/** Tenant and user of a connection. Not public. @throws {ContextError} `ERR_CONTEXT_CONNECTION_NOT_ISSUED`. */
export const toConnectionOwner = (connection: Connection): string => {
  assertConnection(connection)
  return ownerOf(connection)
}

/** What deliveries send through. Not public. @throws {ContextError} `ERR_CONTEXT_CONNECTION_NOT_ISSUED`. */
export const toOutlet = (connection: Connection): Outlet => {
  assertConnection(connection)
  return outletOf(connection)
}
