/**
 * What evaluating an expression may do: nothing that anybody can see, read what may change, or act. Only expressions
 * that do not act, and read nothing that an act may change, can be moved past each other.
 */
import { calledFunction } from './called-function.ts'
import { isKnownMaker } from './known-makers.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { isStored, isStoredWhole } from './stored-members.ts'
import type { Workspace } from './workspace.ts'

/** `constant`: the same whenever it is evaluated. `reads`: changes nothing. `acts`: may have an effect. */
export type Evaluation = 'constant' | 'reads' | 'acts'

/** Tells what evaluating an expression of one file may do. The overlay must be empty: types are asked. */
export const newEvaluation = (workspace: Workspace, file: string): ((expression: Node) => Evaluation) => {
  const { tree } = workspace.edited(file)
  const known = new Map<Node, Evaluation>()
  return (expression) => {
    const before = known.get(expression)
    if (before) return before
    let worst: Evaluation = 'constant'
    walkNodes(expression, (node, ancestors) => {
      if (worst === 'acts' || functions.has(node.type) || node.type.startsWith('TS')) {
        // An assertion around a value is looked through; a type is not evaluated.
        return worst !== 'acts' && assertions.has(node.type)
      }
      const own = ofNode(workspace, file, tree, node, ancestors.at(-1))
      if (own === 'acts' || (own === 'reads' && worst === 'constant')) worst = own
      return true
    })
    known.set(expression, worst)
    return worst
  }
}

/** Whether an expression can be left out: it does not act, or its calls are known to do nothing but make a value. */
export const isLeftOutUnseen = (workspace: Workspace, file: string, expression: Node, depth = 0): boolean => {
  let isUnseen = true
  const { tree } = workspace.edited(file)
  walkNodes(expression, (node, ancestors) => {
    if (!isUnseen || functions.has(node.type)) return false
    if (node.type.startsWith('TS')) return assertions.has(node.type)
    if (node.type === 'CallExpression' && isKnownMaker(workspace, file, node)) return true
    if (node.type === 'NewExpression' && plainClasses.has(keyNameOf(node.callee) ?? '')) return true
    if (node.type === 'CallExpression' && depth < 3) {
      const body = calledBody(workspace, file, node)
      if (body && isLeftOutUnseen(workspace, body.file, body.node, depth + 1)) return true
    }
    isUnseen = ofNode(workspace, file, tree, node, ancestors.at(-1)) !== 'acts'
    return isUnseen
  })
  return isUnseen
}

const functions = new Set(['ArrowFunctionExpression', 'FunctionExpression'])
const plainClasses = new Set(['Date', 'Set', 'Map', 'WeakSet', 'WeakMap', 'RegExp'])
const assertions = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSTypeAssertion', 'TSNonNullExpression'])
const acting = new Set([
  'CallExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'AwaitExpression',
  'YieldExpression',
  'AssignmentExpression',
  'UpdateExpression',
  'ImportExpression',
  'ClassExpression',
  'JSXElement',
  'JSXFragment',
])

function ofNode(
  workspace: Workspace,
  file: string,
  tree: SyntaxTree,
  node: Node,
  parent: Node | undefined,
): Evaluation {
  if (acting.has(node.type)) return 'acts'
  if (node.type === 'UnaryExpression' && node.operator === 'delete') return 'acts'
  // Iterators and getters of a spread value run when it is spread.
  if (node.type === 'SpreadElement') return isPlainSpread(workspace, file, node.argument, parent) ? 'reads' : 'acts'
  if (node.type === 'TemplateLiteral')
    return node.expressions.every((one) => isPrimitive(workspace, file, one)) ? 'constant' : 'acts'
  if (node.type === 'BinaryExpression' && !comparisons.has(node.operator))
    return isPrimitive(workspace, file, node.left as Node) && isPrimitive(workspace, file, node.right)
      ? 'constant'
      : 'acts'
  if (node.type === 'UnaryExpression' && ['+', '-', '~'].includes(node.operator))
    return isPrimitive(workspace, file, node.argument) ? 'constant' : 'acts'
  if (node.type === 'MemberExpression') return isStored(workspace, file, node) ? 'reads' : 'acts'
  if (node.type === 'ThisExpression') return 'constant'
  if (node.type === 'Identifier') {
    const isKey =
      (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) ||
      (parent?.type === 'Property' && parent.key === node && !parent.computed && parent.value !== node)
    return isKey || node.name === 'undefined' || isNeverSet(tree, node.name) ? 'constant' : 'reads'
  }
  return 'constant'
}

const comparisons = new Set(['===', '!==', 'instanceof', 'in'])

/** A name of the file that is declared once and never assigned: the same value whatever runs in between. */
function isNeverSet(tree: SyntaxTree, name: string): boolean {
  return !assignedNames(tree).has(name) && !importedNames(tree).has(name)
}

const assignedIn = new WeakMap<SyntaxTree, ReadonlySet<string>>()

function assignedNames(tree: SyntaxTree): ReadonlySet<string> {
  const known = assignedIn.get(tree)
  if (known) return known
  const names = new Set<string>()
  const addAll = (target: Node): void =>
    walkNodes(target, (one) => {
      if (one.type === 'Identifier') names.add(one.name)
      return one.type !== 'MemberExpression'
    })
  walkNodes(tree.program, (node) => {
    if (node.type === 'AssignmentExpression') addAll(node.left as Node)
    if (node.type === 'UpdateExpression') addAll(node.argument as Node)
    if ((node.type === 'ForInStatement' || node.type === 'ForOfStatement') && node.left.type !== 'VariableDeclaration')
      addAll(node.left as Node)
    // A `let` without a value is set later, if not by a name that is visible here.
    if (node.type === 'VariableDeclarator' && node.init === null) addAll(node.id as Node)
  })
  assignedIn.set(tree, names)
  return names
}

/** An imported variable may be set by its own module. */
function importedNames(tree: SyntaxTree): ReadonlySet<string> {
  return new Set(
    tree.program.body.flatMap((node) =>
      node.type === 'ImportDeclaration' ? node.specifiers.map((one) => one.local.name) : [],
    ),
  )
}

function isPrimitive(workspace: Workspace, file: string, node: Node): boolean {
  if (node.type === 'Literal' || node.type === 'TemplateLiteral') return true
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, node)]) ?? []
  if (!project || !type) return false
  return project.membersOf(type).every((one) => one.sort === 'primitive' || one.sort === 'nullish')
}

function isPlainSpread(workspace: Workspace, file: string, argument: Node, parent: Node | undefined): boolean {
  if (argument.type === 'ArrayExpression' || argument.type === 'ObjectExpression') return true
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, argument)]) ?? []
  if (!project || !type || type.sort === 'any' || type.sort === 'error') return false
  if (parent?.type !== 'ObjectExpression') return /(?:\[\]|^(?:readonly )?\[.*\])$/s.test(project.textOf(type))
  return project.membersOf(type).every((one) => one.sort === 'nullish' || isStoredWhole(workspace, file, one))
}

/** The body of the function that a call runs, when it is of the tree and no more than one `return`. */
function calledBody(workspace: Workspace, file: string, call: Node): { file: string; node: Node } | undefined {
  const called = calledFunction(workspace, file, call)
  if (!called) return undefined
  const found = called.node.body
  const statements = found.type === 'BlockStatement' ? (found.body as Node[]) : undefined
  const only = statements ? (statements.length === 1 ? statements[0]! : undefined) : found
  const value = only?.type === 'ReturnStatement' ? only.argument : statements ? undefined : only
  return value ? { file: called.file, node: value as Node } : undefined
}
