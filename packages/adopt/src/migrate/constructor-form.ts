/**
 * Which parameters a class's constructor takes: what the arguments of a `new` mean.
 */
import type { MigrateTarget } from './migrate-options.ts'
import type { ConstructorForm } from './site-fields.ts'
import { nameOf, unwrapExpression, walkNodes } from './syntax-tree.ts'
import type { Node } from './syntax-tree.ts'
import type { Workspace } from './workspace.ts'

/**
 * Parameters of the constructor that a `new` calls, by the class that its name stands for or a class that it extends.
 */
export const constructorForm = (
  workspace: Workspace,
  file: string,
  call: Node,
  target: MigrateTarget,
): ConstructorForm => {
  if (call.type !== 'NewExpression') return undefined
  const callee = call.callee.type === 'MemberExpression' ? call.callee.property : call.callee
  const found = findClass(workspace, file, callee)
  const parameters = found && constructorParameters(workspace, found.file, found.node, 0)
  if (!parameters) return undefined
  const names = parameters.filter((one) => one.type !== 'RestElement').map(parameterName)
  const isBag = names.length === 1 && (names[0] === undefined || !Object.hasOwn(target.fields, names[0]))
  if (isBag) return 'bag'
  return names.every((name) => name !== undefined) ? { parameters: names as string[] } : undefined
}

/**
 * Whether an object of the arguments is the value that the constructor makes of them: it only stores them, or throws.
 * Then a construction that stays can be written without its class.
 */
export const storesItsArguments = (workspace: Workspace, file: string, call: Node, target: MigrateTarget): boolean => {
  if (call.type !== 'NewExpression' || call.arguments.some((one) => one.type === 'SpreadElement')) return false
  const callee = call.callee.type === 'MemberExpression' ? call.callee.property : call.callee
  const found = findClass(workspace, file, callee)
  const form = constructorForm(workspace, file, call, target)
  if (!found || form === undefined) return false
  if (form === 'bag') return call.arguments.length === 1
  const own = constructorOf(found.node)
  const given = call.arguments.length
  const hasDefault = (own?.value.params ?? []).slice(given).some((one) => isDefaulted(one as Node))
  return !hasDefault && (own === undefined || (own.value.body?.body ?? []).every((one) => storesOrThrows(one as Node)))
}

/** `this.field = …`, `super()`, or a test that throws. */
function storesOrThrows(node: Node): boolean {
  if (node.type === 'IfStatement') return node.alternate === null && throws(node.consequent as Node)
  if (node.type !== 'ExpressionStatement') return false
  const { expression } = node
  if (expression.type === 'CallExpression')
    return expression.callee.type === 'Super' && expression.arguments.length === 0
  return (
    expression.type === 'AssignmentExpression' &&
    expression.left.type === 'MemberExpression' &&
    expression.left.object.type === 'ThisExpression' &&
    unwrapExpression(expression.right).type === 'Identifier'
  )
}

function throws(node: Node): boolean {
  return (
    node.type === 'ThrowStatement' || (node.type === 'BlockStatement' && node.body.at(-1)?.type === 'ThrowStatement')
  )
}

function isDefaulted(node: Node): boolean {
  return node.type === 'TSParameterProperty' ? isDefaulted(node.parameter) : node.type === 'AssignmentPattern'
}

type FoundClass = {
  readonly file: string
  readonly node: Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>
}

/** The class that a name stands for, wherever it is declared. */
export const findClass = (workspace: Workspace, file: string, name: Node): FoundClass | undefined => {
  const declaration = workspace.projectOf(file)?.symbolsAt([workspace.spanOf(file, name)])[0]?.declarations[0]
  if (!declaration) return undefined
  const owner = workspace.relativeOf(declaration.file)
  if (owner.startsWith('..') || owner.endsWith('.d.ts')) return undefined
  let found: FoundClass | undefined
  walkNodes(workspace.edited(owner).tree.program, (node) => {
    const isClass = node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
    if (isClass && node.end === declaration.end && node.start >= declaration.start) found = { file: owner, node }
    return !found
  })
  return found
}

function constructorParameters(
  workspace: Workspace,
  file: string,
  node: FoundClass['node'],
  depth: number,
): readonly Node[] | undefined {
  const own = constructorOf(node)
  if (own) return own.value.params as Node[]
  if (!node.superClass) return []
  const parent = depth < 8 ? findClass(workspace, file, node.superClass) : undefined
  return parent && constructorParameters(workspace, parent.file, parent.node, depth + 1)
}

type Method = Extract<FoundClass['node']['body']['body'][number], { readonly kind: unknown }>

function constructorOf(node: FoundClass['node']): Method | undefined {
  const own = node.body.body.find(
    (member) => member.type === 'MethodDefinition' && member.kind === 'constructor' && member.value.body !== null,
  )
  return own && 'kind' in own ? own : undefined
}

function parameterName(node: Node): string | undefined {
  if (node.type === 'TSParameterProperty') return parameterName(node.parameter)
  return node.type === 'AssignmentPattern' ? parameterName(node.left) : nameOf(node)
}
