/**
 * Keys that the top level of `agentContext` may not have.
 *
 * The attack it stops: `{ ...context, ...context.agentContext }`, or an agent that reads `agentContext.userId`, takes a
 * user, a run or a right out of data that the client sent.
 */
import { toIssuePath, type Issue } from '../errors/issue.ts'
import type { FrozenJsonRecord } from '../facts/json-copy.ts'

/** What a context says itself, in any case and also as snake_case or kebab-case. */
const reserved = new RegExp(
  `^(?:${[
    '(?:user|session|tenant|thread|run|request|parent[_-]?request|correlation)[_-]?id',
    '(?:created|expires|proven|identity[_-]?ends)[_-]?at(?:[_-]?ms)?',
    'agent[_-]?context',
    'audit[_-]?metadata',
    'namespace|permissions|operation|depth|identity|actors',
  ].join('|')})$`,
  'i',
)

/** Adds an issue for each reserved key of a copied record. */
export const checkReservedKeys = (record: FrozenJsonRecord, path: string, issues: Issue[]): void => {
  let position = 0
  for (const key in record) {
    if (reserved.test(key)) issues.push({ path: toIssuePath(path, key, position), kind: 'reserved' })
    position++
  }
}
