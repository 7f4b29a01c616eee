/**
 * The scope of a request of Hono: in Node it follows the response of Node, elsewhere the body of the answer.
 */
import type { Context } from 'hono'
import { openScope, type Scope, type UserExecutionContext } from 'user-execution-context'
import { keepScope, openNodeScope, type NodeResponse } from '../scopes/node-scope.ts'

/** An open scope, and what is called when the handlers are done. */
export type HonoScope = { readonly scope: Scope; readonly end: () => void }

/**
 * Opens the scope of a request.
 *
 * @param c - The key under which findScope() finds it.
 * @param outgoing - The response of Node; undefined in another runtime.
 */
export const openHonoScope = async (
  c: Context,
  outgoing: NodeResponse | undefined,
  toContext: () => Promise<UserExecutionContext>,
  onCleanupError: (error: unknown) => void,
): Promise<HonoScope> => {
  if (outgoing !== undefined)
    return { scope: await openNodeScope(c, outgoing, toContext, onCleanupError), end: () => {} }
  const scope = openScope(await toContext(), { signal: c.req.raw.signal })
  keepScope(c, scope)
  const close = (): void => void scope.close().catch(onCleanupError)
  return { scope, end: () => closeWithAnswer(c, close) }
}

function closeWithAnswer(c: Context, close: () => void): void {
  const answer = c.finalized ? c.res : undefined
  if (answer?.body === undefined || answer.body === null) return close()
  // The copy is needed: the body of a Response cannot be replaced.
  c.res = new Response(answer.body.pipeThrough(new TransformStream(new EndListener(close))), answer)
}

/** Told about the end of a stream by both ways: it was read to its end, or its reader has left. */
class EndListener {
  readonly #close: () => void
  constructor(close: () => void) {
    this.#close = close
  }
  flush(): void {
    this.#close()
  }
  cancel(): void {
    this.#close()
  }
}
