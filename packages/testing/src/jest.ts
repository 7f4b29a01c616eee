/**
 * Importing this in a setup file of Jest adds the matchers and the snapshot serializer to `expect`.
 */
export { contextOf, sameRunAs } from './jest/extend-expect.ts'
export type { ContextAsymmetricMatchers, ContextMatchers } from './matchers/matcher-types.ts'
