/**
 * The target for this package: what a legacy context becomes when the user names no other factory.
 */
import type { MigrateTarget } from './migrate-options.ts'

const core = 'user-execution-context'
// createForUser() copies the record and refuses what is not plain JSON, so the assertion hides nothing for long.
const jsonRecord = { module: core, name: 'JsonRecord' }

/**
 * `createForUser(vouchForUser(id, { reason: 'migrated from <file>:<line>' }), { … })`: compiles today, is counted, and
 * is burnt
 * down to zero by replacing the vouched user with the verified one.
 */
export const packageTarget: MigrateTarget = {
  type: { module: core, name: 'UserExecutionContext' },
  expression: 'createForUser(vouchForUser({user}, { reason: {reason}, {...vouching} }), {run})',
  imports: [
    { module: core, name: 'createForUser' },
    { module: core, name: 'parseThreadId' },
    { module: core, name: 'parseRunId' },
    { module: `${core}/restricted`, name: 'vouchForUser' },
  ],
  fields: {
    userId: { to: 'user' },
    sessionId: { to: 'vouching.sessionId' },
    tenantId: { to: 'vouching.tenantId' },
    permissions: { to: 'vouching.permissions' },
    threadId: { to: 'run.threadId', wrap: 'parseThreadId' },
    runId: { to: 'run.runId', wrap: 'parseRunId' },
    agentContext: { to: 'run.agentContext', assertAs: jsonRecord },
    auditMetadata: { to: 'run.auditMetadata', assertAs: jsonRecord },
    metadata: { to: 'run.agentContext', assertAs: jsonRecord },
    websocketClientId: { to: 'run.auditMetadata.websocketClientId' },
    websocketConnectionId: { to: 'run.auditMetadata.websocketClientId' },
    websocketId: { to: 'run.auditMetadata.websocketClientId' },
    requestId: { to: 'drop' },
    createdAt: { to: 'drop' },
    operationDepth: { to: 'drop' },
    parentRequestId: { to: 'drop' },
  },
  spread: {
    'user': '{context}.userId',
    'vouching.tenantId': '{context}.tenantId',
    'vouching.sessionId': '{context}.sessionId',
    'vouching.permissions': '{context}.permissions',
    'run.threadId': '{context}.threadId',
    'run.runId': '{context}.runId',
    'run.agentContext': '{context}.agentContext',
    'run.auditMetadata': '{context}.auditMetadata',
  },
  ofUser: ['vouching.tenantId', 'vouching.sessionId', 'vouching.permissions'],
  reads: {
    metadata: '{context}.agentContext',
    createdAt: 'new Date({context}.createdAtMs)',
    operationDepth: '{context}.depth',
  },
  placeholders: [
    '',
    'undefined',
    'null',
    'none',
    'nil',
    'nan',
    '[object object]',
    'true',
    'false',
    '0',
    '-1',
    'placeholder',
    'default',
    'registry',
    'temp',
    'example',
    'test',
    'demo',
    'sample',
    'template',
    'mock',
    'fake',
    'dummy',
    'xxx',
    'todo',
    'fixme',
    '00000000-0000-0000-0000-000000000000',
  ],
  ids: { pattern: String.raw`^[A-Za-z0-9!#$%&()+,\-.:;=?@[\]^_{|}~]*$`, maxCharacters: 128 },
  guard: { module: core, name: 'isUserExecutionContext' },
}
