/**
 * What a child context may be called, and how deep children may nest.
 */
import type { IssueKind } from '../errors/issue.ts'
import { findIdIssue } from '../facts/ids.ts'

/** How deep child contexts may nest: the root is 0. */
export const maxDepth = 10

/** What is wrong with a value as the name of a child's operation, or undefined when it is one. */
export const findOperationIssue = (operation: unknown): IssueKind | undefined => {
  if (operation === 'root') return 'reserved'
  const kind = findIdIssue(operation)
  // 'test' or 'default' are poor ids and fine names for a step.
  return kind === 'uninitialised value' ? undefined : kind
}
