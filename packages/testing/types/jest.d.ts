/**
 * What src/jest uses of Jest. Jest gives `@jest/globals` to a test without an installed file, and its own packages are
 * installed by integration/jest, where the entry point is compiled and run against the real ones.
 */
declare module '@jest/globals' {
  export const expect: {
    readonly extend: (matchers: object) => void
    readonly addSnapshotSerializer: (serializer: object) => void
  }
}

declare module 'expect' {
  export interface Matchers<R extends void | Promise<void>, T = unknown> {
    readonly toBe: (expected: unknown) => R | T
  }
  export interface AsymmetricMatchers {
    readonly anything: () => unknown
  }
}
