/**
 * What a left site becomes when its old type is gone: the same fields under a double assertion, which compiles, which
 * `check`
 * holds and which every entry point refuses at run time. Never a made-up user.
 */
import type { CheckedDiagnostic } from '../engine/checker.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit, PrintEdit } from './change-unit.ts'
import { definitionKey } from './definition-key.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Site } from './site-plan.ts'
import { childrenOf } from '../engine/syntax.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { findNode, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** Unit for a left `new` or literal; undefined for the kinds that may stay as they are. */
export const toLeftUnit = (workspace: Workspace, site: Site, target: MigrateTarget): ChangeUnit | undefined => {
  const { tree } = workspace.edited(site.file)
  const placed = findNode(tree, site.start, site.end)
  const inner = placed && unwrapExpression(placed.node)
  // A value of another type is kept as it is, whatever made it.
  const isOther = site.kind === 'look-alike'
  if (!placed || !inner || !(site.kind.startsWith('literal') || isOther || inner.type === 'NewExpression'))
    return undefined
  const value: PrintEdit = bindsLooser.has(inner.type)
    ? (slice) => `(${slice(inner.start, inner.end)})`
    : (slice) => slice(inner.start, inner.end)
  const needsParentheses =
    !isPlainPlace(placed.ancestors.at(-1)) && !(tree.text[site.start - 1] === '(' && tree.text[site.end] === ')')
  const old = isOther && inner.type === 'NewExpression' ? undefined : oldTypeName(placed.node, inner, placed.ancestors)
  const print: PrintEdit = (slice, local) => {
    const text = `${value(slice, local)} as unknown as ${old ? slice(old.start, old.end) : local(target.type.name)}`
    return needsParentheses ? `(${text})` : text
  }
  const wants = old
    ? []
    : [{ module: workspace.spell(target.type.module, site.file), name: target.type.name, isType: true }]
  return {
    file: site.file,
    purpose: 'left',
    edits: [{ start: site.start, end: site.end, print }],
    wants,
    ...(site.finding && { finding: site.finding }),
  }
}

/**
 * Whether the type that a left site makes is one of the definitions that go. The overlay must be empty.
 *
 * @param untyped - The answer for a literal that nothing types at its place.
 */
export const makesOneOf = (
  workspace: Workspace,
  site: Site,
  definitions: readonly DefinitionFact[],
  { untyped = true }: { readonly untyped?: boolean } = {},
): boolean => {
  const made = madeBy(workspace, site)
  return made.size === 0 ? untyped : definitions.some((one) => made.has(definitionKey(one)))
}

/** Keys of the declarations behind the type that a site makes; none where nothing types it. The overlay is empty. */
export const madeBy = (workspace: Workspace, site: Site): ReadonlySet<string> => {
  const known = madeIn.get(workspace) ?? new Map<string, ReadonlySet<string>>()
  madeIn.set(workspace, known)
  const key = `${site.file}:${site.start}:${site.end}`
  const made = known.get(key) ?? findMade(workspace, site)
  known.set(key, made)
  return made
}

/** The tree as it was read says the same in every round. */
const madeIn = new WeakMap<Workspace, Map<string, ReadonlySet<string>>>()

function findMade(workspace: Workspace, site: Site): ReadonlySet<string> {
  const placed = findNode(workspace.edited(site.file).tree, site.start, site.end)
  const project = workspace.projectOf(site.file)
  const inner = placed && unwrapExpression(placed.node)
  if (!project || !inner) return new Set()
  const spans = [workspace.spanOf(site.file, inner)]
  const [type] = inner.type === 'NewExpression' ? project.typesAt(spans) : project.contextualTypes(spans)
  const places = (type ? project.membersOf(type) : []).flatMap((one) => project.symbolOf(one)?.declarations ?? [])
  return new Set(places.map(({ file, end }) => definitionKey({ file: workspace.relativeOf(file), end })))
}

/** Unit that makes an assertion double where the sealed type no longer overlaps: `{} as T` to `{} as unknown as T`. */
export const toDoubleAssertion = (tree: SyntaxTree, file: string, offset: number): ChangeUnit | undefined => {
  let found: Extract<Node, { type: 'TSAsExpression' | 'TSTypeAssertion' }> | undefined
  walkNodes(tree.program, (node) => {
    if ((node.type === 'TSAsExpression' || node.type === 'TSTypeAssertion') && node.start === offset) found ??= node
    return node.start <= offset && node.end > offset
  })
  if (!found) return undefined
  const { expression } = found
  const print: PrintEdit = (slice) =>
    found?.type === 'TSAsExpression'
      ? `${slice(expression.start, expression.end)} as unknown`
      : `(${slice(expression.start, expression.end)} as unknown)`
  return { file, purpose: 'left', edits: [{ start: expression.start, end: expression.end, print }], wants: [] }
}

/** Codes that say: this import or export names a type, and must say so. */
export const typeOnlyCodes: ReadonlySet<number> = new Set([1205, 1448, 1484, 1485])

/** Unit that adds `type` to the import or export specifier that a diagnostic stands at. */
export const toTypeOnlyUnit = (
  tree: SyntaxTree,
  file: string,
  { start }: Pick<CheckedDiagnostic, 'start'>,
  { asStatement }: { readonly asStatement: boolean },
): ChangeUnit | undefined => {
  for (const node of tree.program.body) {
    if (node.type !== 'ImportDeclaration' && node.type !== 'ExportNamedDeclaration') continue
    const specifier = childrenOf(node as Node).find(
      (one) => one.type.endsWith('Specifier') && one.start <= start && start <= one.end,
    )
    if (!specifier) continue
    const isAlone = node.specifiers.length === 1 && (asStatement || specifier.type !== 'ImportSpecifier')
    const at = isAlone
      ? node.start + (node.type === 'ImportDeclaration' ? 'import'.length : 'export'.length)
      : specifier.start
    return {
      file,
      purpose: 'type-only',
      edits: [{ start: at, end: at, print: () => (isAlone ? ' type' : 'type ') }],
      wants: [],
    }
  }
  return undefined
}

/** The old name as the site spells it, which is the sealed type now; undefined where the site names no type. */
function oldTypeName(node: Node, inner: Node, ancestors: readonly Node[]): Node | undefined {
  if (inner.type === 'NewExpression') return inner.typeArguments ? undefined : inner.callee
  const parent = ancestors.at(-1)
  const annotation =
    parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
      ? parent.id.typeAnnotation?.typeAnnotation
      : undefined
  const type = node.type === 'TSSatisfiesExpression' ? node.typeAnnotation : annotation
  return type?.type === 'TSTypeReference' && !type.typeArguments ? type : undefined
}

/** What an assertion behind it would not be about as a whole. */
const bindsLooser = new Set([
  'LogicalExpression',
  'BinaryExpression',
  'ConditionalExpression',
  'AssignmentExpression',
  'ArrowFunctionExpression',
  'YieldExpression',
  'SequenceExpression',
])

function isPlainPlace(parent: Node | undefined): boolean {
  const plain = [
    'VariableDeclarator',
    'AssignmentExpression',
    'AssignmentPattern',
    'Property',
    'PropertyDefinition',
    'ReturnStatement',
    'ArrayExpression',
    'CallExpression',
    'NewExpression',
    'LogicalExpression',
    'ConditionalExpression',
  ]
  return parent !== undefined && plain.includes(parent.type)
}
