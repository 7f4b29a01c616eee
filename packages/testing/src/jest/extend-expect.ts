/**
 * Adds the matchers and the serializer to the `expect` of Jest, and to its types: those of @jest/globals and those of
 * @types/jest.
 */
import { expect } from '@jest/globals'
import { contextOf, sameRunAs } from '../matchers/asymmetric-matchers.ts'
import { toBeContextOf, toBeSameRunAs } from '../matchers/context-matchers.ts'
import { contextSerializer } from '../matchers/context-serializer.ts'
import type { ContextAsymmetricMatchers, ContextMatchers } from '../matchers/matcher-types.ts'
import { warnOfRunnerVersion } from '../matchers/runner-version.ts'

declare module 'expect' {
  // Parameters must repeat the declaration of Jest.
  interface Matchers<R extends void | Promise<void>, T = unknown> extends ContextMatchers<R> {}
  interface AsymmetricMatchers extends ContextAsymmetricMatchers {}
}

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends ContextMatchers<R> {}
    interface Expect extends ContextAsymmetricMatchers {}
    interface InverseAsymmetricMatchers extends ContextAsymmetricMatchers {}
  }
}

warnOfRunnerVersion('jest')
// By extend(), so that `expect.not` has them too.
expect.extend({ toBeContextOf, toBeSameRunAs, contextOf: toBeContextOf, sameRunAs: toBeSameRunAs })
// The ones that name whom they refused.
Object.assign(expect, { contextOf, sameRunAs })
expect.addSnapshotSerializer(contextSerializer)

export { contextOf, sameRunAs }
