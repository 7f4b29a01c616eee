/**
 * Keeps the order of evaluation of a site: where the template would evaluate fields in another order, and one of them
 * may have an effect, the values become constants before the statement, in the order of the source.
 */
import type { LazyEdit, PrintEdit } from './change-unit.ts'
import type { Evaluation } from './evaluation.ts'
import type { SiteFields } from './site-fields.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression } from '../engine/syntax-search.ts'
import type { Placed } from '../engine/syntax-search.ts'
import type { SourceStyle } from './source-style.ts'
import { namesOf } from './unused-code.ts'

/** What goes before the statement: the name of each value that became a constant, and the lines. */
export type Hoist = { readonly names: ReadonlyMap<Node, string>; readonly edits: readonly LazyEdit[] }

/** What is asked about the expressions of a site. */
export type OrderQuestions = {
  readonly tree: SyntaxTree
  readonly style: SourceStyle
  readonly evaluate: (node: Node) => Evaluation
  /** Whether an expression can be left out and no one will notice. */
  readonly isUnseen: (node: Node) => boolean
  /** Whether the value is tested before it is used, and so evaluated twice. */
  readonly isTested: (node: Node) => boolean
}

/**
 * @param print - The new text as it would be without constants; it is only asked which values it copies, in which
 * order.
 */
export const planOrder = (
  placed: Placed,
  values: Extract<SiteFields, { fields: unknown }>,
  print: PrintEdit,
  questions: OrderQuestions,
): Hoist | { readonly reason: string } => {
  const { evaluate, isUnseen, isTested } = questions
  const printed = printedNodes(print)
  const all = leavesOf(unwrapExpression(placed.node))
  // The usual case, which asks nothing of the compiler.
  const isSame = printed.length === all.length && all.every(({ node }, index) => node.start === printed[index])
  if (isSame && !all.some(({ node }) => isTested(node))) return { names: new Map(), edits: [] }
  const leaves = all.filter(({ node }) => printed.includes(node.start) || !isUnseen(node))
  const moving = leaves.filter(({ node, isSpread }) => isSpread || evaluate(node) !== 'constant')
  const lastActing = moving.findLastIndex(({ node }) => evaluate(node) === 'acts')
  if (lastActing < 0) return { names: new Map(), edits: [] }
  const starts = moving.map(({ node }) => node.start)
  const isKept = moving.every(
    ({ node }, index) =>
      evaluate(node) !== 'acts' ||
      (!isTested(node) &&
        isInOrder(
          starts,
          index,
          printed.filter((one) => starts.includes(one)),
        )),
  )
  if (isKept) return { names: new Map(), edits: [] }
  const hoisted = moving.slice(0, lastActing + 1)
  const fieldOf = new Map([...values.fields].map(([field, value]) => [value.node, { field, ...value }]))
  const isPlain = hoisted.every(
    ({ node, isSpread }) => !isSpread && fieldOf.get(node)?.condition === undefined && fieldOf.has(node),
  )
  const statement = isPlain ? statementBefore(placed, evaluate) : undefined
  if (!statement) return { reason: changedOrder }
  return hoistAll(
    hoisted.map(({ node }) => ({ node, field: fieldOf.get(node)!.field })),
    printed,
    statement,
    questions,
  )
}

const changedOrder =
  'computing its fields has effects, and their order would change: store them in constants first, in their order'

type Leaf = { readonly node: Node; readonly isSpread: boolean }

/** Every expression that the site evaluates, in order. */
function leavesOf(node: Node): Leaf[] {
  const leaf = (one: Node): Leaf[] => [{ node: one, isSpread: false }]
  if (node.type === 'NewExpression')
    return node.arguments.flatMap((one) => {
      if (one.type === 'SpreadElement') return [{ node: one.argument, isSpread: true }]
      return unwrapExpression(one).type === 'ObjectExpression' ? leavesOf(unwrapExpression(one)) : leaf(one)
    })
  if (node.type !== 'ObjectExpression') return leaf(node)
  return node.properties.flatMap((property) => {
    if (property.type === 'Property') return [...(property.computed ? leaf(property.key) : []), ...leaf(property.value)]
    const inner = unwrapExpression(property.argument)
    if (inner.type === 'ObjectExpression') return leavesOf(inner)
    if (inner.type === 'LogicalExpression' && unwrapExpression(inner.right).type === 'ObjectExpression')
      return [{ node: inner.left, isSpread: true }, ...leavesOf(unwrapExpression(inner.right))]
    if (inner.type === 'ConditionalExpression' && unwrapExpression(inner.consequent).type === 'ObjectExpression')
      return [{ node: inner.test, isSpread: true }, ...leavesOf(unwrapExpression(inner.consequent))]
    return [{ node: inner, isSpread: true }]
  })
}

