/**
 * A class that goes as a type and stays as a value, under another name: constructions that are left still call it, so
 * that they give what they gave. Nothing else uses it, and it goes with the last of them.
 */
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { findNode, keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import type { ChangeUnit } from './change-unit.ts'
import { findClass } from './constructor-form.ts'
import type { Place } from './definition-text.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Site } from './site-plan.ts'
import { applyTextEdits } from './text-edit.ts'
import { namesOf } from './unused-code.ts'
import type { Workspace } from './workspace.ts'

/** `FormerRequestContext`, or a name like it that the file does not use. */
export const formerNameOf = (tree: SyntaxTree, name: string): string => {
  const taken = namesOf(tree)
  let former = `Former${name}`
  while (taken.has(former)) former = `Former${former}`
  return former
}

/** The unit, with the class before it under its former name. What the class says of itself follows the name. */
export const withFormerClass = ({ tree, placed, name, style }: Place, unit: ChangeUnit): ChangeUnit => {
  const { node } = placed
  const former = formerNameOf(tree, name)
  const own: { start: number; end: number; text: string }[] = []
  const dropped = unusedStatics(node, name)
  walkNodes(node, (inner, ancestors) => {
    if (dropped.includes(inner)) {
      own.push({ ...withLine(tree.text, inner, node.start), text: '' })
      return false
    }
    const parent = ancestors.at(-1)
    const isKey =
      (parent?.type === 'MemberExpression' && parent.property === inner && !parent.computed) ||
      ((parent?.type === 'Property' || parent?.type === 'PropertyDefinition' || parent?.type === 'MethodDefinition') &&
        parent.key === inner &&
        !parent.computed)
    if (inner.type === 'Identifier' && inner.name === name && !isKey)
      own.push({ start: inner.start - node.start, end: inner.start + name.length - node.start, text: former })
    return true
  })
  const text = applyTextEdits(tree.text.slice(node.start, node.end), own)
  const comment = `/** Only for the constructions of it that are marked: delete it with the last of them. */`
  const [edit, ...others] = unit.edits
  const gap = `${style.lineEnd}${style.lineEnd}`
  return {
    ...unit,
    edits: [
      {
        ...edit!,
        print: (slice, local) => {
          const rest = edit!.print(slice, local)
          return `${comment}${style.lineEnd}export ${text}${rest === '' ? style.lineEnd : `${gap}${rest}`}`
        },
      },
      ...others,
    ],
  }
}

/** Static members: they live on beside the class, unless it calls them itself. */
function unusedStatics(node: Node, name: string): Node[] {
  if (node.type !== 'ClassDeclaration') return []
  let isCalled = false
  walkNodes(node, (inner) => {
    if (inner.type === 'MemberExpression' && keyNameOf(inner.object) === name) isCalled = true
  })
  const isStatic = (member: Node): boolean => 'static' in member && member.static === true
  return isCalled ? [] : (node.body.body as Node[]).filter(isStatic)
}

/** A member with its indent, the comment above it and the line break behind it; offsets from the start of the class. */
function withLine(text: string, { start, end }: Node, from: number): { start: number; end: number } {
  const lead = /(?:\r?\n[ \t]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/)?(?:\r?\n)?\r?\n[ \t]*$/.exec(text.slice(from, start))
  const tail = /^[ \t]*;?/.exec(text.slice(end))
  return { start: start - from - (lead?.[0].length ?? 0), end: end - from + (tail?.[0].length ?? 0) }
}

/** Unit for a left `new` of a class that stays under its former name: the same call, the same value. */
export const toFormerConstruction = (
  workspace: Workspace,
  site: Site,
  formers: ReadonlySet<DefinitionFact>,
  target: MigrateTarget,
): ChangeUnit | undefined => {
  const { tree } = workspace.edited(site.file)
  const placed = findNode(tree, site.start, site.end)
  const call = placed && unwrapExpression(placed.node)
  if (!placed || call?.type !== 'NewExpression') return undefined
  const { callee } = call
  const found = findClass(workspace, site.file, callee.type === 'MemberExpression' ? callee.property : callee)
  const definition = found && [...formers].find(({ file, end }) => file === found.file && end === found.node.end)
  if (!definition) return undefined
  const former = formerNameOf(workspace.edited(definition.file).tree, definition.name)
  const isHere = definition.file === site.file
  const parent = placed.ancestors.at(-1)
  const isRead = parent?.type === 'MemberExpression' && parent.object === placed.node
  // The old name is the sealed type now; a namespace's is spelled as the site spells it.
  const old = { start: callee.start, end: callee.end }
  return {
    file: site.file,
    purpose: 'left',
    edits: [
      {
        start: call.start,
        end: call.end,
        print: (slice, local) => {
          const made = `new ${isHere ? former : local(former)}${slice(callee.end, call.end)}`
          const type = call.typeArguments ? local(target.type.name) : slice(old.start, old.end)
          const asserted = `${made} as unknown as ${type}`
          return isRead || needsParentheses(parent) ? `(${asserted})` : asserted
        },
      },
    ],
    wants: isHere
      ? []
      : [{ module: workspace.spell(`./${definition.file}`, site.file), name: former, isType: false, isApart: true }],
    ...(site.finding && { finding: site.finding }),
  }
}

function needsParentheses(parent: Node | undefined): boolean {
  const binding = ['AwaitExpression', 'UnaryExpression', 'BinaryExpression', 'SpreadElement', 'ChainExpression']
  return parent !== undefined && binding.includes(parent.type)
}
