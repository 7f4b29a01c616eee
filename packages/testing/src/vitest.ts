/**
 * Importing this in a setup file of Vitest adds the matchers and the snapshot serializer to `expect`.
 */
export { contextOf, sameRunAs } from './vitest/extend-expect.ts'
export type { ContextAsymmetricMatchers, ContextMatchers } from './matchers/matcher-types.ts'
