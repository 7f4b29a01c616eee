/**
 * How one old definition becomes the single source's type under its old name, or why it stays.
 * Beside the floors: imports none of them.
 */
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit, LazyEdit } from './change-unit.ts'
import { emitsDecoratorMetadata } from './decorator-metadata.ts'
import { declaredName, findDefinitionUses } from './definition-uses.ts'
import type { DefinitionUse } from './definition-uses.ts'
import type { WantedImport } from './import-edits.ts'
import type { MigrateTarget } from './migrate-options.ts'
import { quoteText } from './source-style.ts'
import type { SourceStyle } from './source-style.ts'
import { findNode, nameOf, walkNodes } from './syntax-tree.ts'
import type { Node, Placed, SyntaxTree } from './syntax-tree.ts'
import type { Workspace } from './workspace.ts'

/** A planned definition: `unit` for the result, `probe` for the overlay in which sites are proved (constructors still callable). */
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
}

/** Plans one definition. The unit still has to prove that it adds no diagnostic beside those at sites. */
export const planDefinition = (workspace: Workspace, definition: DefinitionFact, target: MigrateTarget): DefinitionPlan | { readonly reason: string; readonly uses: readonly DefinitionUse[] } => {
  const stays = (reason: string, uses: readonly DefinitionUse[] = []): { reason: string; uses: readonly DefinitionUse[] } => ({ reason, uses })
  const { tree, style } = workspace.edited(definition.file)
  const placed = findNode(tree, definition.start, definition.end, isDefinition)
  const name = placed && declaredName(placed.node)
  if (!placed || !name) return stays('the definition was not found in the syntax tree')
  const owner = placed.ancestors.at(-1)
  const isTop = owner?.type === 'Program' || (placed.ancestors.length === 2 && /^Export(Named|Default)Declaration$/.test(owner?.type ?? ''))
  if (!isTop) return stays('the definition stands inside a namespace or a function')
  if ('typeParameters' in placed.node && placed.node.typeParameters) return stays('the definition has type parameters')
  if (countDeclarations(tree, definition.name) > 1) return stays('the name is declared more than once: the declarations merge')
  if ('decorators' in placed.node && placed.node.decorators.length > 0) {
    return stays('the class is decorated: the decorator is given the class as a value', [{ file: definition.file, start: definition.start, role: 'class' }])
  }
  const uses = findDefinitionUses(workspace, definition.file, name, placed.node)
  const merges = uses.filter((use) => use.role === 'merge')
  if (merges.length > 0) return stays('the name is declared again elsewhere: the declarations merge', merges)
  const signatures = placed.node.type === 'ClassDeclaration' ? uses.filter((use) => use.role === 'metadata') : []
  const emits = signatures.some((use) => emitsDecoratorMetadata(workspace.projectOf(use.file)?.configFile ?? ''))
  if (emits) return stays('a decorated class names it in a signature: emitDecoratorMetadata needs the class as a value', signatures)
  const classUses = placed.node.type === 'ClassDeclaration' ? uses.filter((use) => use.role === 'class') : []
  if (classUses.length > 0) return stays('the class is used as a value (extended, decorated or passed on)', classUses)
  const statics = readStatics(placed.node, new Set(uses.flatMap((use) => (use.role === 'static' && use.member !== undefined ? [use.member] : []))))
  if ('reason' in statics) return stays(statics.reason, uses.filter((use) => use.role === 'static'))
  const instanceofs = uses.filter((use) => use.role === 'instanceof')
  if (instanceofs.length > 0 && !target.guard) return stays('the class is used with instanceof, and the target names no guard', instanceofs)
  const isLocal = uses.some((use) => use.file === definition.file && use.role !== 'export') || statics.members.length > 0
  const place: Place = { workspace, tree, style, placed, name: definition.name, isLocal, target, file: definition.file }
  const isConstant = statics.members.length > 0 || instanceofs.length > 0
  return {
    definition,
    isClass: placed.node.type === 'ClassDeclaration',
    unit: isConstant ? toConstant(place, statics.members, instanceofs.length > 0) : toReexport(place),
    probe: placed.node.type === 'ClassDeclaration' ? toProbe(place, statics.members) : toReexport(place),
    kept: statics.members,
    remarks: instanceofs,
    reexports: placed.node.type === 'ClassDeclaration' && !isConstant ? uses.filter((use) => use.role === 'export') : [],
  }
}

