/**
 * Express 4 and 5: middleware, handlers that take the scope, and the answer to errors.
 */
export { answerContextErrors, type AnswerErrorsOptions } from './express/answer-context-errors.ts'
export { contextOf, scopeOf } from './express/scope-of.ts'
export { userContext } from './express/user-context.ts'
export type { ExpressUserContext, ScopedHandler } from './express/user-context.ts'
export type { RunWithContext, UserContextOptions } from './scopes/scope-options.ts'
