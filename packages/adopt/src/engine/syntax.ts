/**
 * Parses one TypeScript file with oxc and walks its tree. Syntax only: fast, and blind to types.
 */
import { relative } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import { isTooDeep } from './nesting-depth.ts'
import type { SourceText } from './source-tree.ts'

/** A node of the ESTree shape that oxc gives. Offsets are UTF-16, the byte order mark not counted. */
export type SyntaxNode = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** What the tool uses of oxc-parser. */
export type Oxc = Pick<typeof import('oxc-parser'), 'parseSync' | 'visitorKeys'>

/** @throws AdoptError `FILE_UNPARSABLE` naming file and line */
export const parseSource = (oxc: Oxc, source: SourceText, root: string): SyntaxNode => {
  if (isTooDeep(source.text, languageOf(source.path))) {
    throw new AdoptError('FILE_UNPARSABLE', `${relative(root, source.path)} is nested too deeply to be parsed.`, {
      file: source.path,
    })
  }
  const { program, errors } = oxc.parseSync(source.path, source.text, {
    lang: languageOf(source.path),
    sourceType: 'module',
    preserveParens: true,
  })
  const error = errors.find(({ severity }) => severity === 'Error')
  // What is only forbidden to run still has a tree; a file without a tree cannot be looked into.
  if (error && (program.body.length === 0 || !isLenient(error.message))) {
    const line = lineOf(source.text, error.labels[0]?.start ?? 0)
    throw new AdoptError(
      'FILE_UNPARSABLE',
      `${relative(root, source.path)}:${line} does not parse: ${error.message}. Repair it, then run again.`,
      { file: source.path },
    )
  }
  return program as unknown as SyntaxNode
}

/** 1-based line of an offset. */
export const lineOf = (text: string, offset: number): number => {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** Child nodes in source order. */
export const childrenOf = (oxc: Oxc, node: SyntaxNode): SyntaxNode[] => {
  const children: SyntaxNode[] = []
  for (const key of oxc.visitorKeys[node.type] ?? []) {
    const value = node[key]
    if (Array.isArray(value)) children.push(...value.filter(Boolean))
    else if (value) children.push(value as SyntaxNode)
  }
  return children
}

/** Own key of a node that holds a node. */
export const childAt = (node: SyntaxNode | undefined, key: string): SyntaxNode | undefined =>
  (node?.[key] ?? undefined) as SyntaxNode | undefined

/** Own key of a node that holds a list of nodes. */
export const childrenAt = (node: SyntaxNode | undefined, key: string): SyntaxNode[] =>
  ((node?.[key] ?? []) as (SyntaxNode | null)[]).filter((child) => child !== null)

/** Name of an identifier, key or member, when it is written out; undefined for computed names. */
export const nameOf = (node: SyntaxNode | undefined): string | undefined => {
  if (node?.type === 'Identifier' || node?.type === 'PrivateIdentifier') return node['name'] as string
  if (node?.type === 'Literal') return String(node['value'])
  if (node?.type === 'MemberExpression' && node['computed'] !== true) return nameOf(childAt(node, 'property'))
  if (node?.type === 'TSQualifiedName') return nameOf(childAt(node, 'right'))
  return undefined
}

const languageOf = (path: string): 'ts' | 'tsx' | 'dts' | 'jsx' =>
  /\.d\.[cm]?ts$/.test(path) ? 'dts' : /\.[cm]?jsx?$/.test(path) ? 'jsx' : path.endsWith('x') ? 'tsx' : 'ts'

/** Rules of the language's later stages, which the type checker reports itself. */
const isLenient = (message: string): boolean =>
  /already been declared|await.*only|only allowed|not allowed|cannot be used|must be|can only/i.test(message)
