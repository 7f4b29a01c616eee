/**
 * Which carrying type a construction makes, if any.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import { findNode, unwrapExpression } from '../engine/syntax-search.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { carriedMember, toCarrier } from './carrier.ts'
import type { Carrier } from './carrier.ts'
import type { ImportedName, MigrateTarget } from './migrate-options.ts'
import type { Site } from './site-plan.ts'
import type { Workspace } from './workspace.ts'

/** A carrying type, whether this run splits it or an earlier one did. */
export type MadeCarrier = Pick<Carrier, 'definition' | 'member'>

/** Those of this run, and those that an earlier run gave their member. */
export const carriersIn = (scan: ScanResult, target: MigrateTarget, carriers: Iterable<Carrier>): MadeCarrier[] => {
  const done = [...(scan.canonical ? [scan.canonical] : []), ...scan.duplicates.map((one) => one.definition)].flatMap(
    (definition) => {
      const member = carriedMember(definition, target)
      return member === undefined ? [] : [{ definition, member }]
    },
  )
  return [...carriers, ...done]
}

/**
 * Those of the definitions that can carry the sealed context and do not yet, and that some site makes. The overlay must
 * be empty.
 */
export const newCarriers = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
  sites: readonly Site[],
  target: MigrateTarget,
): Map<DefinitionFact, Carrier> => {
  const whole = definitions.filter((definition) => carriedMember(definition, target) === undefined)
  const carriers = whole.flatMap((definition) => toCarrier(workspace, definition, target) ?? [])
  const made = carriers.filter((carrier) => sites.some((site) => carrierOf(workspace, site, [carrier])))
  return new Map(made.map((carrier) => [carrier.definition, carrier]))
}

/**
 * The overlay must be empty. What nothing types at its place is taken for the type that the scan named, if one has its
 * name.
 */
export const carrierOf = <One extends MadeCarrier>(
  workspace: Workspace,
  site: Site,
  carriers: readonly One[],
): One | undefined => {
  if (carriers.length === 0) return undefined
  const placed = findNode(workspace.edited(site.file).tree, site.start, site.end)
  const project = workspace.projectOf(site.file)
  const inner = placed && unwrapExpression(placed.node)
  if (!project || !inner || inner.type === 'NewExpression') return undefined
  const span = workspace.spanOf(site.file, inner)
  const type = project.contextualTypes([span])[0] ?? project.typesAt([workspace.spanOf(site.file, site)])[0]
  const parts = type ? project.membersOf(type) : []
  const places = parts.flatMap((one) => project.symbolOf(one)?.declarations ?? [])
  const madeAt = (declared: readonly { readonly file: string; readonly end: number }[]): One | undefined =>
    carriers.find(({ definition: { file, end } }) =>
      declared.some((one) => workspace.relativeOf(one.file) === file && one.end === end),
    )
  const made = madeAt(places) ?? madeAt(parts.flatMap((one) => basesOf(project, one)))
  if (made || !site.finding || site.kind.startsWith('cast')) return made
  const named = carriers.filter(({ definition }) => definition.name === site.finding?.type)
  // Types of one name that carry the context under one member: which of them it is makes no difference.
  const isOne = new Set(named.map(({ member }) => member)).size === 1
  return isOne && isUntyped(places, site, workspace) ? named[0] : undefined
}

/** The type that a place takes, where it only extends a carrying one: what is asserted there has to be all of it. */
export const derivedTypeOf = (workspace: Workspace, site: Site): ImportedName | undefined => {
  const { tree } = workspace.edited(site.file)
  const placed = findNode(tree, site.start, site.end)
  const project = workspace.projectOf(site.file)
  if (!placed || !project) return undefined
  const [type] = project.contextualTypes([workspace.spanOf(site.file, unwrapExpression(placed.node))])
  const parts = (type ? project.membersOf(type) : []).filter((one) => one.sort === 'object' && !one.fromLiteral)
  const symbol = parts.length === 1 ? project.symbolOf(parts[0]!) : undefined
  const [place] = symbol?.declarations ?? []
  const file = place && workspace.relativeOf(place.file)
  if (!symbol || !place || file === undefined || file.startsWith('..') || file.includes('node_modules/'))
    return undefined
  const isExported = workspace
    .edited(file)
    .tree.program.body.some(
      (node) => node.type === 'ExportNamedDeclaration' && node.start <= place.start && place.end <= node.end,
    )
  return isExported ? { module: `./${file}`, name: symbol.name } : undefined
}

/** Declarations of what an interface extends, near and far. */
function basesOf(project: CheckerProject, type: CheckedType, depth = 0): readonly NodeSpan[] {
  if (depth > 8 || type.sort !== 'object' || type.fromLiteral) return []
  return project
    .baseTypesOf(type)
    .flatMap((base) => [...(project.symbolOf(base)?.declarations ?? []), ...basesOf(project, base, depth + 1)])
}

/**
 * Whether nothing but the construction itself says its type, which is declared where it stands then. A type of that
 * name that stands elsewhere in the tree is another one: what it makes carries nothing.
 */
function isUntyped(places: readonly NodeSpan[], site: Site, workspace: Workspace): boolean {
  return places.every(
    ({ file, start, end }) => workspace.relativeOf(file) === site.file && site.start <= start && end <= site.end,
  )
}
