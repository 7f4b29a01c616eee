/**
 * Fields that are set in the statements right behind the one that makes the value: `const c = new C(…); c.runId = id`.
 * Nothing reads the value in between, so that it can be made with them.
 */
import type { LazyEdit } from './change-unit.ts'
import type { Evaluation } from './evaluation.ts'
import type { FieldManners } from './field-manners.ts'
import { writtenWholes } from './id-text.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { FieldValue } from './site-fields.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'

/** The statements that go, and the fields that they give. */
export type FoldedWrites = {
  readonly fields: ReadonlyMap<string, FieldValue>
  readonly statements: readonly Node[]
  readonly edits: readonly LazyEdit[]
}

type Questions = {
  readonly tree: SyntaxTree
  readonly target: MigrateTarget
  /** Fields that are stored: setting another may run code. */
  readonly stored: ReadonlySet<string>
  /** Of a class that makes the value. */
  readonly manners: FieldManners | undefined
  readonly evaluate: (node: Node) => Evaluation
}

/** All of them, or none: one write that has to stay needs the value as it was. */
export const foldWrites = (
  placed: Placed,
  given: ReadonlyMap<string, FieldValue>,
  { tree, target, stored, manners, evaluate }: Questions,
): FoldedWrites => {
  const none = { fields: new Map(), statements: [], edits: [] }
  const { statement, writes } = writesBehind(placed)
  const last = writes.at(-1)
  if (!statement || !last) return none
  const fields = new Map<string, FieldValue>()
  for (const { field, value } of writes) {
    const old = fields.get(field) ?? given.get(field)
    const isFit =
      Object.hasOwn(target.fields, field) &&
      stored.has(field) &&
      evaluate(value) === 'constant' &&
      (!old || (evaluate(old.node) === 'constant' && old.condition === undefined && old.member === undefined)) &&
      // The class would have to see the first value: it may refuse it.
      (!manners || !old || writtenWholes(old.node).some((text) => text.trim() !== '')) &&
      (!manners?.get(field)?.check || unwrapExpression(old?.node ?? value).type === 'Literal')
    if (!isFit) return none
    fields.set(field, { node: value })
  }
  const start = statement.end
  if (tree.comments.some((one) => start <= one.start && one.end <= last.statement.end)) return none
  return {
    fields,
    statements: writes.map((one) => one.statement),
    edits: [{ start, end: last.statement.end, print: () => '' }],
  }
}

type Write = { readonly statement: Node; readonly field: string; readonly value: Node }

/** Assignments to fields of the name that takes the value, right behind its declaration. */
export const writesBehind = ({
  node,
  ancestors,
}: Placed): { readonly statement?: Node; readonly writes: readonly Write[] } => {
  const at = ancestors.findLastIndex(({ type }) => type === 'VariableDeclarator')
  const declarator = ancestors[at]
  const statement = ancestors[at - 1]
  const block = ancestors[at - 2]
  if (declarator?.type !== 'VariableDeclarator' || statement?.type !== 'VariableDeclaration') return { writes: [] }
  const name = declarator.id.type === 'Identifier' ? declarator.id.name : undefined
  const init = declarator.init && unwrapExpression(declarator.init)
  const isWhole = init?.start === unwrapExpression(node).start && init.end === unwrapExpression(node).end
  if (name === undefined || !isWhole || statement.declarations.length > 1 || block?.type !== 'BlockStatement')
    return { writes: [] }
  const body = block.body as Node[]
  const writes: Write[] = []
  for (const one of body.slice(body.indexOf(statement) + 1)) {
    const write = toWrite(one, name)
    if (!write) break
    writes.push(write)
  }
  return { statement, writes }
}

function toWrite(statement: Node, name: string): Write | undefined {
  const node = statement.type === 'ExpressionStatement' ? statement.expression : undefined
  if (node?.type !== 'AssignmentExpression' || node.operator !== '=' || node.left.type !== 'MemberExpression')
    return undefined
  const { left, right } = node
  const field = left.computed ? undefined : keyNameOf(left.property)
  if (field === undefined || keyNameOf(left.object) !== name || left.optional) return undefined
  let isOwn = false
  walkNodes(right, (one) => {
    isOwn ||= one.type === 'Identifier' && one.name === name
  })
  return isOwn ? undefined : { statement, field, value: right }
}
