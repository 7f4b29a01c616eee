/**
 * The edits that read fields from the sealed context: `x.userId` becomes `x.context.userId`, and `{ userId, logger }`
 * becomes `{ context: { userId }, logger }`.
 */
import type { Node, SyntaxTree } from '../../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../../engine/syntax-search.ts'
import type { ChangeUnit, LazyEdit } from '../change-unit.ts'
import type { FieldUse } from './field-uses.ts'

/** A use and what it reads instead. */
export type MovedRead = { readonly use: FieldUse; readonly member: string; readonly path: string }

/** The unit of one read by a member expression. */
export const toReadUnit = (tree: SyntaxTree, { use, member, path }: MovedRead): ChangeUnit => {
  const node = use.placed.node as Extract<Node, { type: 'MemberExpression' }>
  const isOptional = tree.text.slice(node.object.end, node.property.start).includes('?.')
  const edit: LazyEdit = node.computed
    ? { start: node.object.end, end: node.end, print: () => `${isOptional ? '?.' : '.'}${member}${path}` }
    : { start: node.property.start, end: node.property.end, print: () => `${member}${path}` }
  return { file: use.file, purpose: 'read', edits: [edit], wants: [] }
}

type Pattern = Extract<Node, { type: 'ObjectPattern' }>

/** The unit of one pattern: its fields go into a pattern of their own, where the first of them stood. */
export const toPatternUnit = (reads: readonly MovedRead[]): ChangeUnit | { readonly reason: string } => {
  const [first] = reads
  const pattern = first!.use.placed.ancestors.at(-1) as Pattern
  const { member, use } = first!
  const properties = pattern.properties as readonly Node[]
  if (properties.some((one) => one.type === 'Property' && keyNameOf(one.key as Node) === member))
    return { reason: `the pattern takes ${member} already` }
  if (properties.some((one) => (one.type as string) === 'RestElement'))
    return {
      reason: 'the pattern takes the rest as well, which would hold the field: take the context apart by itself',
    }
  const chosen = new Map(reads.map((one) => [one.use.placed.node, one]))
  const taken = properties.filter((one) => chosen.has(one)) as Extract<Node, { type: 'Property' }>[]
  if (taken.some((one) => one.value.type === 'AssignmentPattern' && acts(one.value.right as Node)))
    return { reason: 'a default is computed: the order of the defaults would change' }
  if (reads.some(({ path }) => !/^\.\w+$/.test(path))) return { reason: 'a pattern cannot say this read' }
  const print: LazyEdit['print'] = (slice) => {
    const own = taken.map((one) => {
      const name = chosen.get(one as Node)!.path.slice(1)
      const isSame = one.shorthand && keyNameOf(one.key as Node) === name
      return isSame ? slice(one.start, one.end) : `${name}: ${slice(one.value.start, one.value.end)}`
    })
    return `${member}: { ${own.join(', ')} }`
  }
  const edits = taken.map((one, index): LazyEdit => {
    if (index === 0) return { start: one.start, end: one.end, print }
    const before = properties[properties.indexOf(one) - 1]!
    return { start: before.end, end: one.end, print: () => '' }
  })
  return { file: use.file, purpose: 'read', edits, wants: [] }
}

/** Whether evaluating a default somewhere else could be seen. */
const acts = (node: Node): boolean => {
  const inner = unwrapExpression(node)
  return inner.type !== 'Literal' && inner.type !== 'Identifier'
}
