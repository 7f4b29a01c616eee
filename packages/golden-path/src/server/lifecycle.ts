/**
 * Where a server stands between its start and its end.
 */

/** What a load balancer asks, and what refuses new work. */
export type Lifecycle = {
  /** Whether new clients should come here: false from the moment when close() is called. */
  isReady: boolean
  /** Whether new runs, sockets and streams are refused. */
  isClosing: boolean
}

/** How a server closes. All are milliseconds, 0 by default: at once. */
export type CloseOptions = {
  /**
   * How long everything is still served after readiness has failed. As long as a load balancer takes to notice: twice
   * the interval of its checks.
   */
  readonly noticeMs?: number | undefined
  /** How long runs may go on before they are handed on, or end with `ERR_CONTEXT_RUN_DRAINED`. */
  readonly finishMs?: number | undefined
  /**
   * Over how long sockets and streams are closed, each at a random moment, with 1012 in place of 1001: clients that all
   * come back at once would overload the next server.
   */
  readonly spreadMs?: number | undefined
}
