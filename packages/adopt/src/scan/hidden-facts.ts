/**
 * Values, writes and calls on lines whose errors a comment hides: `@ts-ignore`, `@ts-expect-error`, `@ts-nocheck`. What
 * the compiler would refuse there is not told to anybody.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import { textOf, withoutParentheses } from './detour-facts.ts'
import type { RawHidden } from './file-facts.ts'
import type { Placed } from './placed.ts'
import { positionOf, withoutNodes } from './position-of.ts'

/** Whether the errors of the line that holds the offset are hidden. */
export type IsHidden = (offset: number) => boolean

/** Undefined where nothing is hidden, as in most files. */
export const hiddenLines = (text: string): IsHidden | undefined => {
  if (!text.includes('@ts-')) return undefined
  if (isUnchecked(text)) return () => true
  const hidden: (readonly [start: number, end: number])[] = []
  // Blank lines and comments may stand between the directive and the line that it is about.
  const directive =
    /(?:\/\/\/?|\/\*|^[ \t]*\*)[\s*/]*@ts-(?:ignore|expect-error)\b[^\n]*\n(?:[ \t]*(?:\/\/[^\n]*)?\r?\n)*/gm
  for (const { index, 0: matched } of text.matchAll(directive)) {
    const start = index + matched.length
    const end = text.indexOf('\n', start)
    hidden.push([start, end === -1 ? text.length : end])
  }
  return hidden.length === 0 ? undefined : (offset) => hidden.some(([start, end]) => start <= offset && offset < end)
}

/** Whether a comment before the first statement says so: the last one counts. */
const isUnchecked = (text: string): boolean => {
  const [head] = /^\uFEFF?(?:#![^\n]*)?(?:\s*(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/))*/.exec(text)!
  const comments = head.match(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g) ?? []
  const last = comments.findLast((comment) => /^\/\/\/?\s*@ts-(?:no)?check\b/.test(comment))
  return last?.includes('@ts-nocheck') === true
}

/** @param ancestors parents of the node, the nearest last */
export const hiddenOf = (
  node: SyntaxNode,
  ancestors: readonly SyntaxNode[],
  isHidden: IsHidden,
  enclosing: string,
): RawHidden[] => {
  const shared = { ...spanOf(node), enclosing }
  const target = isHidden(node.start) ? writtenBy(node) : undefined
  if (target) {
    const key = childAt(target, 'property')
    const name = target['computed'] === true ? textOf(key) : nameOf(key)
    return [
      {
        ...shared,
        form: 'write',
        object: spanOf(childAt(target, 'object')!),
        name,
        isGone: node.type === 'UnaryExpression',
      },
    ]
  }
  if (!isValue.test(node.type) || passages.has(node.type)) return []
  const placed = withoutNodes(positionOf(node, ancestors))
  const found: RawHidden[] =
    isGiven(placed) && [node, placed.anchor, placed.callee].some((one) => one && isHidden(one.start))
      ? [{ ...shared, form: 'value' }]
      : []
  const given = childrenAt(node, 'arguments')
  if (!isCall.test(node.type) || !isHidden(reportedAt(node)) || given.some(({ type }) => type === 'SpreadElement'))
    return found
  return [...found, { ...shared, form: 'call', callee: spanOf(childAt(node, 'callee')!), given: given.length }]
}

/** Where the compiler says that a value is missing: at the name of a member, at the whole call of anything else. */
const reportedAt = (call: SyntaxNode): number => {
  const callee = call.type === 'CallExpression' ? childAt(call, 'callee') : undefined
  const isNamed = callee?.type === 'MemberExpression' && callee['computed'] !== true
  return (isNamed ? childAt(callee, 'property')! : call).start
}

const isValue = /Expression$|^(?:Identifier|Literal|TemplateLiteral)$/
const isCall = /^(?:Call|New)Expression$/

/** What is in them is looked at by itself. */
const passages: ReadonlySet<string> = new Set([
  'ParenthesizedExpression',
  'ChainExpression',
  'ArrayExpression',
  'TSNonNullExpression',
  'LogicalExpression',
  'ConditionalExpression',
  'SequenceExpression',
])

const isGiven = ({ position }: Placed): boolean => !/^(?:nowhere|untyped|cast)$/.test(position)

/** The member that an assignment, `++` or `delete` writes. */
const writtenBy = (node: SyntaxNode): SyntaxNode | undefined => {
  const target = withoutParentheses(
    node.type === 'AssignmentExpression'
      ? childAt(node, 'left')
      : node.type === 'UpdateExpression' || (node.type === 'UnaryExpression' && node['operator'] === 'delete')
        ? childAt(node, 'argument')
        : undefined,
  )
  return target?.type === 'MemberExpression' ? target : undefined
}
