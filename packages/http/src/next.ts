/**
 * Next.js 16: route handlers, server actions and pages that cannot run without the context of their user.
 */
export { userContext } from './next/user-context.ts'
export type { NextUserContext, NextUserContextOptions } from './next/user-context.ts'
