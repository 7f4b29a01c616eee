/**
 * Local names that served a dropped field alone (`const requestId = randomUUID()`): they go with it, so that no unused
 * local stays.
 */
import type { LazyEdit } from './change-unit.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { statementEnd, walkNodes } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import { isPropertyName } from './unused-code.ts'

/**
 * Edits that remove the locals which only the dropped expressions use. A value whose computation may have an effect
 * stays.
 */
export const findOrphanedLocals = (
  tree: SyntaxTree,
  { ancestors }: Placed,
  dropped: readonly Node[],
  isUnseen: (node: Node) => boolean,
): LazyEdit[] => {
  const names = new Set(dropped.flatMap((node) => namesIn(node)))
  return [...names].flatMap((name) => {
    for (const scope of ancestors.filter((node) => functions.has(node.type)).reverse()) {
      const bindings = bindingsOf(scope, name)
      if (bindings.length > 1) return []
      const binding = bindings[0]
      if (!binding) continue
      const isOrphaned = referencesIn(scope, name).every(
        (one) => one === binding.name || dropped.some((node) => node.start <= one.start && one.end <= node.end),
      )
      return isOrphaned ? toRemoval(tree, binding, isUnseen) : []
    }
    return []
  })
}

type Binding = {
  readonly name: Node
  readonly property?: Node
  readonly pattern?: Extract<Node, { type: 'ObjectPattern' }>
  readonly declarator: Node
  readonly declaration: Node
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

function namesIn(node: Node): string[] {
  const names: string[] = []
  walkNodes(node, (inner, ancestors) => {
    if (inner.type === 'Identifier' && !isPropertyName(inner, ancestors.at(-1))) names.push(inner.name)
  })
  return names
}

function bindingsOf(scope: Node, name: string): Binding[] {
  const found: Binding[] = []
  walkNodes(scope, (node, ancestors) => {
    const declaration = ancestors.at(-1)
    if (node.type !== 'VariableDeclarator' || !declaration) return
    if (node.id.type === 'Identifier' && node.id.name === name)
      found.push({ name: node.id, declarator: node, declaration })
    if (node.id.type !== 'ObjectPattern') return
    const pattern = node.id
    for (const property of pattern.properties) {
      if (property.type !== 'Property' || property.value.type !== 'Identifier' || property.value.name !== name) continue
      found.push({ name: property.value, property, pattern, declarator: node, declaration })
    }
  })
  return found
}

function referencesIn(scope: Node, name: string): Node[] {
  const found: Node[] = []
  walkNodes(scope, (node, ancestors) => {
    const parent = ancestors.at(-1)
    // The key of a shorthand stands at the same place as its value, which is counted.
    const isKey = parent?.type === 'Property' && parent.key === node && parent.value !== node
    if (node.type === 'Identifier' && node.name === name && !isKey && !isPropertyName(node, parent)) found.push(node)
  })
  return found
}

function toRemoval(
  { text }: SyntaxTree,
  { property, pattern, declarator, declaration }: Binding,
  isUnseen: (node: Node) => boolean,
): LazyEdit[] {
  if (property && pattern) {
    if (pattern.properties.length < 2 || pattern.properties.some((one) => one.type === 'RestElement')) return []
    const following = /^\s*,\s*/.exec(text.slice(property.end))
    const isLast = pattern.properties.at(-1) === property
    const preceding = isLast ? /\s*,\s*$/.exec(text.slice(0, property.start)) : null
    const start = property.start - (preceding?.[0].length ?? 0)
    return [{ start, end: property.end + (isLast ? 0 : (following?.[0].length ?? 0)), print: () => '' }]
  }
  if (declaration.type !== 'VariableDeclaration' || declaration.declarations.length !== 1) return []
  const init = declarator.type === 'VariableDeclarator' ? declarator.init : undefined
  if (!init || !isUnseen(init)) return []
  const indent = /[ \t]*$/.exec(text.slice(0, declaration.start))![0].length
  const end = statementEnd(text, declaration)
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end))
  return [{ start: declaration.start - (rest ? indent : 0), end: end + (rest?.[0].length ?? 0), print: () => '' }]
}
