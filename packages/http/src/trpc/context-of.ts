/**
 * The context of a procedure's caller, for code that does not know the type of `ctx`.
 */
import { requireContext, type UserExecutionContext } from 'user-execution-context'
import { noScope } from '../scopes/node-scope.ts'

/**
 * The context of the user who called a procedure, for code where the type of `ctx` is not known. In a procedure behind
 * userContext(), `ctx.userContext` is the same and known to the compiler.
 *
 * @param ctx - What tRPC gives a procedure.
 * @throws {ContextError} `ERR_CONTEXT_NOT_ISSUED` when the middleware does not stand before the procedure.
 * @example
 * ```ts
 * import { contextOf } from '@user-execution-context/http/trpc'
 *
 * export const ownerOf = (ctx: object): string => contextOf(ctx).userId
 * ```
 */
export const contextOf: (ctx: object) => UserExecutionContext = (ctx) => {
  const { userContext } = (ctx ?? {}) as { readonly userContext?: UserExecutionContext }
  if (userContext === undefined) throw noScope(fix)
  requireContext(userContext)
  return userContext
}

const fix =
  'This procedure has no context: build it from t.procedure.use(userContext(identity)), and pass the ctx that tRPC ' +
  'gives it.'
