/**
 * Which sites a value comes from: followed backwards through names, parameters and what functions give back. What comes
 * another way (a member, a list, a callback) is not followed.
 */
import type { Node } from '../engine/syntax.ts'
import { findNode, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import { calledFunction } from './called-function.ts'
import { isOwnSource } from './own-source.ts'
import type { Workspace } from './workspace.ts'

type Follow = (file: string, value: Node, depth: number) => void

/** How far a value is followed through names and calls. */
const mostSteps = 8

/**
 * Follows values to where they come from, each place once however many values come from it. The overlay must be empty.
 *
 * @returns Calls `onOrigin` with the span of each expression on the way, as {@link spanKey} writes it.
 */
export const newOrigins = (
  workspace: Workspace,
): ((file: string, value: Node, onOrigin: (key: string) => void) => void) => {
  const steps = new Map<string, number>()
  return (file, value, onOrigin) => {
    const follow: Follow = (at, node, depth) => {
      const key = spanKey(at, node)
      if (depth > mostSteps || (steps.get(key) ?? Infinity) <= depth) return
      steps.set(key, depth)
      onOrigin(key)
      const inner = unwrapExpression(node)
      if (inner !== node) return follow(at, inner, depth)
      if (node.type === 'AwaitExpression') follow(at, node.argument, depth)
      else if (node.type === 'ConditionalExpression')
        [node.consequent, node.alternate].forEach((one) => follow(at, one, depth))
      else if (node.type === 'LogicalExpression') [node.left, node.right].forEach((one) => follow(at, one, depth))
      else if (node.type === 'Identifier') followName(workspace, at, node, (to, one) => follow(to, one, depth + 1))
      else if (node.type === 'CallExpression') followCall(workspace, at, node, (to, one) => follow(to, one, depth + 1))
    }
    follow(file, value, 0)
  }
}

/** Names an expression of the tree. */
export const spanKey = (file: string, { start, end }: { readonly start: number; readonly end: number }): string =>
  `${file}:${start}:${end}`

type Onward = (file: string, value: Node) => void
type Declared = { readonly file: string; readonly node: Node; readonly ancestors: readonly Node[] }

function declaredAt(
  workspace: Workspace,
  span: { file: string; start: number; end: number } | undefined,
): Declared | undefined {
  const file = span && workspace.relativeOf(span.file)
  if (!span || file === undefined || !isOwnSource(file)) return undefined
  const placed = findNode(workspace.edited(file).tree, span.start, span.end)
  return placed && { file, ...placed }
}

/** What a name is set to where it is declared, or what callers give for a parameter. */
function followName(workspace: Workspace, file: string, name: Node, onward: Onward): void {
  const symbol = workspace.projectOf(file)?.valueSymbolsAt([workspace.spanOf(file, name)])[0]
  const declared = declaredAt(workspace, symbol?.declarations[0])
  if (!declared) return
  const { node, ancestors } = declared
  if (node.type === 'VariableDeclarator') {
    if (node.init) onward(declared.file, node.init)
    return
  }
  const owner = ancestors.findLast(({ type }) => /Function/.test(type)) as { params?: Node[] } | undefined
  const index = (owner?.params ?? []).findIndex((one) => one.start <= node.start && node.end <= one.end)
  if (index >= 0) followCallers(workspace, declared.file, ancestors, index, onward)
}

function followCallers(
  workspace: Workspace,
  file: string,
  ancestors: readonly Node[],
  index: number,
  onward: Onward,
): void {
  const at = ancestors.findLastIndex(({ type }) => /Function/.test(type))
  const own = ancestors[at]!
  const parent = ancestors[at - 1]
  const name =
    'id' in own && own.id
      ? (own.id as Node)
      : parent?.type === 'VariableDeclarator'
        ? (parent.id as Node)
        : parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition' || parent?.type === 'Property'
          ? (parent.key as Node)
          : undefined
  if (name?.type !== 'Identifier') return
  const span = workspace.spanOf(file, { start: name.start, end: name.start + name.name.length })
  for (const project of workspace.checker.projects) {
    if (!project.files.includes(span.file)) continue
    for (const use of project.referencesTo(span)) {
      const place = workspace.relativeOf(use.file)
      if (place.startsWith('..')) continue
      walkNodes(workspace.edited(place).tree.program, (node) => {
        if (node.end < use.end || node.start > use.start) return false
        if (node.type === 'CallExpression' && node.callee.end === use.end) {
          const argument = node.arguments[index] as Node | undefined
          if (argument && argument.type !== 'SpreadElement') onward(place, argument)
        }
        return true
      })
    }
  }
}

/** What a function of the tree gives back. */
function followCall(workspace: Workspace, file: string, call: Node, onward: Onward): void {
  const called = calledFunction(workspace, file, call)
  if (!called) return
  const { body } = called.node
  if (called.node.type === 'ArrowFunctionExpression' && body.type !== 'BlockStatement') return onward(called.file, body)
  walkNodes(body, (node) => {
    if (/Function|^Class/.test(node.type)) return false
    if (node.type === 'ReturnStatement' && node.argument) onward(called.file, node.argument)
    return true
  })
}
