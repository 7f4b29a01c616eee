/**
 * Asks the same of many types at once, before it is asked of each: so that no type waits for the answer to another.
 */
import type { CheckedType, CheckerProject } from '../engine/checker.ts'

/** @param ask does nothing but ask: it is stopped in the middle and run again */
export const askAhead = (
  { askTogether }: Pick<CheckerProject, 'askTogether'>,
  types: readonly (CheckedType | undefined)[],
  ask: (type: CheckedType) => void,
): void => askTogether(new Set(types.filter((type) => type !== undefined)), ask)
