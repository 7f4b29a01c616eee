/**
 * The files that a test reaches by its imports, directly or through others. The rest can be edited, and no test tells.
 */
import picomatch from 'picomatch'
import type { World } from './world.ts'

/** The usual places and names of tests. */
export const usualTestFiles: readonly string[] = [
  '**/*.{test,spec,e2e}.*',
  '**/{test,tests,__tests__,spec,specs,e2e}/**',
]

/** @returns Absolute paths, the tests themselves included. */
export const findTested = (
  { facts, resolveModule, relativePath }: Pick<World, 'facts' | 'resolveModule' | 'relativePath'>,
  testFiles: readonly string[] = usualTestFiles,
): ReadonlySet<string> => {
  const isTest = picomatch([...testFiles], { dot: true })
  const tested = new Set([...facts.files.keys()].filter((file) => isTest(relativePath(file))))
  // A set gives what is added to it while it is walked.
  for (const file of tested)
    for (const module of facts.files.get(file)?.modules ?? []) {
      const target = resolveModule(file, module)
      if (target !== undefined && facts.files.has(target)) tested.add(target)
    }
  return tested
}
