/**
 * The parts of a child context, checked: what it adds to its parent, what it may be called, how deep children may nest.
 */
import { ContextError } from '../errors/context-error.ts'
import type { IssueKind } from '../errors/issue.ts'
import { findIdIssue } from '../facts/ids.ts'
import { mergeRecords } from '../facts/json-copy.ts'
import type { Facts, Lineage, Parent } from './context-parts.ts'
import { parseRunRequest, type ChildAdditions } from './run-request.ts'

/** How deep child contexts may nest: the root is 0. */
export const maxDepth = 10

/**
 * What a child is put together from, beside what it shares with its parent.
 *
 * @throws {ContextError} `ERR_CONTEXT_INVALID_OPERATION`, `ERR_CONTEXT_TOO_DEEP`, `ERR_CONTEXT_INVALID_REQUEST`.
 */
export const toChildParts = (
  parent: Parent,
  operation: string,
  additions: ChildAdditions | undefined,
): { readonly facts: Facts; readonly lineage: Lineage } => {
  const kind = findOperationIssue(operation)
  if (kind !== undefined)
    throw new ContextError('ERR_CONTEXT_INVALID_OPERATION', { issues: [{ path: 'operation', kind }] })
  if (parent.depth >= maxDepth) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
  const added = parseRunRequest(additions, false)
  return {
    facts: {
      threadId: parent.threadId,
      runId: parent.runId,
      agentContext: mergeRecords(parent.agentContext, added.agentContext),
      auditMetadata: mergeRecords(parent.auditMetadata, added.auditMetadata),
    },
    lineage: { parentRequestId: parent.requestId, operation, depth: parent.depth + 1 },
  }
}

function findOperationIssue(operation: unknown): IssueKind | undefined {
  if (operation === 'root') return 'reserved'
  const kind = findIdIssue(operation)
  // 'test' or 'default' are poor ids and fine names for a step.
  return kind === 'uninitialised value' ? undefined : kind
}
