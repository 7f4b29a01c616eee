/**
 * Which parameters a class's constructor takes: what the arguments of a `new` mean.
 */
import { fieldOfParameter } from './constructor-reader.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { ConstructorForm } from './site-fields.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
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
  const names = parameters
    .filter((one) => one.type !== 'RestElement')
    .map((one) => fieldOfParameter(one, target.fields))
  const isBag = names.length === 1 && (names[0] === undefined || !Object.hasOwn(target.fields, names[0]))
  if (isBag) return 'bag'
  if (names.some((name) => name === undefined)) return undefined
  const last = parameters.at(-1)
  const rest = last?.type === 'RestElement' ? keyNameOf(last.argument as Node) : undefined
  return { parameters: names as string[], ...(rest !== undefined && { rest }) }
}

export type FoundClass = {
  readonly file: string
  readonly node: Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>
}

/** The class that a name stands for, wherever it is declared. */
export const findClass = (workspace: Workspace, file: string, name: Node): FoundClass | undefined => {
  const project = workspace.projectOf(file)
  const span = workspace.spanOf(file, name)
  const [type] = project?.typesAt([span]) ?? []
  // What a class extends is a type at its place, and no name.
  const symbol = project?.symbolsAt([span])[0] ?? (type && project?.symbolOf(type))
  const declaration = symbol?.declarations[0]
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

export function constructorOf(node: FoundClass['node']): Method | undefined {
  const own = node.body.body.find(
    (member) => member.type === 'MethodDefinition' && member.kind === 'constructor' && member.value.body !== null,
  )
  return own && 'kind' in own ? own : undefined
}
