/**
 * The files that a test reaches by its imports, directly or through others. The rest can be edited, and no test tells.
 */
import { toTestFileCheck } from '../test-files.ts'
import type { World } from './world.ts'

/** @returns Absolute paths, the tests themselves included. */
export const findTested = (
  { facts, resolveModule, relativePath }: Pick<World, 'facts' | 'resolveModule' | 'relativePath'>,
  testFiles?: readonly string[],
): ReadonlySet<string> => {
  const isTest = toTestFileCheck(testFiles)
  const tested = new Set([...facts.files.keys()].filter((file) => isTest(relativePath(file))))
  // A set gives what is added to it while it is walked.
  for (const file of tested)
    for (const module of facts.files.get(file)?.modules ?? []) {
      const target = resolveModule(file, module)
      if (target !== undefined && facts.files.has(target)) tested.add(target)
    }
  return tested
}
