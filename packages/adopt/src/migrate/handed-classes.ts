/**
 * Classes that code of others is given as a value, or whose prototype is taken: it may patch them, make instances equal
 * by them, or look an instance up by its class. A new context is no instance of them.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import { calledFunction } from './called-function.ts'
import { expectedIn, instanceMatchers } from './conversions.ts'
import { declaredName, findDefinitionUses } from './definition-uses.ts'
import type { DefinitionUse } from './definition-uses.ts'
import { definitionKey } from './definition-key.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode, keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import { eachUse } from './value-uses.ts'
import type { Workspace } from './workspace.ts'

/** By the key of the definition: where it is handed on. The overlay must be empty. */
export const findHandedClasses = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
): ReadonlyMap<string, string> => {
  const handed = new Map<string, string>()
  for (const definition of definitions) {
    if (definition.form !== 'class') continue
    const { tree } = workspace.edited(definition.file)
    const isClass = ({ type }: Node): boolean => type === 'ClassDeclaration'
    const placed = findNode(tree, definition.start, definition.end, isClass)
    const name = placed && declaredName(placed.node)
    if (!name) continue
    let use: Place | undefined
    for (const one of findDefinitionUses(workspace, definition.file, name, placed.node))
      use ??= handedUse(workspace, one)
    if (use) handed.set(definitionKey(definition), `${use.file}:${lineOf(workspace.source(use.file).text, use.start)}`)
  }
  return handed
}

/** Uses of the class itself, and of the names and members that it is kept under. */
function handedUse(workspace: Workspace, use: DefinitionUse, depth = 0): Place | undefined {
  const { file, start, role, member } = use
  if (role === 'static') return member === 'prototype' ? use : undefined
  if (role !== 'class') return undefined
  const { tree } = workspace.edited(file)
  const end = start + (/^[\w$]+/.exec(tree.text.slice(start))?.[0].length ?? 0)
  const found = findNode(tree, start, end)
  if (!found) return undefined
  let { node, ancestors } = found
  if (node.type === 'Property' && node.shorthand) [node, ancestors] = [node.value as Node, [...ancestors, node]]
  // `models.Context`, `[Context]`, `{ of: Context } as const`: what becomes of the whole.
  while (isPassing(node, ancestors.at(-1))) [node, ancestors] = [ancestors.at(-1)!, ancestors.slice(0, -1)]
  const parent = ancestors.at(-1)
  if (parent?.type === 'BinaryExpression') return use
  if (parent?.type === 'CallExpression' || parent?.type === 'NewExpression')
    return isHandedTo(workspace, file, parent, node, ancestors) ? use : undefined
  const call = literalCall(ancestors)
  if (call) return isHandedTo(workspace, file, call.node, call.argument, call.ancestors) ? use : undefined
  const holder = depth < 4 ? holderOf(node, parent) : undefined
  let onward: Place | undefined
  if (holder)
    eachUse(workspace, file, holder, (at, user, one) => {
      if (onward || (at === file && one.start === holder.start) || user.type !== 'Identifier') return
      if (user.start === one.start)
        onward = handedUse(workspace, { file: at, start: one.start, role: 'class' }, depth + 1)
    })
  return onward
}

type Place = Pick<DefinitionUse, 'file' | 'start'>
type Call = Extract<Node, { type: 'CallExpression' | 'NewExpression' }>

const isPassing = (node: Node, parent: Node | undefined): boolean =>
  (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) ||
  (parent !== undefined && unwrapExpression(parent) !== parent && unwrapExpression(parent) === unwrapExpression(node))

/** What a class is kept under: `const Kept = Context`, `{ Context }`. */
function holderOf(node: Node, parent: Node | undefined): Node | undefined {
  if (parent?.type === 'VariableDeclarator' && parent.init === node)
    return parent.id.type === 'Identifier' ? (parent.id as Node) : undefined
  return parent?.type === 'Property' && parent.value === node && !parent.computed ? (parent.key as Node) : undefined
}

type CallAround = { readonly node: Call; readonly argument: Node; readonly ancestors: readonly Node[] }

/** `check(value, { of: Context })`: the call, unless the class is registered under a key that says so. */
function literalCall(ancestors: readonly Node[]): CallAround | undefined {
  let at = ancestors.length - 1
  for (; /^(?:Property|ObjectExpression|ArrayExpression)$/.test(ancestors[at]?.type ?? ''); at--) {
    const one = ancestors[at]!
    if (one.type === 'Property' && registering.test(keyNameOf(one.key) ?? '')) return undefined
  }
  const node = ancestors[at]
  const argument = ancestors[at + 1]
  if (!argument || (node?.type !== 'CallExpression' && node?.type !== 'NewExpression')) return undefined
  return { node, argument, ancestors: ancestors.slice(0, at) }
}

/** Keys of modules and containers. */
const registering =
  /^(?:provide|providers|use[A-Z]\w*|exports|imports|inject|entities|models|schemas|token|type|target)$/

function isHandedTo(workspace: Workspace, file: string, call: Call, node: Node, ancestors: readonly Node[]): boolean {
  const { callee } = call
  if (callee === node) return false
  const called = keyNameOf((callee.type === 'MemberExpression' ? callee.property : callee) as Node) ?? ''
  if (instanceMatchers.has(called)) return !(expectedIn(callee as Node).length > 0 || call.arguments.length > 1)
  // `@IsInstance(Context)` asks; other decorators keep a class as a key, or make instances of their own.
  if (ancestors.some(({ type }) => type === 'Decorator')) return /instance/i.test(called)
  return !containers.has(called) && !calledFunction(workspace, file, call)
}

/** They keep a class as a key, make instances of their own, or look at the class alone. */
const containers = new Set([
  ...['bind', 'rebind', 'isBound', 'get', 'resolve', 'resolveAsync', 'register', 'registerClass', 'registerSingleton'],
  ...['inject', 'provide', 'asClass', 'mock', 'mocked', 'createMock', 'createStubInstance'],
  ...['expect', 'assert', 'ok', 'equal', 'strictEqual', 'isDefined', 'isFunction', 'exists', 'spyOn', 'spy', 'stub'],
])
