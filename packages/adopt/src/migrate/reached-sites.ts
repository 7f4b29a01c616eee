/**
 * Sites whose value reaches a place where a sealed context behaves otherwise than the object did: a write (it is
 * frozen), or JSON (it gives log fields, without the user). Followed backwards, through names, calls and parameters.
 */
import { isTypedSource } from './own-source.ts'
import { newOrigins } from './value-origins.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Workspace } from './workspace.ts'

/** Why each expression is left where it is a site, by its span. The overlay must be empty. */
export const findReachedSites = (workspace: Workspace, target: MigrateTarget): ReadonlyMap<string, string> => {
  const reached = new Map<string, string>()
  const followOrigins = newOrigins(workspace)
  const names = Object.keys(target.fields).join('|')
  const place = `(?:\\.(?:${names})\\b[^\\n=]*|\\][^\\n=\\]]*)`
  const mayReach = new RegExp(
    `${place}(?:[-+*/|&?]*=(?![=>])|\\+\\+|--)|\\bdelete\\b|\\bassign\\s*\\(|\\bstringify\\s*\\(`,
  )
  const files = new Set(workspace.checker.projects.flatMap((one) => one.files).map(workspace.relativeOf))
  for (const file of files) {
    if (!isTypedSource(file)) continue
    const { text } = workspace.source(file)
    if (!mayReach.test(text)) continue
    walkNodes(workspace.edited(file).tree.program, (node) => {
      const written = writtenRoot(node, target)
      const printed = written ? [] : printedValues(node)
      if (!written && printed.length === 0) return
      const at = `${file}:${lineOf(text, node.start)}`
      const why = written
        ? `a field of it is written to at ${at}, and the new context is frozen`
        : `it is written as JSON at ${at}, and the new context gives its log fields there, without the user`
      for (const value of written ? [written] : printed)
        followOrigins(file, value, (key) => {
          if (!reached.has(key)) reached.set(key, why)
        })
    })
  }
  return reached
}

/** The name through which a field of the context is written to. */
function writtenRoot(node: Node, target: MigrateTarget): Node | undefined {
  const isAssign = node.type === 'CallExpression' && node.callee.type === 'MemberExpression'
  if (isAssign && keyNameOf((node.callee as Extract<Node, { type: 'MemberExpression' }>).object) === 'Object') {
    const name = keyNameOf((node.callee as Extract<Node, { type: 'MemberExpression' }>).property)
    const [to] = node.arguments as Node[]
    return to?.type === 'Identifier' && ['assign', 'defineProperty'].includes(name ?? '') ? to : undefined
  }
  const place =
    node.type === 'AssignmentExpression'
      ? (node.left as Node)
      : node.type === 'UpdateExpression' || (node.type === 'UnaryExpression' && node.operator === 'delete')
        ? (node.argument as Node)
        : undefined
  let inner = place && unwrapExpression(place)
  let isField = false
  while (inner?.type === 'MemberExpression') {
    isField = mayBeField(inner, target)
    inner = unwrapExpression(inner.object)
  }
  return inner?.type === 'Identifier' && isField ? inner : undefined
}

/** A key that the source does not write down may be any field. */
function mayBeField(
  { computed, property }: Extract<Node, { type: 'MemberExpression' }>,
  target: MigrateTarget,
): boolean {
  const key = unwrapExpression(property)
  const name = computed && key.type !== 'Literal' ? undefined : keyNameOf(key)
  return name === undefined ? key.type !== 'Literal' : Object.hasOwn(target.fields, name)
}

/** What `JSON.stringify` is given, also as a member of an object. */
function printedValues(node: Node): readonly Node[] {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return []
  if (keyNameOf(node.callee.object) !== 'JSON' || keyNameOf(node.callee.property) !== 'stringify') return []
  const parts = (value: Node): readonly Node[] => {
    const inner = unwrapExpression(value)
    if (inner.type === 'ArrayExpression') return inner.elements.flatMap((one) => (one ? parts(one as Node) : []))
    if (inner.type !== 'ObjectExpression') return [value]
    return inner.properties.flatMap((one) =>
      one.type === 'Property' ? parts(one.value as Node) : parts((one as { argument: Node }).argument),
    )
  }
  return node.arguments.slice(0, 1).flatMap((one) => parts(one as Node))
}
