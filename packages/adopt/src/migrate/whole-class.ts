/**
 * Whether a class can stay as it is beside values of the sealed type: a moved value then flows into places of the
 * class, and what happens to it there must be what happened before.
 */
import type { NodeSpan } from '../engine/checker.ts'
import type { SyntaxTree } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import { findNewDiagnostics } from './diagnostic-difference.ts'
import type { SealedReads } from './homeless-members.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Left } from './site-plan.ts'
import { clearOverlay, renderAll } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Codes of a write to what is read-only: the sealed value is frozen. */
const writeCodes: ReadonlySet<number> = new Set([2540, 2542, 2704])

/** A round as it stands with the classes sealed, and what it leaves. */
export type Wholeness = SealedReads & {
  readonly scan: ScanResult
  readonly plans: readonly DefinitionPlan[]
  readonly left: readonly Left[]
}

/**
 * @returns The answer for one definition. A write to a value that stays is no obstacle; any other write could be one to
 * a moved value, and an `instanceof` would not know one. The overlay is empty afterwards.
 */
export const newWholeness = ({
  workspace,
  probes,
  before,
  sealed,
  target,
  scan,
  left,
}: Wholeness): ((plan: DefinitionPlan) => boolean) => {
  const renderings = renderAll(workspace, probes)
  const writes = [...findNewDiagnostics(before, sealed)].flatMap(([file, own]) =>
    own.flatMap(({ code, start }) =>
      writeCodes.has(code) ? [{ file, offset: renderings.get(file)?.toOld(start) ?? start }] : [],
    ),
  )
  clearOverlay(workspace)
  const isWritten =
    scan.findings.some(({ kind }) => kind === 'context-write') ||
    !writes.every(({ file, offset }) => isOfLeft(workspace, file, offset, left))
  return ({ definition, asksClass }) => !isWritten && !asksClass && keepsOptionalFields(definition, target)
}

/** A required field is the compiler's to compare. An optional one that is somewhere else would be read as absent. */
const keepsOptionalFields = ({ fields }: DefinitionFact, { fields: homes, spread }: MigrateTarget): boolean =>
  fields.every(({ name, optional }) => {
    const home = Object.hasOwn(homes, name) ? homes[name] : undefined
    return !optional || home === undefined || spread?.[home.to] === `{context}.${name}`
  })

/** Whether what is written into is a variable that a left site initialises. */
function isOfLeft(workspace: Workspace, file: string, offset: number, left: readonly Left[]): boolean {
  const object = writtenObject(workspace.edited(file).tree, offset)
  if (object?.type !== 'Identifier') return false
  const span: NodeSpan = workspace.spanOf(file, object)
  const [declaration, ...others] = workspace.projectOf(file)?.symbolsAt([span])[0]?.declarations ?? []
  if (!declaration || others.length > 0) return false
  const owner = workspace.relativeOf(declaration.file)
  return left.some(({ site }) => {
    const isInside = site.file === owner && declaration.start <= site.start && site.end <= declaration.end
    return isInside && workspace.edited(owner).tree.text.slice(site.end, declaration.end).trim() === ''
  })
}

function writtenObject(tree: SyntaxTree, offset: number): Node | undefined {
  let found: Node | undefined
  walkNodes(tree.program, (node) => {
    if (node.type === 'MemberExpression' && node.property.start === offset) found = node.object
    return node.start <= offset && node.end > offset
  })
  return found
}
