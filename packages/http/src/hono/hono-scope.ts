/**
 * The scope of a request of Hono: in Node it follows the response of Node, elsewhere the body of the answer.
 */
import type { Context } from 'hono'
import { openScope, type Scope, type UserExecutionContext } from 'user-execution-context'
import { closeWithAnswer } from '../scopes/close-with-answer.ts'
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
  const end = (): void => {
    // Where nothing has answered, c.res would make an answer.
    if (c.finalized) c.res = closeWithAnswer(c.res, close)
    else close()
  }
  return { scope, end }
}
