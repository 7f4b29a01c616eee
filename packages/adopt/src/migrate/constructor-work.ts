/**
 * What a constructor does beyond keeping its arguments: a site that no longer calls it would lose that. Checks that the
 * factory makes too are none; defaults and constants that are written down can be written at the site.
 */
import { constructorForm, constructorOf, findClass } from './constructor-form.ts'
import type { FoundClass } from './constructor-form.ts'
import { isFactoryCheck, isNameCheck } from './constructor-checks.ts'
import { toReader } from './constructor-reader.ts'
import type { Default, Defaults, Found, Manners, Reader } from './constructor-reader.ts'
import { isLeftOutUnseen } from './evaluation.ts'
import type { FieldManners } from './field-manners.ts'
import { isBare, isHeldBag } from './kept-slots.ts'
import { readCheckFunction } from './kept-checks.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { findOwnAnswer } from './own-answers.ts'
import type { TargetMembers } from './target-members.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** What the class gives where an argument is left out, by field: its text is one that any file can hold. */
export type ConstructorWork =
  | { readonly defaults: ReadonlyMap<string, Default>; readonly manners: FieldManners }
  | { readonly reason: string }

/** What a `new` loses when its class is not called any more. */
export const readConstructorWork = (
  workspace: Workspace,
  file: string,
  call: Node,
  target: MigrateTarget,
  members: TargetMembers = new Map(),
): ConstructorWork => {
  const none = { defaults: new Map(), manners: new Map() }
  if (call.type !== 'NewExpression') return none
  const callee = call.callee.type === 'MemberExpression' ? call.callee.property : call.callee
  const found = findClass(workspace, file, callee)
  if (!found) return none
  const known = worksIn.get(target) ?? new WeakMap<Node, ConstructorWork>()
  worksIn.set(target, known)
  const work = known.get(found.node) ?? readWork(workspace, found, target, members)
  known.set(found.node, work)
  const isHeld = !('reason' in work) && isHeldBag(found.node, call, constructorForm(workspace, file, call, target))
  return isHeld ? { reason: 'the class holds the object that it is given, and that may be written to later' } : work
}

/** A class is read once, however many sites make one of it. */
const worksIn = new WeakMap<MigrateTarget, WeakMap<Node, ConstructorWork>>()

function readWork(
  workspace: Workspace,
  found: FoundClass,
  target: MigrateTarget,
  members: TargetMembers,
): ConstructorWork {
  // What the new context lacks is missed by the compiler.
  const isRead = (name: string): boolean => members.has(name) || Object.hasOwn(target.reads, name)
  const isGiven = (name: string): boolean => Object.hasOwn(target.fields, name)
  const isAlias = (one: string, other: string): boolean =>
    isGiven(one) && isGiven(other) && target.fields[one]!.to === target.fields[other]!.to && one !== other
  const answer = findOwnAnswer(workspace, found, { isRead, isGiven, isAlias, fields: target.fields })
  if (answer !== undefined) return { reason: answer }
  const defaults: Defaults = new Map()
  const manners: Manners = new Map()
  const work = workOf(workspace, found, target, { defaults, manners }, 0)
  if (!work) return { defaults, manners }
  const place = `${work.file}:${lineOf(workspace.source(work.file).text, work.node.start)}`
  return { reason: `the constructor does more than keep its arguments (at ${place}): the new context would lack that` }
}

type Work = { readonly file: string; readonly node: Node }

