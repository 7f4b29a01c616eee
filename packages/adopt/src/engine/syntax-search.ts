/**
 * Finds nodes in a syntax tree together with those that hold them: what the rewriter asks of a place.
 */
import { childrenOf, type Node, type SyntaxTree } from './syntax.ts'

/** A node together with those that hold it, nearest last. */
export type Placed = { readonly node: Node; readonly ancestors: readonly Node[] }

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

/** Name of an identifier or of a text key; undefined for everything else. */
export const keyNameOf = (node: Node | null | undefined): string | undefined =>
  node?.type === 'Identifier'
    ? node.name
    : node?.type === 'Literal' && typeof node.value === 'string'
      ? node.value
      : undefined

/**
 * End of a statement. In code without semicolons, one that begins the next line (`;[…]`, `;(…)`) belongs to what
 * follows,
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
