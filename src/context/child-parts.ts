/**
 * The parts of a child context, checked: what it adds to its parent, what it may be called, how deep children may nest.
 */
import { ContextError } from '../errors/context-error.ts'
import type { Issue, IssueKind } from '../errors/issue.ts'
import { maxActors, readDeclaredActor } from '../facts/actor.ts'
import { findIdIssue } from '../facts/ids.ts'
import { isPlainObject, mergeRecords } from '../facts/json-copy.ts'
import { readExemption } from '../identity/exemption.ts'
import type { Proof } from '../identity/liveness-registry.ts'
import {
  assertWithinAmbient,
  isHeld,
  maxDepth,
  type Facts,
  type Lineage,
  type Parent,
  type Subject,
} from './context-parts.ts'
import { keysOfChild, parseRunRequest } from './run-request.ts'

// Captured before any other code can replace them.
const { assign, create, freeze, hasOwn } = Object

type ChildParts = {
  readonly proof: Proof
  readonly subject: Subject
  readonly facts: Facts
  readonly lineage: Lineage
}

/**
 * What a child is put together from. Each property of the additions is read once.
 *
 * @throws {ContextError} `ERR_CONTEXT_MISMATCH`, `ERR_CONTEXT_INVALID_OPERATION`, `ERR_CONTEXT_TOO_DEEP`,
 *   `ERR_CONTEXT_PERMISSION_WIDENED`, `ERR_CONTEXT_INVALID_REQUEST`.
 */
export const toChildParts = (parent: Parent, proof: Proof, operation: string, additions: unknown): ChildParts => {
  // Here already, and not where the child is used: a tool must not come by rights that were narrowed for it.
  assertWithinAmbient(parent)
  const kind = findOperationIssue(operation)
  if (kind !== undefined)
    throw new ContextError('ERR_CONTEXT_INVALID_OPERATION', { issues: [{ path: 'operation', kind }] })
  if (parent.depth >= maxDepth) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
  const lineage = { parentRequestId: parent.requestId, operation, depth: parent.depth + 1 }
  const { records, limits } = split(additions)
  const added = parseRunRequest(records, keysOfChild)
  const facts: Facts = {
    threadId: parent.threadId,
    runId: parent.runId,
    agentContext: mergeRecords(parent.agentContext, added.agentContext),
    auditMetadata: mergeRecords(parent.auditMetadata, added.auditMetadata),
  }
  if (limits === undefined) return { proof, subject: parent, facts, lineage }
  return { ...toLimited(parent, proof, limits), facts, lineage }
}

type Limits = { readonly actor: unknown; readonly permissions: unknown; readonly outlivesIdentity: unknown }

/** What goes into records, and what limits the child; undefined where nothing does. */
function split(additions: unknown): { readonly records: unknown; readonly limits?: Limits } {
  if (additions === undefined) return { records: undefined }
  let issues: readonly Issue[]
  try {
    if (!isPlainObject(additions)) return { records: additions }
    // Own properties only: a polluted Object.prototype must not let a child outlive its user.
    const own: Record<string, unknown> = assign(create(null), additions)
    const { actor, permissions, outlivesIdentity, ...records } = own
    let isLimited = false
    const lost: Issue[] = []
    for (let index = 0; index < limits.length; index++) {
      const path = limits[index]!
      if (!hasOwn(own, path)) continue
      isLimited = true
      // Given and undefined is a narrowing that failed: the child must not keep all rights of its parent.
      if (own[path] === undefined) lost.push({ path, kind: 'missing' })
    }
    if (lost.length === 0)
      return isLimited ? { records, limits: { actor, permissions, outlivesIdentity } } : { records }
    issues = lost
  } catch (cause) {
    throw new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues: [{ path: '', kind: 'live object' }], cause })
  }
  throw new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues })
}

const limits = ['actor', 'permissions', 'outlivesIdentity'] as const

function toLimited(parent: Parent, proof: Proof, limits: Limits): { readonly proof: Proof; readonly subject: Subject } {
  const issues: Issue[] = []
  let { permissions, actors, identity } = parent
  try {
    if (limits.permissions !== undefined) permissions = narrow(parent.permissions, limits.permissions, issues)
    if (limits.actor !== undefined) {
      const actor = readDeclaredActor(limits.actor, 'actor', issues)
      if (actor !== undefined) {
        const chain = [actor]
        for (let index = 0; index < actors.length; index++) chain[index + 1] = actors[index]!
        actors = freeze(chain)
      }
    }
  } catch (cause) {
    if (cause instanceof ContextError) throw cause
    throw new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues: [{ path: '', kind: 'live object' }], cause })
  }
  if (issues.length === 0 && limits.outlivesIdentity !== undefined) {
    const exempt = readExemption(parent, proof, limits.outlivesIdentity, issues)
    if (exempt !== undefined) {
      proof = exempt.proof
      identity = exempt.identity
    }
  }
  if (issues.length > 0) throw new ContextError('ERR_CONTEXT_INVALID_REQUEST', { issues })
  if (actors.length > maxActors) throw new ContextError('ERR_CONTEXT_TOO_DEEP')
  return { proof, subject: { tenantId: parent.tenantId, permissions, identity, actors } }
}

/** A subset, in the order given and without duplicates. @throws {ContextError} `ERR_CONTEXT_PERMISSION_WIDENED`. */
function narrow(held: readonly string[], askedNames: unknown, issues: Issue[]): readonly string[] {
  if (!Array.isArray(askedNames)) {
    issues.push({ path: 'permissions', kind: 'not an array' })
    return held
  }
  // Each name is read once: a list that answers twice widens nothing.
  const names: string[] = []
  for (let position = 0; position < askedNames.length; position++) {
    const asked: unknown = askedNames[position]
    if (!isHeld(held, asked))
      throw new ContextError('ERR_CONTEXT_PERMISSION_WIDENED', {
        issues: [{ path: `permissions[${position}]`, kind: 'does not fit' }],
      })
    if (!isHeld(names, asked)) names[names.length] = asked as string
  }
  return freeze(names)
}

function findOperationIssue(operation: unknown): IssueKind | undefined {
  if (operation === 'root') return 'reserved'
  const kind = findIdIssue(operation)
  // 'test' or 'default' are poor ids and fine names for a step.
  return kind === 'uninitialised value' ? undefined : kind
}
