/**
 * Which sites a value comes from: followed backwards through names, parameters and what functions give back. What comes
 * another way (a member, a list, a callback) is not followed.
 */
import type { Finding } from '../finding.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

type Site = Pick<Finding, 'file' | 'start' | 'end'>
type Follow = (file: string, value: Node, depth: number) => void

/** Gives the sites of a value as `file:start`. The overlay must be empty. */
export const newOrigins = (
  workspace: Workspace,
  sites: readonly Site[],
): ((file: string, value: Node) => readonly string[]) => {
  const isSite = new Set(sites.map(({ file, start, end }) => `${file}:${start}:${end}`))
  return (file, value) => {
    const found = new Set<string>()
    const seen = new Set<string>()
    const follow: Follow = (at, node, depth) => {
      const key = `${at}:${node.start}:${node.end}`
      if (seen.has(key) || depth > 8) return
      seen.add(key)
      if (isSite.has(key)) found.add(`${at}:${node.start}`)
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
    return [...found]
  }
}

type Onward = (file: string, value: Node) => void
type Declared = { readonly file: string; readonly node: Node; readonly ancestors: readonly Node[] }

function declaredAt(
  workspace: Workspace,
  span: { file: string; start: number; end: number } | undefined,
): Declared | undefined {
  const file = span && workspace.relativeOf(span.file)
  if (!span || file === undefined || file.startsWith('..') || /(?:^|\/)node_modules\/|\.d\.[cm]?ts$/.test(file))
    return undefined
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
  const [span] = workspace.projectOf(file)?.calledDeclarations([workspace.spanOf(file, call)]) ?? []
  const owner = span && workspace.relativeOf(span.file)
  if (!span || owner === undefined || owner.startsWith('..') || /(?:^|\/)node_modules\/|\.d\.[cm]?ts$/.test(owner))
    return
  let own: Node | undefined
  walkNodes(workspace.edited(owner).tree.program, (node) => {
    if (!own && /Function/.test(node.type) && node.end === span.end && node.start >= span.start) own = node
    return !own
  })
  if (own?.type === 'ArrowFunctionExpression' && own.body.type !== 'BlockStatement')
    return onward(owner, own.body as Node)
  const body = own && 'body' in own ? (own.body as Node | null) : undefined
  if (!body) return
  walkNodes(body, (node) => {
    if (/Function|^Class/.test(node.type)) return false
    if (node.type === 'ReturnStatement' && node.argument) onward(owner, node.argument)
    return true
  })
}
