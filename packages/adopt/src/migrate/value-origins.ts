/**
 * Which sites a value comes from: followed backwards through names, parameters, members, lists and what functions give
 * back. Members are told apart by where they are declared, and not by the object that has them.
 */
import type { Node } from '../engine/syntax.ts'
import { unwrapExpression } from '../engine/syntax-search.ts'
import { followCall, followName, followPattern } from './value-names.ts'
import { followContent, followMember, isElementCall } from './value-parts.ts'
import { declarationKey } from './value-uses.ts'
import type { Onward, Sought } from './value-uses.ts'
import type { Workspace } from './workspace.ts'

/** How far a value is followed through names and calls. */
const mostSteps = 8

/**
 * Follows values to where they come from, each place once however many values come from it. The overlay must be empty.
 *
 * @returns Calls `onOrigin` with the span of each expression on the way, as {@link spanKey} writes it.
 */
export const newOrigins = (
  workspace: Workspace,
): ((file: string, value: Node, onOrigin: (key: string) => void, sought?: Sought) => void) => {
  const steps = new Map<string, number>()
  return (file, value, onOrigin, sought = 'value') => {
    const isKnown = (step: string, depth: number): boolean => {
      if ((steps.get(step) ?? Infinity) <= depth) return true
      steps.set(step, depth)
      return false
    }
    const follow = (at: string, node: Node, depth: number, what: Sought): void => {
      const key = spanKey(at, node)
      if (depth > mostSteps || isKnown(`${key}:${what}`, depth)) return
      if (what === 'value') onOrigin(key)
      const inner = unwrapExpression(node)
      if (inner !== node) return follow(at, inner, depth, what)
      // What is set to a member is the same wherever the member is read.
      const member = node.type === 'MemberExpression' && !node.computed ? node.property : undefined
      const declared = member && declarationKey(workspace, at, member as Node)
      if (declared !== undefined && isKnown(`${declared}:${what}`, depth)) return
      const same: Onward = (to, one, of = what) => follow(to, one, depth, of)
      const next: Onward = (to, one, of = what) => follow(to, one, depth + 1, of)
      if (node.type === 'AwaitExpression') same(at, node.argument)
      else if (node.type === 'ChainExpression') same(at, node.expression)
      else if (node.type === 'AssignmentExpression') same(at, node.right)
      else if (node.type === 'ConditionalExpression') [node.consequent, node.alternate].forEach((one) => same(at, one))
      else if (node.type === 'LogicalExpression') [node.left, node.right].forEach((one) => same(at, one))
      else if (node.type === 'Identifier') followName(workspace, at, node, next)
      else if (node.type === 'ObjectPattern') followPattern(workspace, at, node, next)
      else if (node.type === 'MemberExpression') followMember(workspace, at, node, next)
      if (what === 'content') followContent(workspace, at, node, next)
      else if (node.type === 'CallExpression' && isElementCall(node)) next(at, node.callee.object, 'content')
      if (node.type === 'CallExpression') followCall(workspace, at, node, next)
    }
    follow(file, value, 0, sought)
  }
}

/** Spans of all that values come from, whatever their types say on the way. The overlay must be empty. */
export const originsOf = (
  workspace: Workspace,
  values: readonly { readonly file: string; readonly node: Node }[],
): ReadonlySet<string> => {
  const spans = new Set<string>()
  const followOrigins = newOrigins(workspace)
  for (const { file, node } of values) followOrigins(file, node, (key) => void spans.add(key))
  return spans
}

/** Names an expression of the tree. */
export const spanKey = (file: string, { start, end }: { readonly start: number; readonly end: number }): string =>
  `${file}:${start}:${end}`