/** The first node of the class that does more, or undefined. */
function workOf(
  workspace: Workspace,
  { file, node }: FoundClass,
  target: MigrateTarget,
  known: Found,
  depth: number,
): Work | undefined {
  const own = constructorOf(node)
  const reader = toReader(workspace, file, (own?.value.params ?? []) as Node[], target, known)
  if (!reader?.inParameters.every(([field, value]) => addDefault(reader, field, value)))
    return { file, node: own ?? node }
  const statements = (own?.value.body?.body ?? []) as Node[]
  const assigned = new Set(statements.map(assignedField))
  for (const member of node.body.body as Node[]) {
    if (member.type !== 'PropertyDefinition' || member.static || !member.value) continue
    const name = keyNameOf(member.key)
    const isKept = name !== undefined && isGiven(target, name) && !assigned.has(name)
    const isHarmless = isKept ? addDefault(reader, name, member.value) : isUnseen(reader, member.value)
    if (!isHarmless) return { file, node: member }
  }
  if (node.superClass && !own?.value.params.length) {
    const parent = depth < 8 ? findClass(workspace, file, node.superClass) : undefined
    const above = parent ? workOf(workspace, parent, target, known, depth + 1) : { file, node }
    if (above) return above
  } else if (node.superClass) {
    const parent = depth < 8 ? findClass(workspace, file, node.superClass) : undefined
    const isBare = statements.some((one) => superArguments(one)?.length === 0)
    if (!parent || !isBare) return { file, node }
    const above = workOf(workspace, parent, target, known, depth + 1)
    if (above) return above
  }
  const first = statements.find((one) => !isSuperCall(one) && !isHarmlessStatement(reader, one))
  return first && { file, node: first }
}

function isHarmlessStatement(reader: Reader, statement: Node): boolean {
  const { workspace, scope, target } = reader
  if (isFactoryCheck(workspace, statement, scope) || isNameCheck(statement, scope)) return true
  const node = statement.type === 'ExpressionStatement' ? unwrapExpression(statement.expression) : undefined
  if (node?.type === 'CallExpression') {
    const [to, from, ...more] = node.arguments as Node[]
    if (node.callee.type !== 'MemberExpression' || keyNameOf(node.callee.object) !== 'Object') return false
    const name = keyNameOf(node.callee.property)
    if (to?.type !== 'ThisExpression') return false
    if (name === 'freeze' || name === 'seal') return from === undefined
    const isBag = from !== undefined && scope.bag !== undefined && keyNameOf(from) === scope.bag
    return name === 'assign' && isBag && more.length === 0
  }
  const field = assignedField(statement)
  if (field === undefined || node?.type !== 'AssignmentExpression') return false
  if (isKept(reader, field, node.right)) return true
  return !isGiven(target, field) && (isBare(node.right, scope.bag) || isUnseen(reader, node.right))
}

/** `this.field = …`: the field. */
function assignedField(statement: Node): string | undefined {
  const node = statement.type === 'ExpressionStatement' ? unwrapExpression(statement.expression) : undefined
  if (node?.type !== 'AssignmentExpression' || node.operator !== '=' || node.left.type !== 'MemberExpression')
    return undefined
  const { left } = node
  if (left.object.type !== 'ThisExpression' || left.computed) return undefined
  return left.property.type === 'PrivateIdentifier' ? `#${left.property.name}` : keyNameOf(left.property)
}

/** Whether a value is what was given for the field: as it is, checked as the factory does, copied, or a default. */
function isKept(reader: Reader, field: string, value: Node): boolean {
  const { bound, scope } = reader
  const node = unwrapExpression(value)
  if (node.type === 'Identifier') return bound.get(node.name) === field
  if (node.type === 'MemberExpression')
    return scope.bag !== undefined && keyNameOf(node.object) === scope.bag && keyNameOf(node.property) === field
  if (node.type === 'LogicalExpression') return isFilled(reader, field, node)
  if (node.type === 'ObjectExpression') return isCopy(reader, field, node.properties as Node[])
  if (node.type !== 'CallExpression' || node.arguments.length !== 1) return false
  const name = keyNameOf(node.callee)
  const isCopied = name === 'structuredClone' || (name === 'String' && scope.isId(field))
  return (isCopied || isChecked(reader, field, node)) && isKept(reader, field, node.arguments[0] as Node)
}

/** `given ?? made`, `given || made`. */
function isFilled(reader: Reader, field: string, node: Extract<Node, { type: 'LogicalExpression' }>): boolean {
  const { manners } = reader
  if (!['??', '||'].includes(node.operator) || !isKept(reader, field, node.left)) return false
  if (node.operator === '||') manners.set(field, { ...manners.get(field), isFilledWhenEmpty: true })
  return addDefault(reader, field, node.right)
}

