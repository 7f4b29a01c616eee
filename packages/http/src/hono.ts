/**
 * Hono 4 on any runtime: middleware whose context the compiler knows.
 */
export { contextOf, scopeOf } from './hono/scope-of.ts'
export { userContext } from './hono/user-context.ts'
export type { UserContextEnv } from './hono/user-context.ts'
