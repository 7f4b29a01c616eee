/**
 * Which files are tests: where a vouched user may stay, what a target for tests serves, and what reaches a site.
 */
import picomatch from 'picomatch'

/** The usual places and names of tests. */
const usualTestFiles: readonly string[] = [
  '**/{test,tests,__tests__,spec,specs,__mocks__,e2e,fixtures,testing}/**',
  '**/{test,tests}-*/**',
  '**/*.{test,spec,e2e}.*',
]

/** Whether a file is a test, by its path relative to the root: by the globs that are given, else by the usual ones. */
export const toTestFileCheck = (globs: readonly string[] = usualTestFiles): ((file: string) => boolean) =>
  picomatch([...globs], { dot: true })
