/**
 * The target for this package: what a legacy context becomes when the user names no other factory.
 * Beside the floors: imports none of them.
 */
import type { MigrateTarget } from './migrate-options.ts'

const door = 'user-execution-context'

/**
 * `createForUser(vouchForUser(id, { reason: 'migrated from <file>:<line>' }), { … })`: compiles today, is counted, and is burnt
 * down to zero by replacing the vouched user with the verified one.
 */
export const packageTarget: MigrateTarget = {
  type: { module: door, name: 'UserExecutionContext' },
  expression: 'createForUser(vouchForUser({user}, { reason: {reason} }), {run})',
  imports: [
    { module: door, name: 'createForUser' },
    { module: door, name: 'parseUserId' },
    { module: door, name: 'parseThreadId' },
    { module: door, name: 'parseRunId' },
    { module: `${door}/restricted`, name: 'vouchForUser' },
  ],
  fields: {
    userId: { to: 'user', wrap: 'parseUserId' },
    threadId: { to: 'run.threadId', wrap: 'parseThreadId' },
    runId: { to: 'run.runId', wrap: 'parseRunId' },
    agentContext: { to: 'run.agentContext' },
    auditMetadata: { to: 'run.auditMetadata' },
    metadata: { to: 'run.agentContext' },
    websocketClientId: { to: 'run.auditMetadata.websocketClientId' },
    websocketConnectionId: { to: 'run.auditMetadata.websocketClientId' },
    websocketId: { to: 'run.auditMetadata.websocketClientId' },
    requestId: { to: 'drop' },
    createdAt: { to: 'drop' },
    operationDepth: { to: 'drop' },
    parentRequestId: { to: 'drop' },
  },
  reads: {
    metadata: '{context}.agentContext',
    createdAt: 'new Date({context}.createdAtMs)',
    operationDepth: '{context}.depth',
  },
  guard: 'isUserExecutionContext',
}
