/**
 * Parses one source file with oxc and reads its nodes. The one syntax layer of the tool: fast, and blind to types.
 */
import type { Node, Program } from 'oxc-parser'
import { AdoptError } from '../adopt-error.ts'
import { loadEngine } from './load-engine.ts'
import { isTooDeep } from './nesting-depth.ts'

const { parseSync, visitorKeys } = (await loadEngine('oxc-parser')) as typeof import('oxc-parser')

export type { Node, Program }

/** A node read by its keys, whatever its type. Offsets are UTF-16, the byte order mark not counted. */
export type SyntaxNode = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** One parsed file. */
export type SyntaxTree = {
  /** As it was named to the parser. */
  readonly file: string
  readonly text: string
  readonly program: Program
  readonly comments: readonly { readonly start: number; readonly end: number }[]
}

/**
 * Parses one file.
 *
 * @param file - Its name, for the language and for messages.
 * @param keepsParentheses - Whether parentheses are nodes of their own.
 * @throws AdoptError `FILE_UNPARSABLE` naming file and line
 */
export const parseSyntax = (
  file: string,
  text: string,
  { keepsParentheses = false }: { readonly keepsParentheses?: boolean } = {},
): SyntaxTree => {
  const lang = languageOf(file)
  if (isTooDeep(text, lang))
    throw new AdoptError('FILE_UNPARSABLE', `${file} is nested too deeply to be parsed.`, { file })
  const { program, errors, comments } = parseSync(file, text, {
    lang,
    astType: 'ts',
    sourceType: 'module',
    preserveParens: keepsParentheses,
  })
  const error = errors.find(({ severity }) => severity === 'Error')
  // What is only forbidden to run still has a tree; a file without a tree cannot be looked into.
  if (error && (program.body.length === 0 || !isLenient(error.message))) {
    const line = lineOf(text, error.labels[0]?.start ?? 0)
    throw new AdoptError(
      'FILE_UNPARSABLE',
      `${file}:${line} does not parse: ${error.message}. Repair it, then run again.`,
      { file },
    )
  }
  return { file, text, program, comments }
}

/** 1-based line of an offset. */
export const lineOf = (text: string, offset: number): number => {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** Child nodes in source order. */
export const childrenOf = <Kind extends Node | SyntaxNode>(node: Kind): Kind[] => {
  const record = node as unknown as Readonly<Record<string, unknown>>
  const children: Kind[] = []
  for (const key of visitorKeys[node.type] ?? []) {
    const value = record[key]
    if (Array.isArray(value)) children.push(...value.filter(Boolean))
    else if (value) children.push(value as Kind)
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
