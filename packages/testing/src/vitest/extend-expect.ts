/**
 * Adds the matchers and the serializer to the `expect` of Vitest, and to its types.
 */
import { expect } from 'vitest'
import { contextOf, sameRunAs } from '../matchers/asymmetric-matchers.ts'
import { toBeContextOf, toBeSameRunAs } from '../matchers/context-matchers.ts'
import { contextSerializer } from '../matchers/context-serializer.ts'
import type { ContextAsymmetricMatchers, ContextMatchers } from '../matchers/matcher-types.ts'
import { warnOfRunnerVersion } from '../matchers/runner-version.ts'

declare module 'vitest' {
  // The parameter must repeat the declaration of Vitest.
  // eslint-disable-next-line typescript/no-unused-vars
  interface Assertion<T = any> extends ContextMatchers {}
  interface AsymmetricMatchersContaining extends ContextAsymmetricMatchers {}
}

warnOfRunnerVersion('vitest')
// By extend(), so that the `expect` of a test's own context has them too.
expect.extend({
  toBeContextOf,
  toBeSameRunAs,
  contextOf: toBeContextOf,
  sameRunAs: toBeSameRunAs,
})
// The ones that name whom they refused.
Object.assign(expect, { contextOf, sameRunAs })
expect.addSnapshotSerializer(contextSerializer)

export { contextOf, sameRunAs }
