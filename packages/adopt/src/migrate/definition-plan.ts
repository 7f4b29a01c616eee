/**
 * How one old definition becomes the single source's type under its old name, or why it stays.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit } from './change-unit.ts'
import { readStatics } from './class-statics.ts'
import { emitsDecoratorMetadata } from './decorator-metadata.ts'
import { toConstant, toProbe, toReexport } from './definition-text.ts'
import type { Place } from './definition-text.ts'
import { declaredName, findDefinitionUses } from './definition-uses.ts'
import type { DefinitionUse } from './definition-uses.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { formerNameOf, withFormerClass } from './former-class.ts'
import { findNode, keyNameOf } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/**
 * A planned definition: `unit` for the result, `probe` for the overlay in which sites are proved (constructors still
 * callable).
 */
export type DefinitionPlan = {
  readonly definition: DefinitionFact
  readonly isClass: boolean
  readonly unit: ChangeUnit
  readonly probe: ChangeUnit
  /** Static members that live on in a constant: constructions inside them are sites too. */
  readonly kept: readonly { readonly start: number; readonly end: number }[]
  /** Re-exports of a former class: a compiler that works file by file must see that they are types now. */
  readonly reexports: readonly DefinitionUse[]
  /** Uses that stay as they are and deserve a TODO: `instanceof`. */
  readonly remarks: readonly DefinitionUse[]
  /** Whether code asks which values are of the class: by such a use, or in a static member that lives on. */
  readonly asksClass: boolean
}

/** Plans one definition. The unit still has to prove that it adds no diagnostic beside those at sites. */
export const planDefinition = (
  workspace: Workspace,
  definition: DefinitionFact,
  target: MigrateTarget,
  { keepsClass }: { readonly keepsClass: boolean },
): DefinitionPlan | { readonly reason: string; readonly uses: readonly DefinitionUse[] } => {
  const stays = (
    reason: string,
    uses: readonly DefinitionUse[] = [],
  ): { reason: string; uses: readonly DefinitionUse[] } => ({ reason, uses })
  const { tree, style } = workspace.edited(definition.file)
  const placed = findNode(tree, definition.start, definition.end, isDefinition)
  const name = placed && declaredName(placed.node)
  if (!placed || !name) return stays('the definition was not found in the syntax tree')
  const owner = placed.ancestors.at(-1)
  const isTop =
    owner?.type === 'Program' ||
    (placed.ancestors.length === 2 && /^Export(Named|Default)Declaration$/.test(owner?.type ?? ''))
  if (!isTop) return stays('the definition stands inside a namespace or a function')
  if ('typeParameters' in placed.node && placed.node.typeParameters) return stays('the definition has type parameters')
  if (countDeclarations(tree, definition.name) > 1)
    return stays('the name is declared more than once: the declarations merge')
  if ('decorators' in placed.node && placed.node.decorators.length > 0) {
    return stays('the class is decorated: the decorator is given the class as a value', [
      { file: definition.file, start: definition.start, role: 'class' },
    ])
  }
  const uses = findDefinitionUses(workspace, definition.file, name, placed.node)
  const merges = uses.filter((use) => use.role === 'merge')
  if (merges.length > 0) return stays('the name is declared again elsewhere: the declarations merge', merges)
  const signatures = placed.node.type === 'ClassDeclaration' ? uses.filter((use) => use.role === 'metadata') : []
  const emits = signatures.some((use) => emitsDecoratorMetadata(workspace.projectOf(use.file)?.configFile ?? ''))
  if (emits)
    return stays(
      'a decorated class names it in a signature: emitDecoratorMetadata needs the class as a value',
      signatures,
    )
  const classUses = placed.node.type === 'ClassDeclaration' ? uses.filter((use) => use.role === 'class') : []
  if (classUses.length > 0) return stays('the class is used as a value (extended, decorated or passed on)', classUses)
  const statics = readStatics(
    placed.node,
    new Set(uses.flatMap((use) => (use.role === 'static' && use.member !== undefined ? [use.member] : []))),
  )
  if ('reason' in statics)
    return stays(
      statics.reason,
      uses.filter((use) => use.role === 'static'),
    )
  const instanceofs = uses.filter((use) => use.role === 'instanceof')
  const asksClass = instanceofs.length > 0 || statics.asksClass
  if (asksClass && !target.guard)
    return stays('the class is used with instanceof, and the target names no guard', instanceofs)
  const isLocal =
    uses.some((use) => use.file === definition.file && use.role !== 'export') || statics.members.length > 0
  const place: Place = { workspace, tree, style, placed, name: definition.name, isLocal, target, file: definition.file }
  const isConstant = statics.members.length > 0 || asksClass
  const former = keepsClass && placed.node.type === 'ClassDeclaration' ? formerNameOf(tree, definition.name) : undefined
  const unit = isConstant ? toConstant(place, statics.members, { hasGuard: asksClass, former }) : toReexport(place)
  return {
    definition,
    isClass: placed.node.type === 'ClassDeclaration',
    unit: former !== undefined ? withFormerClass(place, unit) : unit,
    probe: placed.node.type === 'ClassDeclaration' ? toProbe(place, statics.members) : toReexport(place),
    kept: statics.members,
    remarks: instanceofs,
    asksClass,
    reexports:
      placed.node.type === 'ClassDeclaration' && !isConstant ? uses.filter((use) => use.role === 'export') : [],
  }
}

const isDefinition = (node: Node): boolean =>
  ['ClassDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration'].includes(node.type)

function countDeclarations(tree: SyntaxTree, name: string): number {
  return tree.program.body.filter((node) => {
    const inner =
      (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration') && node.declaration
        ? (node.declaration as Node)
        : (node as Node)
    return (
      [
        'ClassDeclaration',
        'TSInterfaceDeclaration',
        'TSTypeAliasDeclaration',
        'TSModuleDeclaration',
        'FunctionDeclaration',
        'TSEnumDeclaration',
      ].includes(inner.type) && keyNameOf(declaredName(inner)) === name
    )
  }).length
}