const isDefinition = (node: Node): boolean => ['ClassDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration'].includes(node.type)

type Place = {
  readonly workspace: Workspace
  readonly tree: SyntaxTree
  readonly style: SourceStyle
  readonly placed: Placed
  readonly name: string
  /** Whether the file itself goes on using the name. */
  readonly isLocal: boolean
  readonly target: MigrateTarget
  readonly file: string
}

/** `export type { T as Old } from '…'`, and an import beside it when the file itself uses the name. */
function toReexport(place: Place): ChangeUnit {
  const { workspace, style, placed, name, isLocal, target, file } = place
  const module = workspace.spell(target.type.module, file)
  const exported = exportedAs(placed, name)
  const own: WantedImport = { module, name: target.type.name, isType: true, as: name }
  const alias = (from: string, to: string): string => (from === to ? from : `${from} as ${to}`)
  const braces = (text: string): string => `{${style.braceSpace}${text}${style.braceSpace}}`
  const text = exported === undefined ? ''
    : isLocal ? `export type ${braces(alias(name, exported))}${style.semicolon}`
      : `export type ${braces(alias(target.type.name, exported))} from ${quoteText(module, style)}${style.semicolon}`
  const needsImport = isLocal || exported === undefined
  return { file, purpose: 'definition', edits: [{ ...wholeDeclaration(place, text === ''), print: () => text }], wants: needsImport ? [own] : [] }
}

/** The type, and a constant of the same name with the static members: callers of `Old.fromRequest(…)` stay as they are. */
function toConstant(place: Place, members: readonly Static[], hasGuard: boolean): ChangeUnit {
  const { workspace, style, name, target, file, placed } = place
  const sealed = `Sealed${target.type.name}`
  const isExported = exportedAs(placed, name) !== undefined
  const guard = target.guard && hasGuard ? { module: workspace.spell(target.guard.module, file), name: target.guard.name, isType: false } : undefined
  const print: LazyEdit['print'] = (slice, local) => {
    const word = isExported ? 'export ' : ''
    const lines = [
      ...(guard ? [`${style.indent}[Symbol.hasInstance]: (value: unknown): boolean => ${local(guard.name)}(value),`] : []),
      ...members.map((member) => `${style.indent}${member.print(slice)},`),
    ]
    return [`${word}type ${name} = ${sealed}${style.semicolon}`, `${word}const ${name} = {`, ...lines, `}${style.semicolon}`].join(style.lineEnd)
  }
  const type: WantedImport = { module: workspace.spell(target.type.module, file), name: target.type.name, isType: true, as: sealed }
  return { file, purpose: 'definition', edits: [{ ...wholeDeclaration(place, false), print }], wants: guard ? [type, guard] : [type] }
}

/** For proofs only: the sealed type under the old name, and a value that anything can be called of. Never written. */
function toProbe(place: Place, members: readonly Static[]): ChangeUnit {
  const { workspace, name, target, file, placed } = place
  const exported = exportedAs(placed, name)
  const sealed = `Probed${target.type.name}`
  const type: WantedImport = { module: workspace.spell(target.type.module, file), name: target.type.name, isType: true, as: sealed }
  const word = exported === name ? 'export ' : ''
  const print: LazyEdit['print'] = (slice) => [
    `${word}type ${name} = ${sealed};`,
    // The members stay in the text, so that constructions inside them are proved like all others.
    ...(members.length > 0 ? [`const probedMembers = { ${members.map((member) => member.print(slice)).join(', ')} };`] : []),
    `${word}declare const ${name}: { new (...parameters: any[]): ${sealed} } & ${members.length > 0 ? 'typeof probedMembers' : '{ [member: string]: any }'};`,
    ...(exported === 'default' ? [`export default ${name};`] : []),
  ].join(' ')
  return { file, purpose: 'definition', edits: [{ ...wholeDeclaration(place, false), print }], wants: [type] }
}

