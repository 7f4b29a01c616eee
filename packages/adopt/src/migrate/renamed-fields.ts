/**
 * Fields that the new context has under another name, or not at all. Code reads either the old name or the new one: a
 * value of the other shape gives nothing there, and no compiler says so. So values that give such a field move
 * together, or none of them does.
 */
import { madeChain } from './class-chain.ts'
import { constructorForm } from './constructor-form.ts'
import { definitionKey } from './definition-key.ts'
import { constructionOf } from './frozen-literal.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { findLooseReads } from './loose-reads.ts'
import { findDeclaredFields } from './readers/carried-field.ts'
import { askedIn, findFieldUses } from './readers/field-uses.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { TargetMembers } from './target-members.ts'
import type { NodeSpan } from '../engine/checker.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode, keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import { originsOf, spanKey } from './value-origins.ts'
import type { Workspace } from './workspace.ts'

type Renamed = {
  readonly definition: DefinitionFact
  readonly field: string
  readonly place: string
  /** Spans of all that the values come from of which the field is read. */
  readonly origins: ReadonlySet<string>
}
/** The first field that a site may give of those which are read of one of the definitions. */
export type FindRenamed = (site: NodeSpan, definitions: readonly DefinitionFact[]) => Renamed | undefined

export type FindLooselyRead = (site: NodeSpan) => Pick<Renamed, 'field' | 'place'> | undefined

/** The overlay must be empty, when it is asked as well. */
export const newRenamedFields = (
  workspace: Workspace,
  family: readonly DefinitionFact[],
  target: MigrateTarget,
  members: TargetMembers,
): FindRenamed => {
  const isLost = toLost(target, members)
  const renamed = family.flatMap((definition) => findRead(workspace, definition, isLost))
  return (site, definitions) => {
    const asked = renamed.filter(({ definition }) => definitions.includes(definition))
    if (asked.length === 0) return undefined
    const made = madeChain(workspace, site)
    const isRead = ({ definition, origins }: Renamed): boolean =>
      !made || made.keys.size === 0 || made.keys.has(definitionKey(definition)) || origins.has(spanKey(site.file, site))
    return asked.find((one) => isRead(one) && mayGive(workspace, site, one, target))
  }
}

/** As {@link FindRenamed}, where the field is read by what no rename follows. */
export const newLooselyRead = (
  workspace: Workspace,
  family: readonly DefinitionFact[],
  target: MigrateTarget,
  members: TargetMembers,
): FindLooselyRead => {
  const names = family.flatMap(({ fields }) => fields.map(({ name }) => name))
  const isLost = toLost(target, members)
  const reads = findLooseReads(workspace, family, new Set(names.filter(isLost)))
  return (site) => {
    for (const [field, places] of reads) {
      const place = places.get(spanKey(site.file, site))
      if (place !== undefined && mayGive(workspace, site, { field }, target)) return { field, place }
    }
    return undefined
  }
}

/** Whether the new context has no field of this name, and the old one has. */
function toLost({ fields }: MigrateTarget, members: TargetMembers): (name: string) => boolean {
  return (name) => members.size > 0 && Object.hasOwn(fields, name) && !members.has(name)
}

function findRead(workspace: Workspace, definition: DefinitionFact, isLost: (name: string) => boolean): Renamed[] {
  if (!definition.fields.some(({ name }) => isLost(name))) return []
  return findDeclaredFields(workspace, definition).flatMap((field) => {
    if (!isLost(field.name)) return []
    // An instance that asks itself was made by the class.
    const uses = findFieldUses(workspace, field).filter(
      (use) =>
        (use.role === 'pattern' || use.role === 'read') &&
        askedIn(use).some(({ node }) => node.type !== 'ThisExpression'),
    )
    const [first] = uses
    if (!first) return []
    const place = `${first.file}:${lineOf(workspace.source(first.file).text, first.start)}`
    return [{ definition, field: field.name, place, origins: originsOf(workspace, uses.flatMap(askedIn)) }]
  })
}

/** Whether a site may give the field: what nothing types may have it. */
function mayGive(
  workspace: Workspace,
  site: NodeSpan,
  { definition, field }: Pick<Renamed, 'field'> & Partial<Renamed>,
  target: MigrateTarget,
): boolean {
  const node = findNode(workspace.edited(site.file).tree, site.start, site.end)?.node
  const inner = node && constructionOf(node)
  if (!inner) return true
  if (inner.type === 'ObjectExpression') return literalGives(workspace, site.file, inner, field)
  if (inner.type !== 'NewExpression') return typeGives(workspace, site.file, inner, field)
  const isOptional = definition?.fields.some(({ name, optional }) => name === field && optional)
  if (!isOptional) return true
  const form = constructorForm(workspace, site.file, inner, target)
  const [bag] = inner.arguments as Node[]
  const literal = bag && unwrapExpression(bag)
  if (form === 'bag' && literal?.type === 'ObjectExpression') return literalGives(workspace, site.file, literal, field)
  if (form === undefined || form === 'bag') return true
  const index = form.parameters.indexOf(field)
  return index >= 0 && index < inner.arguments.length
}

function literalGives(
  workspace: Workspace,
  file: string,
  { properties }: Extract<Node, { type: 'ObjectExpression' }>,
  field: string,
): boolean {
  return properties.some((one) => {
    if (one.type === 'SpreadElement') return typeGives(workspace, file, unwrapExpression(one.argument), field)
    const name = keyNameOf(one.key)
    return one.computed && one.key.type !== 'Literal' ? true : name === field
  })
}

const looseSorts = new Set(['any', 'error', 'unknown', 'parameter'])

function typeGives(workspace: Workspace, file: string, node: Node, field: string): boolean {
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, node)]) ?? []
  if (!project || !type) return true
  return project
    .membersOf(type)
    .some(
      (one) =>
        looseSorts.has(one.sort) ||
        project.propertiesOf(one).some(({ name }) => name === field) ||
        project.indexTypesOf(one).length > 0,
    )
}

/** By definition: why it stays. `left`: sites that do not move. */
export const findMixed = (
  findRenamed: FindRenamed,
  definitions: readonly DefinitionFact[],
  left: readonly NodeSpan[],
  lineAt: (site: NodeSpan) => string,
): Map<DefinitionFact, { readonly reason: string; readonly uses: readonly [] }> => {
  const mixed = new Map<DefinitionFact, { readonly reason: string; readonly uses: readonly [] }>()
  for (const site of left) {
    const found = findRenamed(
      site,
      definitions.filter((one) => !mixed.has(one)),
    )
    if (!found) continue
    const { definition, field } = found
    const reason = `a value that stays gives ${field} (at ${lineAt(site)}), which would be read by another name`
    mixed.set(definition, { reason, uses: [] })
  }
  return mixed
}
