/**
 * What instances of a class answer for themselves: as text, as JSON, to `for of` and `await`, or for a field that they
 * compute. The new context answers otherwise or not at all, and no compiler says so.
 */
import { constructorOf, findClass } from './constructor-form.ts'
import type { FoundClass } from './constructor-form.ts'
import { givesWhatWasGiven } from './kept-slots.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** Read by the language and by every printer, under names that each object has or may have. */
const conversions = new Set(['toString', 'toLocaleString', 'valueOf', 'toJSON', 'then', 'inspect'])

type Asked = {
  /** Whether code reads a field or a member of that name from the new context. */
  readonly isRead: (name: string) => boolean
  /** Whether what a site gives for the field goes somewhere. */
  readonly isGiven: (name: string) => boolean
  /** Whether two fields of a type say the same, and go to the same place. */
  readonly isAlias: (one: string, other: string) => boolean
  readonly fields: MigrateTarget['fields']
}

/** Why a site has to go on calling the class, or undefined. */
export const findOwnAnswer = (
  workspace: Workspace,
  { file, node }: FoundClass,
  asked: Asked,
  depth = 0,
): string | undefined => {
  const { isRead, isGiven } = asked
  const at = (one: Node): string => `${file}:${lineOf(workspace.source(file).text, one.start)}`
  const decorated = findDecorated(node)
  if (decorated) return `the class is decorated at ${at(decorated)}: what that makes of its instances is not known`
  for (const member of node.body.body as Node[]) {
    if (!('key' in member) || ('static' in member && member.static)) continue
    const name = nameOf(member)
    if (name === undefined) {
      if (member.key.type === 'PrivateIdentifier') continue
      return `the class has a member under a symbol at ${at(member)}, and the new context has none`
    }
    if (conversions.has(name)) return `the class has its own ${name}() at ${at(member)}, and the new context another`
    const isOwn = member.type === 'PropertyDefinition' ? !isGiven(name) : isComputed(node, member, name, asked)
    if (isRead(name) && isOwn && isUsed(workspace, file, node, member.key as Node))
      return `the class has its own ${name} at ${at(member)}, and the new context another`
  }
  const kept = parameterProperties(node).find(([name]) => isRead(name) && !isGiven(name))
  if (kept) return `the class has its own ${kept[0]} at ${at(kept[1])}, and the new context another`
  const parent = node.superClass && depth < 8 ? findClass(workspace, file, node.superClass) : undefined
  return parent && findOwnAnswer(workspace, parent, asked, depth + 1)
}

/** Whether code outside of the class reads a member. */
function isUsed(workspace: Workspace, file: string, owner: Node, key: Node): boolean {
  const span = workspace.spanOf(file, key)
  return workspace.checker.projects.some(
    (project) =>
      project.files.includes(span.file) &&
      project
        .referencesTo(span)
        .some((use) => use.file !== span.file || use.end <= owner.start || use.start >= owner.end),
  )
}

function parameterProperties(node: FoundClass['node']): (readonly [name: string, node: Node])[] {
  return ((constructorOf(node)?.value.params ?? []) as Node[]).flatMap((one) => {
    const inner = one.type === 'TSParameterProperty' ? (one.parameter as Node) : undefined
    const name = keyNameOf(inner?.type === 'AssignmentPattern' ? (inner.left as Node) : inner)
    return name === undefined ? [] : [[name, one] as const]
  })
}

const nameOf = (member: Node & { readonly key: unknown }): string | undefined => {
  const key = member.key as Node
  return 'computed' in member && member.computed && key.type !== 'Literal' ? undefined : keyNameOf(key)
}

function findDecorated(node: FoundClass['node']): Node | undefined {
  let found: Node | undefined
  walkNodes(node, (one, ancestors) => {
    if ('decorators' in one && Array.isArray(one.decorators) && one.decorators.length > 0) found ??= one
    return !found && ancestors.length < 6
  })
  return found
}

/** A method, or an accessor that gives anything but what the constructor was given for the field. */
function isComputed(owner: FoundClass['node'], member: Node, name: string, { isAlias, fields }: Asked): boolean {
  if (member.type !== 'MethodDefinition') return member.type === 'AccessorProperty'
  if (member.kind === 'constructor' || member.kind === 'set') return false
  const body = (member.value.body?.body ?? []) as Node[]
  const isSame = (other: string): boolean => isAlias(other, name)
  return member.kind !== 'get' || !givesWhatWasGiven(owner, body, name, { fields, isSame })
}
