/**
 * Fastify 5: a plugin, handlers that take the scope, and the answer to errors.
 */
export { contextOf, scopeOf } from './fastify/scope-of.ts'
export { userContext } from './fastify/user-context.ts'
export type { FastifyUserContext, FastifyUserContextOptions } from './fastify/user-context.ts'
