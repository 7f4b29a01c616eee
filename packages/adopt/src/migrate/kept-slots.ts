/**
 * Whether an accessor gives what the constructor was given for the field: from a slot of its own (`this.#userId`), or
 * from one that keeps the whole argument (`this.props.userId`).
 */
import { constructorOf } from './constructor-form.ts'
import type { FoundClass } from './constructor-form.ts'
import { fieldOfParameter } from './constructor-reader.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { ConstructorForm } from './site-fields.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'

type Owner = FoundClass['node']
/** `member`: what is read of the slot, where it keeps a whole. */
type Slot = { readonly name: string; readonly member?: string }
type Fields = MigrateTarget['fields']

/** Whether `name` is read from what was given for the field of that name, or of one that `isSame` says is the same. */
export const givesWhatWasGiven = (
  owner: Owner,
  body: readonly Node[],
  name: string,
  { fields, isSame }: { readonly fields: Fields; readonly isSame: (other: string) => boolean },
): boolean => {
  const slot = returnedSlot(body)
  if (!slot) return false
  if (slot.member !== undefined) return (slot.member === name || isSame(slot.member)) && isWholeKept(owner, slot.name)
  return isSame(slot.name) || isKept(owner, slot.name, name, fields)
}

/** `return this.#userId`, `return this.props.userId`. */
function returnedSlot([only, ...more]: readonly Node[]): Slot | undefined {
  const given = only?.type === 'ReturnStatement' && more.length === 0 ? (only.argument ?? undefined) : undefined
  const inner = given && unwrapExpression(given)
  const own = inner && slotOf(inner)
  if (own !== undefined) return { name: own }
  if (inner?.type !== 'MemberExpression' || inner.computed || inner.optional) return undefined
  const [name, member] = [slotOf(inner.object), keyNameOf(inner.property)]
  return name === undefined || member === undefined ? undefined : { name, member }
}

function slotOf(node: Node): string | undefined {
  const inner = unwrapExpression(node)
  if (inner.type !== 'MemberExpression' || inner.object.type !== 'ThisExpression' || inner.computed) return undefined
  return inner.property.type === 'PrivateIdentifier' ? `#${inner.property.name}` : keyNameOf(inner.property)
}

/** Whether a slot is set once, by the constructor, to the argument or the field of that name. */
function isKept(owner: Owner, slot: string, name: string, fields: Fields): boolean {
  const settings = settingsOf(owner, slot)
  const property = parameterProperty(owner, slot)
  if (property) return settings.length === 0 && fieldOfParameter(property, fields) === name
  const given = onlySetting(owner, settings)
  const isMember = given?.type === 'MemberExpression' && given.object.type === 'Identifier'
  const named = isMember ? (given.property as Node) : given
  return named !== undefined && keyNameOf(named) === name
}

/** Whether a slot keeps the one argument as it is, and nothing but a read of a member touches it. */
function isWholeKept(owner: Owner, slot: string): boolean {
  const [only, ...more] = (constructorOf(owner)?.value.params ?? []) as Node[]
  const settings = settingsOf(owner, slot)
  const property = parameterProperty(owner, slot)
  const given = property ? undefined : onlySetting(owner, settings)
  const isGiven = property ? property === only && settings.length === 0 : given && isBare(given, keyNameOf(only))
  if (!isGiven || more.length > 0) return false
  let isRead = true
  walkNodes(owner.body, (node, ancestors) => {
    if (node.type !== 'MemberExpression' || slotOf(node) !== slot) return
    const [parent, above] = [ancestors.at(-1), ancestors.at(-2)]
    if (parent?.type === 'AssignmentExpression' && parent === settings[0]) return
    const isMember = parent?.type === 'MemberExpression' && parent.object === node && !parent.computed
    const isHarmful =
      (above?.type === 'CallExpression' && above.callee === parent) ||
      (above?.type === 'AssignmentExpression' && above.left === parent) ||
      /^(?:Update|Unary)Expression$/.test(above?.type ?? '')
    isRead &&= isMember && !isHarmful
  })
  return isRead
}

/** Whether an instance goes on holding an object that the site only names: who has that can change it later. */
export const isHeldBag = (owner: Owner, call: Node, form: ConstructorForm): boolean => {
  const [given, ...more] = call.type === 'NewExpression' ? (call.arguments as Node[]) : []
  if (!given || more.length > 0 || form !== 'bag' || unwrapExpression(given).type === 'ObjectExpression') return false
  const own = constructorOf(owner)?.value
  const [only] = (own?.params ?? []) as Node[]
  if (only?.type === 'TSParameterProperty') return true
  let isHeld = false
  if (!own?.body) return false
  walkNodes(own.body as Node, (node) => {
    const isSetting = node.type === 'AssignmentExpression' && slotOf(node.left as Node) !== undefined
    isHeld ||= isSetting && isBare(node.right, keyNameOf(only)) && !isCopied(node.right)
    return !isHeld
  })
  return isHeld
}

/** The argument, a copy of it, or one that is frozen. */
export function isBare(value: Node, argument: string | undefined): boolean {
  const inner = unwrapExpression(value)
  if (inner.type === 'Identifier') return inner.name === argument
  if (inner.type === 'ObjectExpression') {
    const [first, ...more] = inner.properties
    return first?.type === 'SpreadElement' && more.length === 0 && isBare(first.argument, argument)
  }
  if (inner.type !== 'CallExpression' || inner.callee.type !== 'MemberExpression') return false
  const isFreeze = keyNameOf(inner.callee.object) === 'Object' && keyNameOf(inner.callee.property) === 'freeze'
  return isFreeze && inner.arguments.length === 1 && isBare(inner.arguments[0] as Node, argument)
}

function isCopied(value: Node): boolean {
  let found = false
  walkNodes(value, (node) => {
    found ||= node.type === 'SpreadElement'
    return !found
  })
  return found
}

function settingsOf(owner: Owner, slot: string): readonly Node[] {
  const settings: Node[] = []
  walkNodes(owner.body, (node) => {
    if (node.type === 'AssignmentExpression' && slotOf(node.left as Node) === slot) settings.push(node)
    if (node.type === 'UpdateExpression' && slotOf(node.argument as Node) === slot) settings.push(node)
  })
  return settings
}

/** What the one setting gives, where it is a statement of the constructor. */
function onlySetting(owner: Owner, [only, ...more]: readonly Node[]): Node | undefined {
  if (more.length > 0 || only?.type !== 'AssignmentExpression' || only.operator !== '=') return undefined
  const isFirst = ((constructorOf(owner)?.value.body?.body ?? []) as Node[]).some(
    (one) => one.type === 'ExpressionStatement' && (one.expression as Node) === only,
  )
  return isFirst ? unwrapExpression(only.right) : undefined
}

const parameterProperty = (owner: Owner, slot: string): Node | undefined =>
  ((constructorOf(owner)?.value.params ?? []) as Node[]).find(
    (one) => one.type === 'TSParameterProperty' && parameterName(one.parameter as Node) === slot,
  )

const parameterName = (node: Node): string | undefined =>
  keyNameOf(node.type === 'AssignmentPattern' ? (node.left as Node) : node)
