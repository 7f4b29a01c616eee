/**
 * The scope of a request of Hono outside of Node, where no response tells of its end: it follows the answer's body.
 */
import type { Context } from 'hono'
import { openScope, type Scope, type UserExecutionContext } from 'user-execution-context'
import { closeWithAnswer } from '../scopes/close-with-answer.ts'
import { keepScope } from '../scopes/node-scope.ts'

/** Opens the scope of a request in another runtime than Node. */
export const openWebScope = async (
  c: Context,
  toContext: (c: Context) => Promise<UserExecutionContext>,
): Promise<Scope> => {
  const scope = openScope(await toContext(c), { signal: c.req.raw.signal })
  keepScope(c, scope, toContext)
  return scope
}

/** Closes it when the body of the answer was read, or its reader has left. Called when the handlers are done. */
export const closeWebScope = (
  c: Context,
  scope: Scope,
  isAnswered: boolean,
  onCleanupError: (error: unknown) => void,
): void => {
  const close = (): void => void scope.close().catch(onCleanupError)
  // Where nothing has answered, c.res would make an answer; where an error is thrown, nobody reads the one that is
  // there.
  if (isAnswered) c.res = closeWithAnswer(c.res, c.req.raw.method, close)
  else close()
}