/** Starts of the ranges that the text copies, in the order in which it evaluates them. */
function printedNodes(print: PrintEdit): number[] {
  const starts: number[] = []
  const marks: number[] = []
  const text = print(
    (start) => `\u0000${marks.push(start) - 1}\u0000`,
    (name) => name,
  )
  for (const [, index] of text.matchAll(/\u0000(\d+)\u0000/g)) starts.push(marks[Number(index)]!)
  return starts
}

/** Whether the same values are evaluated before an acting one as in the source, and it is evaluated once. */
function isInOrder(source: readonly number[], index: number, printed: readonly number[]): boolean {
  const at = printed.indexOf(source[index]!)
  if (at < 0 || printed.lastIndexOf(source[index]!) !== at) return false
  const before = new Set(source.slice(0, index))
  const printedBefore = new Set(printed.slice(0, at))
  return (
    before.size === printedBefore.size &&
    [...before].every((one) => printedBefore.has(one)) &&
    !printed.slice(at + 1).some((one) => before.has(one))
  )
}

const transparent = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSNonNullExpression',
  'AwaitExpression',
])

/** The statement that evaluates the site before anything else of it that acts, and that stands in a block. */
function statementBefore({ node, ancestors }: Placed, evaluate: OrderQuestions['evaluate']): Node | undefined {
  let inner = node
  for (let index = ancestors.length - 1; index > 0; index--) {
    const one = ancestors[index]!
    const owner = ancestors[index - 1]!
    if (transparent.has(one.type)) inner = one
    else if (one.type === 'CallExpression' || one.type === 'NewExpression') {
      const position = one.arguments.indexOf(inner as never)
      const isFirst = one.arguments.slice(0, position).every((each) => evaluate(each as Node) === 'constant')
      if (position < 0 || !isFirst || one.callee.type !== 'Identifier') return undefined
      inner = one
    } else if (one.type === 'AssignmentExpression') {
      if (one.left.type !== 'Identifier' || one.operator !== '=') return undefined
      inner = one
    } else if (one.type === 'VariableDeclarator') {
      if (owner.type !== 'VariableDeclaration' || owner.declarations[0] !== one) return undefined
      inner = one
    } else if (
      one.type === 'ReturnStatement' ||
      one.type === 'ExpressionStatement' ||
      one.type === 'VariableDeclaration'
    ) {
      const isExported = owner.type === 'ExportNamedDeclaration'
      const block = isExported ? ancestors[index - 2] : owner
      const isBlock = ['BlockStatement', 'Program', 'StaticBlock', 'TSModuleBlock'].includes(block?.type ?? '')
      return isBlock ? (isExported ? owner : one) : undefined
    } else return undefined
  }
  return undefined
}

function hoistAll(
  hoisted: readonly { readonly node: Node; readonly field: string }[],
  printed: readonly number[],
  statement: Node,
  { tree, style }: OrderQuestions,
): Hoist | { readonly reason: string } {
  const names = new Map<Node, string>()
  const indent = /[ \t]*$/.exec(tree.text.slice(0, statement.start))![0]
  const edits: LazyEdit[] = []
  for (const { node, field } of hoisted) {
    const isUsed = printed.includes(node.start)
    // A value that is left out and may act stays a statement of its own, when it can be one as it stands.
    if (!isUsed && !/^(?:await\s+)?[\w$]/.test(tree.text.slice(node.start, node.end))) return { reason: changedOrder }
    if (isUsed) names.set(node, freeName(tree, node, field))
    const lead = isUsed ? `const ${names.get(node)!} = ` : ''
    edits.push({
      start: statement.start,
      end: statement.start,
      // A name holds no edit; one written short is itself the place of the edit that names the constant.
      print: (slice) => {
        const value = node.type === 'Identifier' ? node.name : slice(node.start, node.end)
        return `${lead}${value}${style.semicolon}${style.lineEnd}${indent}`
      },
    })
  }
  return { names, edits }
}

const takenIn = new WeakMap<SyntaxTree, Map<Node, string>>()

/** The field's name, or one like it that the file does not use. The same for a node that is planned again. */
function freeName(tree: SyntaxTree, node: Node, field: string): string {
  const given = takenIn.get(tree) ?? new Map<Node, string>()
  takenIn.set(tree, given)
  const known = given.get(node)
  if (known !== undefined) return known
  const used = new Set([...namesOf(tree), ...given.values()])
  for (const spec of tree.program.body)
    if (spec.type === 'ImportDeclaration')
      for (const one of spec.specifiers) used.add(keyNameOf(one.local as Node) ?? '')
  const base = /^[A-Za-z_$][\w$]*$/.test(field) ? field : 'value'
  let name = base
  for (let count = 1; used.has(name); count++) name = `${base}Value${count === 1 ? '' : count}`
  given.set(node, name)
  return name
}
