/**
 * What a child context may be called, and how deep children may nest.
 */
import { ContextError } from '../errors/context-error.ts'
import type { IssueKind } from '../errors/issue.ts'
import { findIdIssue } from '../facts/ids.ts'

/** How deep child contexts may nest: the root is 0. */
export const maxDepth = 10

/**
 * Checks the name of a child's operation, and that its parent may have children.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPERATION`, `ERR_CONTEXT_TOO_DEEP`.
 */
export const assertOperation = (operation: unknown, parentDepth: number): void => {
  const kind = findOperationIssue(operation)
  if (kind !== undefined)
    throw new ContextError('ERR_CONTEXT_INVALID_OPERATION', { issues: [{ path: 'operation', kind }] })
  if (parentDepth >= maxDepth) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
}

function findOperationIssue(operation: unknown): IssueKind | undefined {
  if (operation === 'root') return 'reserved'
  const kind = findIdIssue(operation)
  // 'test' or 'default' are poor ids and fine names for a step.
  return kind === 'uninitialised value' ? undefined : kind
}