/** Name under which the declaration itself exports, or undefined. */
function exportedAs({ ancestors }: Placed, name: string): string | undefined {
  const owner = ancestors.at(-1)
  return owner?.type === 'ExportDefaultDeclaration' ? 'default' : owner?.type === 'ExportNamedDeclaration' ? name : undefined
}

/** With `export`, decorators and the doc comment above, which describes what is gone. */
function wholeDeclaration({ tree, placed }: Place, withLine: boolean): { start: number; end: number } {
  const owner = placed.ancestors.at(-1)!
  const outer = owner.type === 'Program' ? placed.node : owner
  const comment = tree.comments.findLast((one) => one.end <= outer.start && tree.text.slice(one.end, outer.start).trim() === '' && tree.text.startsWith('/**', one.start))
  const line = withLine ? /^[ \t]*\r?\n/.exec(tree.text.slice(outer.end)) : null
  return { start: comment?.start ?? outer.start, end: outer.end + (line?.[0].length ?? 0) }
}

function countDeclarations(tree: SyntaxTree, name: string): number {
  return tree.program.body.filter((node) => {
    const inner = (node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration') && node.declaration ? (node.declaration as Node) : (node as Node)
    return ['ClassDeclaration', 'TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSModuleDeclaration', 'FunctionDeclaration', 'TSEnumDeclaration'].includes(inner.type) && nameOf(declaredName(inner)) === name
  }).length
}

type Static = { readonly start: number; readonly end: number; readonly print: (slice: (start: number, end: number) => string) => string }

/** The static methods and fields that are used from outside, each as a member of an object literal. */
function readStatics(node: Node, wanted: ReadonlySet<string>): { readonly members: readonly Static[] } | { readonly reason: string } {
  if (node.type !== 'ClassDeclaration' || wanted.size === 0) return { members: [] }
  const members: Static[] = []
  // A set that grows while it is walked: a kept member may call others.
  const used = new Set(wanted)
  for (const name of used) {
    const member: Member | undefined = node.body.body.find((one) => 'static' in one && one.static && 'key' in one && nameOf(one.key) === name)
    if (member?.type === 'MethodDefinition' && member.kind === 'method') {
      const async = member.value.async ? 'async ' : ''
      const star = member.value.generator ? '*' : ''
      if (mentionsSelf(member)) return { reason: `the static member ${name} calls the constructor through this or super` }
      for (const other of staticsReadBy(member, nameOf(declaredName(node)))) used.add(other)
      members.push({ start: member.key.start, end: member.end, print: (slice) => `${async}${star}${slice(member.key.start, member.end)}` })
    } else if (member?.type === 'PropertyDefinition' && member.value) {
      const { value } = member
      members.push({ start: value.start, end: value.end, print: (slice) => `${name}: ${slice(value.start, value.end)}` })
    } else if (!wanted.has(name) && !member) continue
    else return { reason: `the static member ${name} is inherited, an accessor or not declared` }
  }
  return { members }
}

type Member = Extract<Node, { type: 'ClassBody' }>['body'][number]

function staticsReadBy(member: Node, className: string | undefined): string[] {
  const names: string[] = []
  walkNodes(member, (node) => {
    if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return
    if (node.object.type === 'ThisExpression' || nameOf(node.object) === className) names.push(node.property.name)
  })
  return names
}

function mentionsSelf(member: Node): boolean {
  let found = false
  walkNodes(member, (node) => {
    found ||= node.type === 'Super' || (node.type === 'NewExpression' && node.callee.type === 'ThisExpression') || node.type === 'PrivateIdentifier'
    return !found
  })
  return found
}
