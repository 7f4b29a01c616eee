/**
 * Whether reading a member gives a stored value. A getter runs code, and two reads of it in another order may give the
 * user of one request to another: where nothing says that there is none, a read keeps its place.
 */
import { isOwnSource } from './own-source.ts'
import { accessorNames } from './accessor-names.ts'
import type { CheckedType, NodeSpan } from '../engine/checker.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode, keyNameOf } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** Of a member of `any` nobody knows. */
export const isStored = (
  workspace: Workspace,
  file: string,
  node: Extract<Node, { type: 'MemberExpression' }>,
): boolean => {
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, node.object)]) ?? []
  if (!project || !type) return false
  const owners = project.membersOf(type)
  if (owners.some((one) => one.sort === 'any' || one.sort === 'error' || one.sort === 'unknown')) return false
  const name = node.computed && node.property.type !== 'Literal' ? undefined : keyNameOf(node.property)
  if (name === undefined) return true
  const [symbol] = project.symbolsAt([workspace.spanOf(file, node.property)])
  const places = symbol?.declarations ?? []
  return places.length === 0 ? !mayBeGetter(workspace, name) : places.every((one) => isValue(workspace, name, one))
}

/** Whether spreading an object of the type reads stored values alone. */
export const isStoredWhole = (workspace: Workspace, file: string, type: CheckedType): boolean => {
  const project = workspace.projectOf(file)!
  const places = project.symbolOf(type)?.declarations ?? []
  if (places.some((one) => isOutside(workspace, one) && !isStandard(one))) return false
  if (places.some((one) => !isOutside(workspace, one) && hasGetter(textAt(workspace, one)))) return false
  const isWritten = places.some((one) => !isOutside(workspace, one) && !isInterface(textAt(workspace, one)))
  return isWritten || project.propertiesOf(type).every(({ name }) => !mayBeGetter(workspace, name))
}

/** Whether some object of the tree has a getter of that name: an interface does not tell it from a value. */
function mayBeGetter(workspace: Workspace, name: string): boolean {
  const names = accessorNames(workspace)
  return names === 'any' || names.has(name)
}

function isValue(workspace: Workspace, name: string, place: NodeSpan): boolean {
  if (isStandard(place)) return true
  // A declaration file says what a value looks like, and not how it is made.
  if (isOutside(workspace, place)) return false
  if (isAccessor(textAt(workspace, place))) return false
  if (!mayBeGetter(workspace, name)) return true
  const { tree } = workspace.edited(workspace.relativeOf(place.file))
  return findNode(tree, place.start, place.end)?.node.type !== 'TSPropertySignature'
}

const isStandard = ({ file }: NodeSpan): boolean => /(?:^|\/)lib\.[\w.]+\.d\.ts$/.test(file)

const isOutside = (workspace: Workspace, { file }: NodeSpan): boolean => !isOwnSource(workspace.relativeOf(file))

function textAt(workspace: Workspace, { file, start, end }: NodeSpan): string {
  return workspace.source(workspace.relativeOf(file)).text.slice(start, end)
}

const isAccessor = (text: string): boolean =>
  /^(?:(?:public|private|protected|static|override|abstract|readonly|declare|accessor)\s+)*get\s+[\w$#['"]/.test(
    text.replace(/^(?:@[\w.]+(?:\([^)]*\))?\s*)+/, ''),
  )

const hasGetter = (text: string): boolean => /(?:^|[\s;{},])(?:get|accessor)\s+[\w$#['"]/.test(text)

/** An interface or a type literal: `{ readonly id: string }` stands for any object with such a member. */
const isInterface = (text: string): boolean => /^(?:export\s+|declare\s+)*interface\b|^\{[^=(]*\}$/.test(text)
