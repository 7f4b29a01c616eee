/**
 * The fields of a type that carries a sealed context which say again what the context says, and how each is read from
 * the context: the reads are inferred from where the makers put each field.
 */
import type { CheckedProperty } from '../../engine/checker.ts'
import type { Node } from '../../engine/syntax.ts'
import { findNode, keyNameOf } from '../../engine/syntax-search.ts'
import type { DefinitionFact, ScanResult } from '../../scan/scan-result.ts'
import { carriedMember } from '../carrier.ts'
import type { FieldHome, MigrateTarget } from '../migrate-options.ts'
import type { Workspace } from '../workspace.ts'

/** One field with the place of its declaration. */
export type CarriedField = {
  readonly definition: DefinitionFact
  /** The member that holds the sealed context. */
  readonly member: string
  readonly name: string
  /** The member of the type, and its name alone. */
  readonly node: Node
  readonly key: Node
  /**
   * What stands behind the context: `.userId`, `.auditMetadata['tenantName']`; or why the field is not read from it.
   */
  readonly read: { readonly path: string } | { readonly reason: string }
}

/** The types of a scan that have the member already. */
export const findCarrying = (
  scan: ScanResult,
  target: MigrateTarget,
): { readonly definition: DefinitionFact; readonly member: string }[] =>
  [...(scan.canonical ? [scan.canonical] : []), ...scan.duplicates.map((one) => one.definition)].flatMap(
    (definition) => {
      const member = carriedMember(definition, target)
      return member === undefined ? [] : [{ definition, member }]
    },
  )

/** The identity's fields of one carrying type. The overlay must be empty. */
export const findCarriedFields = (
  workspace: Workspace,
  { definition, member }: { readonly definition: DefinitionFact; readonly member: string },
  target: MigrateTarget,
): CarriedField[] => {
  const members = membersIn(workspace, definition)
  const holder = members.find((node) => keyNameOf(keyOf(node)) === member)
  const sealed = holder ? propertiesAt(workspace, definition.file, keyOf(holder)!) : []
  return members.flatMap((node) => {
    const key = keyOf(node)
    const name = keyNameOf(key)
    const home = name !== undefined && Object.hasOwn(target.fields, name) ? target.fields[name] : undefined
    if (!key || name === undefined || !home || home.to === 'drop') return []
    const own = definition.fields.find((field) => field.name === name)
    const mayLack = own === undefined || own.optional || /\b(?:undefined|null)\b/.test(own.type)
    return [{ definition, member, name, node, key, read: inferRead(target, name, home, sealed, { mayLack }) }]
  })
}

/** The fields that a definition declares itself. */
export const findDeclaredFields = (
  workspace: Workspace,
  definition: DefinitionFact,
): Pick<CarriedField, 'definition' | 'name' | 'key'>[] =>
  membersIn(workspace, definition).flatMap((node) => {
    const key = keyOf(node)
    const name = keyNameOf(key)
    return key && name !== undefined ? [{ definition, name, key }] : []
  })

function membersIn(workspace: Workspace, definition: DefinitionFact): readonly Node[] {
  const { tree } = workspace.edited(definition.file)
  const isDefinition = (node: Node): boolean =>
    /^TS(Interface|TypeAlias)Declaration$|^ClassDeclaration$/.test(node.type)
  const placed = findNode(tree, definition.start, definition.end, isDefinition)
  return placed ? membersOf(placed.node) : []
}

/** How the new context is read for a field, by its home. */
function inferRead(
  target: MigrateTarget,
  name: string,
  home: FieldHome,
  sealed: readonly CheckedProperty[],
  { mayLack }: { readonly mayLack: boolean },
): CarriedField['read'] {
  if (home.member !== undefined || home.wrap === 'String')
    return { reason: 'it holds more than the id of the sealed context, or the id in another form' }
  const [, direct = ''] = /^(?:vouching|run)\.(\w+)$/.exec(home.to) ?? []
  const form =
    (Object.hasOwn(target.reads, name) ? target.reads[name] : undefined) ??
    target.spread?.[home.to] ??
    (direct === '' ? undefined : `{context}.${direct}`)
  const path = form === undefined ? undefined : /^\{context\}((?:\.\w+|\[(?:'[^']*'|"[^"]*")\])+)$/.exec(form)?.[1]
  const first = path === undefined ? undefined : /^\.(\w+)/.exec(path)?.[1]
  const property = sealed.find((one) => one.name === first)
  if (path === undefined || first === undefined || !property)
    return { reason: `no read of the sealed context gives it: name one under migrate.reads.${name}` }
  const isAlways = !property.optional && property.type.sort !== 'union'
  // A test for a missing value would always find one.
  if (mayLack && isAlways)
    return { reason: `it may be absent, and the sealed context always has ${first}: each reader has to be looked at` }
  return { path }
}

function propertiesAt(workspace: Workspace, file: string, key: Node): readonly CheckedProperty[] {
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, key)]) ?? []
  return project && type ? project.propertiesOf(type) : []
}

/** Members of an interface, of the type literals of an alias, or of a class with its parameter properties. */
function membersOf(node: Node): readonly Node[] {
  if (node.type === 'TSInterfaceDeclaration') return node.body.body as Node[]
  if (node.type === 'TSTypeAliasDeclaration') {
    const parts = node.typeAnnotation.type === 'TSIntersectionType' ? node.typeAnnotation.types : [node.typeAnnotation]
    return parts.flatMap((part) => (part.type === 'TSTypeLiteral' ? (part.members as Node[]) : []))
  }
  if (node.type !== 'ClassDeclaration') return []
  return node.body.body.flatMap((member) =>
    member.type === 'MethodDefinition' && member.kind === 'constructor'
      ? (member.value.params as Node[]).filter((one) => one.type === 'TSParameterProperty')
      : [member as Node],
  )
}

function keyOf(node: Node): Node | undefined {
  if (node.type === 'TSParameterProperty')
    return (node.parameter.type === 'AssignmentPattern' ? node.parameter.left : node.parameter) as Node
  if (node.type === 'TSPropertySignature' || node.type === 'PropertyDefinition')
    return node.computed ? undefined : (node.key as Node)
  return undefined
}
