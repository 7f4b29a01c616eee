/**
 * Calls that decide who a user is and how long: identityProvider(), vouchForUser() with its reason, and whatever takes
 * `outlivesIdentity` with one. Syntax alone answers what is asked here.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import { echoes } from './echo-facts.ts'
import type { ImportFact, RawAudit } from './file-facts.ts'
import { isConstant, propertyOf, unwrapped, valueAtTop, valueOf } from './written-values.ts'

/** @param imports those of the file so far: they stand before every call */
export const auditOf = (
  call: SyntaxNode,
  program: SyntaxNode,
  imports: readonly ImportFact[],
  enclosing: string,
): RawAudit | undefined => {
  const { name, given } = calledBy(call, program, imports)
  const shared = { ...spanOf(call), enclosing }
  if (name === 'identityProvider') {
    const verify = functionOf(propertyOf(valueOf(given[0], program), 'verify'), program)
    return { ...shared, kind: verify && echoes(verify) ? 'provider-echo' : 'identity-provider' }
  }
  const exemption = given.map((one) => propertyOf(one, 'outlivesIdentity')).find((one) => one !== undefined)
  const hasReason =
    name === 'vouchForUser' ? isReasoned(given, program) : isConstantReason(propertyOf(exemption, 'reason'), program)
  return hasReason ? undefined : { ...shared, kind: 'vouched-reason' }
}

/** vouchForUser() under a name that other files do not know it by: nobody can list its reasons there. */
export const renamedVouching = (
  node: SyntaxNode,
  program: SyntaxNode,
  imports: readonly ImportFact[],
  enclosing: string,
): RawAudit[] => {
  const specifiers = childrenAt(node, 'specifiers').filter((one) => {
    const local = nameOf(childAt(one, 'local'))
    const original = childAt(node, 'source') ? local : originalOf(childAt(one, 'local'), program, imports)
    return original === 'vouchForUser' && nameOf(childAt(one, 'exported')) !== original
  })
  const declared = childrenAt(childAt(node, 'declaration'), 'declarations').filter(
    (one) => originalOf(childAt(one, 'init'), program, imports) === 'vouchForUser',
  )
  return [...specifiers, ...declared].map((one) => ({ ...spanOf(one), kind: 'vouched-reason', enclosing }))
}

/** What is called in the end, with what: `v.call(undefined, user)` calls `v`. */
const calledBy = (
  call: SyntaxNode,
  program: SyntaxNode,
  imports: readonly ImportFact[],
): { readonly name: string | undefined; readonly given: readonly SyntaxNode[] } => {
  const callee = unwrapped(childAt(call, 'callee'))
  const given = childrenAt(call, 'arguments')
  const way = callee?.type === 'MemberExpression' ? nameOf(childAt(callee, 'property')) : undefined
  const inner = originalOf(childAt(callee, 'object'), program, imports)
  if (inner === 'vouchForUser' && (way === 'call' || way === 'bind')) return { name: inner, given: given.slice(1) }
  if (inner === 'vouchForUser' && way === 'apply')
    return { name: inner, given: childrenAt(unwrapped(given[1]), 'elements') }
  return { name: originalOf(callee, program, imports), given }
}

/** The imported name behind a value; a member of a namespace counts by its own, a constant by what it holds. */
const originalOf = (
  value: SyntaxNode | undefined,
  program: SyntaxNode,
  imports: readonly ImportFact[],
  /** Constants on the way here: one may be bound to another in a circle. */
  seen: ReadonlySet<SyntaxNode> = new Set(),
): string | undefined => {
  const node = unwrapped(value)
  const name = nameOf(node)
  if (node?.type === 'MemberExpression')
    return imports.some(({ local, imported }) => imported === '*' && local === nameOf(childAt(node, 'object')))
      ? name
      : undefined
  if (node?.type !== 'Identifier' || name === undefined) return undefined
  const known = imports.find(({ local }) => local === name)?.imported
  const bound = known === undefined ? valueAtTop(name, program) : undefined
  return bound && !seen.has(bound) && /^(?:Identifier|MemberExpression)$/.test(bound.type)
    ? originalOf(bound, program, imports, new Set([...seen, bound]))
    : known
}

/** Options whose reason is written out. Without options there is none to be listed, and the compiler says so. */
const isReasoned = ([user, options]: readonly SyntaxNode[], program: SyntaxNode): boolean => {
  if (options === undefined) return user?.type !== 'SpreadElement'
  const written = valueOf(options, program)
  const reason = propertyOf(written, 'reason')
  return reason !== undefined && isConstant(reason, program)
}

const isConstantReason = (reason: SyntaxNode | undefined, program: SyntaxNode): boolean =>
  reason === undefined || isConstant(reason, program)

/** The function itself, or the one of that name at the top of the file. */
const functionOf = (value: SyntaxNode | undefined, program: SyntaxNode): SyntaxNode | undefined => {
  const found = valueOf(value, program)
  return found && /Function/.test(found.type) ? found : undefined
}
