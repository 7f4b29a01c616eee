/**
 * Where the value of a name comes from: what it is set to, what callers give for a parameter, what a function gives.
 */
import type { Node } from '../engine/syntax.ts'
import { findNode, keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { calledFunction } from './called-function.ts'
import { isOwnSource } from './own-source.ts'
import { eachUse } from './value-uses.ts'
import type { Onward } from './value-uses.ts'
import type { Workspace } from './workspace.ts'

type Declared = { readonly file: string; readonly node: Node; readonly ancestors: readonly Node[] }

/** What a name is set to, where it is declared and later, or what callers give for a parameter. */
export function followName(
  workspace: Workspace,
  file: string,
  name: Extract<Node, { type: 'Identifier' }>,
  onward: Onward,
): void {
  // Of a parameter the node spans its type as well.
  const span = workspace.spanOf(file, { start: name.start, end: name.start + name.name.length })
  const symbol = workspace.projectOf(file)?.valueSymbolsAt([span])[0]
  const declared = declaredAt(workspace, symbol?.declarations[0])
  if (!declared) return
  const { file: at, node, ancestors } = declared
  const path = partsTo(node, ancestors)
  // What a pattern does not name is copied.
  const around = [...ancestors, node]
  if (around.some((one, index) => one.type === 'RestElement' && around[index - 1]?.type === 'ObjectPattern')) return
  const holder = isHolder(node) ? node : ancestors.findLast(isHolder)
  if (holder?.type === 'VariableDeclarator') {
    const loop = ancestors.findLast((one) => one.type === 'ForOfStatement' && isWithin(node, one.left as Node))
    if (holder.init) followPath(at, holder.init, path, onward)
    // A pattern takes a part of what the list holds.
    else if (loop?.type === 'ForOfStatement') onward(at, loop.right, 'content')
    if (!holder.init && !loop) followSettings(workspace, at, node, onward)
    return
  }
  const parameters = (holder as { params?: Node[] } | undefined)?.params ?? []
  const index = parameters.findIndex((one) => isWithin(node, one))
  // What a list of parameters holds is what is given for it, one by one.
  if (parameters[index]?.type === 'RestElement')
    followCallers(workspace, at, ancestors, { index, isRest: true }, onward)
  else if (index >= 0)
    followCallers(workspace, at, ancestors, { index, isRest: false }, (to, one, sought) =>
      path.length === 0 || sought !== undefined ? onward(to, one, sought) : followPath(to, one, path, onward),
    )
}

/** What callers give for a parameter that is a pattern. */
export function followPattern(workspace: Workspace, file: string, pattern: Node, onward: Onward): void {
  const ancestors = findNode(workspace.edited(file).tree, pattern.start, pattern.end)?.ancestors ?? []
  const owner = ancestors.findLast(isHolder) as { params?: Node[] } | undefined
  const index = (owner?.params ?? []).findIndex((one) => isWithin(pattern, one))
  if (index >= 0) followCallers(workspace, file, ancestors, { index, isRest: false }, onward)
}

const isHolder = ({ type }: Node): boolean => type === 'VariableDeclarator' || /Function/.test(type)
const isWithin = (inner: Node, outer: Node): boolean => outer.start <= inner.start && inner.end <= outer.end

/** Names of the members, and `undefined` for elements, by which a pattern takes a name out of its value. */
type Path = readonly (string | undefined)[]

function partsTo(node: Node, ancestors: readonly Node[]): Path {
  const path: (string | undefined)[] = []
  const around = [...ancestors, node]
  const begin = around.findLastIndex(isHolder)
  for (const [index, one] of around.entries()) {
    const below = around[index + 1]
    if (index < begin || !below) continue
    if (one.type === 'Property' && around[index - 1]?.type === 'ObjectPattern') path.push(keyNameOf(one.key))
    else if (one.type === 'ArrayPattern') path.push(undefined)
  }
  // The declaration of a shorthand name is the property itself.
  if (node.type === 'Property') path.push(keyNameOf(node.key))
  return path
}

/** Follows what a literal holds at the path: of another value all that it holds. */
function followPath(file: string, value: Node, path: Path, onward: Onward): void {
  const [first, ...rest] = path
  if (path.length === 0) return onward(file, value)
  const inner = unwrapped(value)
  if (inner.type === 'ObjectExpression' && first !== undefined) {
    for (const one of inner.properties)
      if (one.type === 'SpreadElement') onward(file, one.argument, 'content')
      else if (keyNameOf(one.key) === first) followPath(file, one.value, rest, onward)
  } else if (inner.type === 'ArrayExpression' && first === undefined) {
    for (const one of inner.elements) if (one) followPath(file, one as Node, rest, onward)
  } else onward(file, inner, 'content')
}

const unwrapped = (node: Node): Node => (node.type === 'AwaitExpression' ? node.argument : node)

/** `let c; c = …`. */
function followSettings(workspace: Workspace, file: string, declared: Node, onward: Onward): void {
  const name = declared.type === 'VariableDeclarator' ? (declared.id as Node) : declared
  eachUse(workspace, file, name, (at, node, use) => {
    if (node.type === 'AssignmentExpression' && node.left.end === use.end && node.left.start === use.start)
      onward(at, node.right)
  })
}

/** What callers give: as an argument, or through a method that hands a callback what a list holds. */
function followCallers(
  workspace: Workspace,
  file: string,
  ancestors: readonly Node[],
  { index, isRest }: { readonly index: number; readonly isRest: boolean },
  onward: Onward,
): void {
  const at = ancestors.findLastIndex(({ type }) => /Function/.test(type))
  const own = ancestors[at]!
  const parent = ancestors[at - 1]
  if (parent?.type === 'CallExpression') return followCallback(workspace, file, parent, own, index, onward)
  const isConstructor = parent?.type === 'MethodDefinition' && parent.kind === 'constructor'
  const owner = ancestors.findLast(({ type }) => /^Class(?:Declaration|Expression)$/.test(type)) as
    | { id?: Node }
    | undefined
  const name = isConstructor
    ? owner?.id
    : 'id' in own && own.id
      ? (own.id as Node)
      : parent?.type === 'VariableDeclarator'
        ? (parent.id as Node)
        : parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition' || parent?.type === 'Property'
          ? (parent.key as Node)
          : undefined
  if (name?.type !== 'Identifier') return
  eachUse(workspace, file, name, (place, node, use) => {
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return
    if (node.callee.end === use.end) {
      for (const argument of node.arguments.slice(index, isRest ? undefined : index + 1) as Node[])
        if (argument.type !== 'SpreadElement') onward(place, argument, isRest ? 'value' : undefined)
        else if (isRest) onward(place, argument.argument, 'content')
      return
    }
    const handed = node.arguments.find((one) => one.start === use.start && one.end === use.end) as Node | undefined
    if (handed && node.type === 'CallExpression') followCallback(workspace, place, node, handed, index, onward)
  })
}

/** What the function that is handed `callback` gives it. */
function followCallback(
  workspace: Workspace,
  file: string,
  call: Extract<Node, { type: 'CallExpression' }>,
  callback: Node,
  index: number,
  onward: Onward,
): void {
  const called = calledFunction(workspace, file, call)
  if (!called) {
    if (call.callee.type !== 'MemberExpression') return
    // `items.forEach((item) => …)`; of `reduce` both may be what the list holds.
    onward(file, call.callee.object, 'content')
    // What a promise holds is what its function gives back.
    if (keyNameOf(call.callee.property as Node) === 'then') onward(file, call.callee.object, 'value')
    return
  }
  const position = call.arguments.findIndex((one) => one.start === callback.start)
  const parameter = keyNameOf(((called.node as { params?: Node[] }).params ?? [])[position])
  if (parameter === undefined) return
  walkNodes(called.node.body, (node) => {
    if (node.type !== 'CallExpression' || keyNameOf(node.callee) !== parameter) return
    const argument = node.arguments[index] as Node | undefined
    if (argument && argument.type !== 'SpreadElement') onward(called.file, argument)
  })
}

/** What a function of the tree gives back. */
export function followCall(workspace: Workspace, file: string, call: Node, onward: Onward): void {
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

function declaredAt(
  workspace: Workspace,
  span: { file: string; start: number; end: number } | undefined,
): Declared | undefined {
  const file = span && workspace.relativeOf(span.file)
  if (!span || file === undefined || !isOwnSource(file)) return undefined
  const placed = findNode(workspace.edited(file).tree, span.start, span.end)
  return placed && { file, ...placed }
}
