/**
 * Contexts, matchers, forgeries and canaries for tests. Imports no test runner.
 */
export { newCanary } from './canaries/canary-registry.ts'
export type { CanaryOwner } from './canaries/canary-registry.ts'
export { expectOnlyOwn } from './canaries/expect-only-own.ts'
export { testContext, testUser } from './contexts/test-context.ts'
export { testDefaults } from './contexts/test-options.ts'
export type { TestContextOptions, TestUserOptions } from './contexts/test-options.ts'
export { expectRefusesForgeries } from './forgeries/expect-refuses-forgeries.ts'
export type { ServiceCall } from './forgeries/expect-refuses-forgeries.ts'
export { forgeries } from './forgeries/forgeries.ts'
export type { Forgery } from './forgeries/forgeries.ts'
export { contextOf, sameRunAs } from './matchers/asymmetric-matchers.ts'
export type { AsymmetricMatcher } from './matchers/asymmetric-matchers.ts'
export { contextSerializer } from './matchers/context-serializer.ts'
export type { ContextSerializer } from './matchers/context-serializer.ts'
export { isContextOf, isSameRunAs } from './matchers/is-context-of.ts'
export type { ExpectedUser } from './matchers/name-user.ts'
