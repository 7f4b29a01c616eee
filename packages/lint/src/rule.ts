/**
 * The few parts of the ESLint rule interface that the rules use: ESLint and oxlint both give them.
 * They are declared here, so that the package needs neither of the two to be installed.
 */

/** A syntax node. Fields differ by type; a rule narrows what it reads. */
export type LintNode = {
  readonly type: string
  readonly parent?: LintNode
  readonly range?: readonly [number, number]
} & Readonly<Record<string, unknown>>

export type RuleContext = {
  /** Absolute path of the file. */
  readonly filename: string
  readonly cwd: string
  readonly options: readonly unknown[]
  readonly report: (problem: { node: LintNode; messageId: string; data?: Readonly<Record<string, string>> }) => void
}

/** An ESLint rule. `create` gives one function per node type that it wants to see. */
export type Rule = {
  readonly meta: {
    readonly type: 'problem'
    readonly docs: { readonly description: string }
    readonly messages: Readonly<Record<string, string>>
    readonly schema: readonly object[]
  }
  readonly create: (context: RuleContext) => Readonly<Record<string, (node: LintNode) => void>>
}

/** The node in a field, or undefined when the field holds something else. */
export const nodeAt = (node: LintNode | undefined, field: string): LintNode | undefined => {
  const value = node?.[field]
  return isNode(value) ? value : undefined
}

/** The nodes in a list field; holes and other values are left out. */
export const nodesAt = (node: LintNode | undefined, field: string): readonly LintNode[] => {
  const value = node?.[field]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** Name of an identifier, text of a string literal or of a template without holes; undefined for anything else. */
export const wordOf = (node: LintNode | undefined): string | undefined => {
  if (node?.type === 'TemplateLiteral') return textOfTemplate(node)
  const word = node?.type === 'Literal' ? node['value'] : node?.['name']
  return typeof word === 'string' ? word : undefined
}

const textOfTemplate = (node: LintNode): string | undefined => {
  const [only, ...more] = nodesAt(node, 'quasis')
  const value = only?.['value'] as { readonly cooked?: string } | undefined
  return more.length === 0 ? value?.cooked : undefined
}

/** Name of the property that a member expression reads: `a.b`, `a['b']` and a template without holes. */
export const memberNameOf = (node: LintNode): string | undefined => keyNameOf(node, 'property')

/** Name of a property, in an object literal or a pattern too: `{ b }`, `{ 'b': … }`, `{ ['b']: … }`. */
export const keyNameOf = (node: LintNode, field: 'property' | 'key' = 'key'): string | undefined => {
  const key = nodeAt(node, field)
  return node['computed'] === true && key?.type === 'Identifier' ? undefined : wordOf(key)
}

const isNode = (value: unknown): value is LintNode =>
  typeof value === 'object' && value !== null && typeof (value as LintNode).type === 'string'
