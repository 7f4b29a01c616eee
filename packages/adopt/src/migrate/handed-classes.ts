/**
 * Classes that code of others is given as a value, or whose prototype is taken: it may patch them, make instances equal
 * by them, or look an instance up by its class. A new context is no instance of them.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import { calledFunction } from './called-function.ts'
import { declaredName, findDefinitionUses } from './definition-uses.ts'
import type { DefinitionUse } from './definition-uses.ts'
import { definitionKey } from './left-units.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode, keyNameOf } from '../engine/syntax-search.ts'
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
    const use = findDefinitionUses(workspace, definition.file, name, placed.node).find((one) =>
      isHanded(workspace, one),
    )
    if (use) handed.set(definitionKey(definition), `${use.file}:${lineOf(workspace.source(use.file).text, use.start)}`)
  }
  return handed
}

function isHanded(workspace: Workspace, { file, start, role, member }: DefinitionUse): boolean {
  if (role === 'static') return member === 'prototype'
  if (role !== 'class') return false
  const { tree } = workspace.edited(file)
  const end = start + (/^[\w$]+/.exec(tree.text.slice(start))?.[0].length ?? 0)
  const ancestors = findNode(tree, start, end)?.ancestors ?? []
  const parent = ancestors.at(-1)
  if (parent?.type === 'BinaryExpression') return true
  if (parent?.type !== 'CallExpression' && parent?.type !== 'NewExpression') return false
  if (parent.callee.end === end || ancestors.some(({ type }) => type === 'Decorator')) return false
  const { callee } = parent
  const called = keyNameOf((callee.type === 'MemberExpression' ? callee.property : callee) as Node) ?? ''
  return !containers.has(called) && !calledFunction(workspace, file, parent)
}

/** They keep a class as a key, or make instances of their own; and matchers that ask one value alone. */
const containers = new Set([
  ...['bind', 'rebind', 'isBound', 'get', 'resolve', 'resolveAsync', 'register', 'registerClass', 'registerSingleton'],
  ...['inject', 'provide', 'asClass', 'mock', 'mocked', 'createMock', 'createStubInstance'],
  ...['toBeInstanceOf', 'instanceOf', 'isInstanceOf', 'instanceof'],
])