/** By a function that gives back what it is given. */
function isChecked(reader: Reader, field: string, call: Extract<Node, { type: 'CallExpression' }>): boolean {
  const { workspace, file, manners } = reader
  // A value that is made where none is given is never missing.
  const isMade = unwrapExpression(call.arguments[0] as Node).type === 'LogicalExpression'
  const scope = isMade ? { ...reader.scope, onDemand: () => {} } : reader.scope
  const check = scope.isId(field) ? readCheckFunction(workspace, { file, call, field }, scope) : undefined
  const known = manners.get(field)?.check
  // One of them is called at the site, and no more.
  if (check === undefined || (check !== true && known !== undefined)) return false
  if (check !== true) manners.set(field, { ...manners.get(field), check })
  return true
}

/** `{ ...record }`, and facts that every value has besides. */
function isCopy(reader: Reader, field: string, properties: readonly Node[]): boolean {
  const [first, ...more] = properties
  if (!isGiven(reader.target, field) || first?.type !== 'SpreadElement') return false
  if (!isKept(reader, field, first.argument)) return false
  return more.every((one) => {
    const name = one.type === 'Property' && !one.computed ? keyNameOf(one.key) : undefined
    const node = one.type === 'Property' ? (one.value as Node) : undefined
    const text = node && constantText(reader, node)
    if (name === undefined || text === undefined) return false
    reader.defaults.set(`${field}.${name}`, { node: node!, text })
    return true
  })
}

/** Keeps what a field is when it is not given, unless the new context has its own way to fill it. */
function addDefault(reader: Reader, field: string, value: Node): boolean {
  const { target, defaults } = reader
  if (!isGiven(target, field)) return isUnseen(reader, value)
  const home = target.fields[field]!
  const text = constantText(reader, value)
  // An id that is made, or none: the new context makes one.
  if (text === undefined) return home.wrap !== undefined && isUnseen(reader, value) && !mentionsArgument(reader, value)
  const word = keyNameOf(unwrapExpression(value))
  const isNothing = /^(?:undefined|null|\{\s*\}|\[\s*\])$/.test(text)
  const isPlaceholder = word !== undefined && (target.placeholders ?? []).includes(word.toLowerCase())
  if (!isNothing && !isPlaceholder) defaults.set(field, { node: value, text })
  return true
}

/** Text of a value that names nothing, so that it means the same in every file. */
function constantText({ workspace, file }: Reader, value: Node): string | undefined {
  let isConstant = true
  walkNodes(value, (node, ancestors) => {
    const parent = ancestors.at(-1)
    const isKey = parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand
    isConstant &&= constantTypes.has(node.type) || isKey || (node.type === 'Identifier' && node.name === 'undefined')
    return isConstant
  })
  return isConstant ? workspace.source(file).text.slice(value.start, value.end) : undefined
}

const constantTypes = new Set([
  'Literal',
  'ArrayExpression',
  'ObjectExpression',
  'Property',
  'TemplateLiteral',
  'TemplateElement',
])

function isUnseen({ workspace, file }: Reader, value: Node): boolean {
  return isLeftOutUnseen(workspace, file, value)
}

function mentionsArgument({ bound, scope }: Reader, value: Node): boolean {
  let found = false
  walkNodes(value, (node) => {
    found ||= node.type === 'Identifier' && (bound.has(node.name) || node.name === scope.bag)
    return !found
  })
  return found
}

const isGiven = (target: MigrateTarget, field: string): boolean =>
  Object.hasOwn(target.fields, field) && target.fields[field]!.to !== 'drop'

const isSuperCall = (statement: Node): boolean => superArguments(statement) !== undefined

function superArguments(statement: Node): readonly Node[] | undefined {
  const node = statement.type === 'ExpressionStatement' ? statement.expression : undefined
  return node?.type === 'CallExpression' && node.callee.type === 'Super' ? (node.arguments as Node[]) : undefined
}
