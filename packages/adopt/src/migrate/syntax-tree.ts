/**
 * The syntax tree of one file with parents: what the rewriter asks of a node. Built on oxc-parser, positions in UTF-16.
 */
import { parseSync, visitorKeys } from 'oxc-parser'
import { AdoptError } from '../adopt-error.ts'
import type { Node, Program } from 'oxc-parser'

export type { Node, Program }

/** A node together with those that hold it, nearest last. */
export type Placed = { readonly node: Node; readonly ancestors: readonly Node[] }

/** One parsed file. */
export type SyntaxTree = {
  readonly file: string
  readonly text: string
  readonly program: Program
  readonly comments: readonly { start: number; end: number }[]
}

/**
 * Parses one file, parentheses left out of the tree.
 *
 * @throws {AdoptError} `FILE_UNPARSABLE`, with the file.
 */
export const parseSyntax = (file: string, text: string): SyntaxTree => {
  const { program, errors, comments } = parseSync(file, text, {
    preserveParens: false,
    sourceType: 'module',
    astType: 'ts',
  })
  const first = errors[0]
  if (first) throw new AdoptError('FILE_UNPARSABLE', `${file} does not parse: ${first.message}`, { file })
  return { file, text, program, comments }
}

/** Visits every node, parents before children. `visit` returns false to stay out of a node. */
export const walkNodes = (root: Node, visit: (node: Node, ancestors: readonly Node[]) => boolean | void): void => {
  const ancestors: Node[] = []
  const step = (node: Node): void => {
    if (visit(node, ancestors) === false) return
    ancestors.push(node)
    for (const child of childrenOf(node)) step(child)
    ancestors.pop()
  }
  step(root)
}

/** Direct children in source order. */
export const childrenOf = (node: Node): Node[] => {
  const record = node as unknown as Record<string, unknown>
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = record[key]
    return (Array.isArray(value) ? value : [value]).filter(isNode)
  })
}

/**
 * The outermost node with exactly these bounds (an expression rather than the identifier inside), with its ancestors.
 */
export const findNode = (
  tree: SyntaxTree,
  start: number,
  end: number,
  accepts: (node: Node) => boolean = () => true,
): Placed | undefined => {
  let found: Placed | undefined
  walkNodes(tree.program, (node, ancestors) => {
    if (found || node.end < end || node.start > start) return node.type === 'Program'
    if (node.start === start && node.end === end && accepts(node)) found = { node, ancestors: [...ancestors] }
    return !found
  })
  return found
}

/** Name of an identifier-like node, or undefined. */
export const nameOf = (node: Node | null | undefined): string | undefined =>
  node?.type === 'Identifier'
    ? node.name
    : node?.type === 'Literal' && typeof node.value === 'string'
      ? node.value
      : undefined

/** Line of an offset, from 1. */
export const lineOf = (text: string, offset: number): number => {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/**
 * End of a statement. In code without semicolons, one that begins the next line (`;[…]`, `;(…)`) belongs to what follows,
 * although the parser counts it to the statement before.
 */
export const statementEnd = (
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): number => {
  if (text[end - 1] !== ';') return end
  const content = text.slice(start, end - 1).trimEnd()
  return text.slice(start + content.length, end - 1).includes('\n') ? start + content.length : end
}

/** Expression without assertions, `satisfies`, `!` and parentheses around it. */
export const unwrapExpression = (node: Node): Node => {
  let inner = node
  while (
    [
      'TSAsExpression',
      'TSSatisfiesExpression',
      'TSTypeAssertion',
      'TSNonNullExpression',
      'ParenthesizedExpression',
    ].includes(inner.type)
  ) {
    inner = (inner as unknown as { expression: Node }).expression
  }
  return inner
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
