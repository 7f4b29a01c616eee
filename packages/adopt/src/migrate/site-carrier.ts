/**
 * Which carrying type a construction makes, if any.
 */
import { findNode, unwrapExpression } from '../engine/syntax-search.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { carriedMember, toCarrier } from './carrier.ts'
import type { Carrier } from './carrier.ts'
import type { MigrateTarget } from './migrate-options.ts'
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

/** Those of the definitions that can carry the sealed context, and that some site makes. The overlay must be empty. */
export const newCarriers = (
  workspace: Workspace,
  definitions: readonly DefinitionFact[],
  sites: readonly Site[],
  target: MigrateTarget,
): Map<DefinitionFact, Carrier> => {
  const carriers = definitions.flatMap((definition) => toCarrier(workspace, definition, target) ?? [])
  const made = carriers.filter((carrier) => sites.some((site) => carrierOf(workspace, site, [carrier])))
  return new Map(made.map((carrier) => [carrier.definition, carrier]))
}

/** The overlay must be empty. What nothing types at its place is taken for the type that the scan named, if one has its name. */
export const carrierOf = <One extends Pick<Carrier, 'definition'>>(
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
  const places = (type ? project.membersOf(type) : []).flatMap((one) => project.symbolOf(one)?.declarations ?? [])
  const made = carriers.find(({ definition: { file, end } }) =>
    places.some((one) => workspace.relativeOf(one.file) === file && one.end === end),
  )
  if (made || !site.finding || site.kind.startsWith('cast')) return made
  const named = carriers.filter(({ definition }) => definition.name === site.finding?.type)
  return named.length === 1 && isUntyped(places, workspace) ? named[0] : undefined
}

/** A literal's own type is declared where the literal stands; the library's types are nobody's context. */
function isUntyped(places: readonly { readonly file: string }[], workspace: Workspace): boolean {
  return places.every((one) => !workspace.relativeOf(one.file).startsWith('..'))
}
