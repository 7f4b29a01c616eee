/**
 * Members of an old definition that code reads and the target has no home for: a method, a field without an entry in
 * `reads`.
 * The sealed context lacks them when the code runs, and no directive fixes that: such a definition stays.
 */
import type { CheckedType } from '../engine/checker.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit } from './change-unit.ts'
import type { DefinitionUse } from './definition-uses.ts'
import { findNewDiagnostics } from './diagnostic-difference.ts'
import type { DiagnosticsByFile } from './diagnostic-difference.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { clearOverlay, renderAll } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Codes of "property does not exist", with and without a suggestion. */
export const absentCodes: ReadonlySet<number> = new Set([2339, 2551, 2550])

/** A definition that stays, why, and where its members are read. */
export type Stay = {
  readonly reason: string
  readonly uses: readonly DefinitionUse[]
  /** The reason as the report says it, where the mark is shorter. */
  readonly detail?: string
}

/**
 * What reads are found from: the diagnostics with the old definitions sealed (`probes`) beyond those of the tree as it
 * is.
 */
export type SealedReads = {
  readonly workspace: Workspace
  readonly probes: readonly ChangeUnit[]
  readonly before: DiagnosticsByFile
  readonly sealed: DiagnosticsByFile
  readonly target: MigrateTarget
}

/**
 * @returns The definitions that must stay. The overlay is empty afterwards when there is one.
 */
export const findHomelessMembers = ({
  workspace,
  definitions,
  probes,
  before,
  sealed,
  target,
}: SealedReads & { readonly definitions: readonly DefinitionFact[] }): Map<DefinitionFact, Stay> => {
  const renderings = renderAll(workspace, probes)
  const reads = [...findNewDiagnostics(before, sealed)].flatMap(([file, own]) =>
    own.flatMap(({ code, start, text }) => {
      if (!absentCodes.has(code) || !text.includes(`'${target.type.name}'`)) return []
      const offset = renderings.get(file)?.toOld(start) ?? start
      const read = findReader(workspace.edited(file).tree, offset)
      const form = read && Object.hasOwn(target.reads, read.name) ? target.reads[read.name]! : undefined
      // A pattern takes a member, and nothing that is made of one.
      const isHomeless = form === undefined || (read?.isPattern === true && patternKeyOf(form) === undefined)
      return read && isHomeless ? [{ file, offset, ...read }] : []
    }),
  )
  const stays = new Map<DefinitionFact, Stay>()
  if (reads.length === 0) return stays
  // Whose member it is, only the tree as it was can say.
  clearOverlay(workspace)
  for (const { file, offset, name, source } of reads) {
    for (const definition of ownersOf(workspace, file, source, definitions)) {
      const uses = [...(stays.get(definition)?.uses ?? []), { file, start: offset, role: 'type' as const }]
      stays.set(definition, {
        reason:
          stays.get(definition)?.reason ??
          `its member ${name} is used, and the new context has none: give it a home under migrate.target.reads`,
        uses,
      })
    }
  }
  return stays
}

/**
 * Definitions that a read belongs to which does not compile by its new name: under a mark it would give nothing. The
 * overlay must be empty.
 */
export const findUnfitReads = (
  workspace: Workspace,
  dropped: ReadonlyMap<ChangeUnit, number>,
  definitions: readonly DefinitionFact[],
): Map<DefinitionFact, Stay> => {
  const stays = new Map<DefinitionFact, Stay>()
  for (const [{ file, purpose, readAt }, code] of dropped) {
    const { tree } = workspace.edited(file)
    const read = purpose === 'read' && readAt !== undefined ? findReader(tree, readAt) : undefined
    if (!read) continue
    const owners = ownersOf(workspace, file, read.source, definitions)
    const having = definitions.filter(({ fields }) => fields.some(({ name }) => name === read.name))
    const place = `${file}:${lineOf(tree.text, readAt!)}`
    const reason = `its member ${read.name} is read at ${place}, where that of the new context does not fit (TS${code})`
    for (const one of owners.length > 0 ? owners : having) if (!stays.has(one)) stays.set(one, { reason, uses: [] })
  }
  return stays
}

/** The key that a pattern takes for a read, where that is another member alone: `{context}.agentContext`. */
export const patternKeyOf = (form: string): string | undefined => /^\{context\}\.(\w+)$/.exec(form)?.[1]

type Reader = { readonly name: string; readonly source: Node; readonly isPattern: boolean }

/**
 * The member read at an offset, and the node whose type is the context: an object, an initialiser, or a parameter's
 * annotation.
 */
function findReader(tree: SyntaxTree, offset: number): Reader | undefined {
  let found: Reader | undefined
  walkNodes(tree.program, (node, ancestors) => {
    if (node.type === 'MemberExpression' && node.property.start === offset)
      found = toReader(keyNameOf(node.property), node.object, false)
    if (node.type === 'ObjectPattern' && node.properties.some((one) => one.start === offset)) {
      const property = node.properties.find((one) => one.start === offset)!
      const owner = ancestors.at(-1)
      const annotation = node.typeAnnotation?.typeAnnotation
      const source = annotation ?? (owner?.type === 'VariableDeclarator' ? owner.init : undefined)
      if (property.type === 'Property' && source) found = toReader(keyNameOf(property.key), source, true)
    }
    return node.start <= offset && node.end > offset
  })
  return found
}

const toReader = (name: string | undefined, source: Node, isPattern: boolean): Reader | undefined =>
  name === undefined ? undefined : { name, source, isPattern }

function ownersOf(
  workspace: Workspace,
  file: string,
  source: Node,
  definitions: readonly DefinitionFact[],
): DefinitionFact[] {
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, source)]) ?? []
  if (!project || !type) return []
  const declares = (one: CheckedType, definition: DefinitionFact): boolean =>
    project
      .symbolOf(one)
      ?.declarations.some(
        (place) => workspace.relativeOf(place.file) === definition.file && place.end === definition.end,
      ) ?? false
  const members = project.membersOf(type)
  return definitions.filter((definition) => members.some((one) => declares(one, definition)))
}
