/**
 * tRPC 11: middleware that gives a procedure the context of its user under a key.
 */
export { contextOf } from './trpc/context-of.ts'
export { formatContextErrors } from './trpc/format-context-errors.ts'
export type { ContextErrorShape } from './trpc/format-context-errors.ts'
export { userContext } from './trpc/user-context.ts'
export type { TrpcRequestContext } from './trpc/once-per-request.ts'
export type { TrpcUserContext } from './trpc/user-context.ts'
