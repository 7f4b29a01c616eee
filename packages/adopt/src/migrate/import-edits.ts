/**
 * Imports of one file: which local name a wanted import has, where a new line goes, which imports our edits left
 * unused.
 */
import { quoteText } from './source-style.ts'
import type { SourceStyle } from './source-style.ts'
import { namesOf } from './unused-code.ts'
import { headerOf } from './file-header.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { statementEnd } from '../engine/syntax-search.ts'
import type { TextEdit } from './text-edit.ts'

/** A name that new code needs, with the module as this file must spell it. */
export type WantedImport = {
  readonly module: string
  readonly name: string
  readonly isType: boolean
  /** Local name that it must have, because the file goes on using it. */
  readonly as?: string
  /** It needs a statement of its own: the one that is there may become one of types. */
  readonly isApart?: boolean
}

type ImportDeclaration = Extract<Node, { type: 'ImportDeclaration' }>

/**
 * Local name for a wanted import: that of an import already there, its own, or a prefixed one where the file uses its
 * name otherwise.
 */
export const chooseLocalName = (tree: SyntaxTree, wanted: WantedImport): string => {
  const present = findImported(tree, wanted)
  if (wanted.as !== undefined) return wanted.as
  if (present) return present
  const taken = namesUsed(tree)
  let local = wanted.name
  while (taken.has(local)) local = `${wanted.isType ? 'Sealed' : 'sealed'}${local[0]!.toUpperCase()}${local.slice(1)}`
  return local
}

/**
 * Edits that import what is missing. A statement of the same module gets the names; new statements stand behind the
 * packages.
 *
 * @param unused - Names whose imports are removed at the same time: those statements are no place to add to.
 */
export const toImportEdits = (
  tree: SyntaxTree,
  style: SourceStyle,
  wanted: readonly (WantedImport & { readonly local: string })[],
  unused: ReadonlySet<string> = new Set(),
): TextEdit[] => {
  const dying = new Set<Node>(
    importsOf(tree).filter((node) => node.specifiers.some((one) => unused.has(one.local.name))),
  )
  const missing = wanted.filter((one) => findImported(tree, one) !== one.local)
  const unique = [
    ...new Map(missing.map((one) => [`${one.module}\0${one.name}\0${one.local}\0${one.isType}`, one])).values(),
  ]
  const edits: TextEdit[] = []
  const lines: string[] = []
  for (const [module, names] of groupBy(unique, (one) => one.module)) {
    const host = names.some((one) => one.isApart)
      ? undefined
      : importsOf(tree).find((node) => node.source.value === module && !dying.has(node) && canHold(node, names))
    if (host) edits.push(appendSpecifiers(tree, style, host, names))
    else lines.push(...printImports(style, module, names))
  }
  if (lines.length > 0) edits.push(insertLines(tree, style, lines, dying))
  return edits
}

/**
 * Edits that remove the import of names that our edits left unused. An import without names left goes with its line.
 */
export const toUnusedImportEdits = (tree: SyntaxTree, unused: ReadonlySet<string>): TextEdit[] =>
  importsOf(tree).flatMap((node) => {
    const dead = node.specifiers.filter((one) => unused.has(one.local.name))
    if (dead.length === 0) return []
    if (dead.length === node.specifiers.length) return [{ ...wholeLine(tree.text, node), text: '' }]
    return [rewriteSpecifiers(tree.text, node, dead)]
  })

function namesUsed(tree: SyntaxTree): Set<string> {
  const names = new Set(namesOf(tree))
  for (const node of importsOf(tree)) for (const one of node.specifiers) names.add(one.local.name)
  return names
}

function importsOf(tree: SyntaxTree): ImportDeclaration[] {
  return tree.program.body.filter((node): node is ImportDeclaration => node.type === 'ImportDeclaration')
}

/** A type-only import does not serve a value. */
function findImported(tree: SyntaxTree, wanted: WantedImport): string | undefined {
  for (const node of importsOf(tree)) {
    if (node.source.value !== wanted.module) continue
    for (const one of node.specifiers) {
      if (
        one.type !== 'ImportSpecifier' ||
        ('name' in one.imported ? one.imported.name : one.imported.value) !== wanted.name
      )
        continue
      if (wanted.isType || (node.importKind !== 'type' && one.importKind !== 'type')) return one.local.name
    }
  }
  return undefined
}

function canHold(node: ImportDeclaration, names: readonly WantedImport[]): boolean {
  const isNamed = node.specifiers.length > 0 && node.specifiers.every((one) => one.type === 'ImportSpecifier')
  return isNamed && (node.importKind === 'type' ? names.every((one) => one.isType) : names.every((one) => !one.isType))
}

function appendSpecifiers(
  tree: SyntaxTree,
  style: SourceStyle,
  host: ImportDeclaration,
  names: readonly (WantedImport & { local: string })[],
): TextEdit {
  const last = host.specifiers.at(-1)!
  const isMultiLine = tree.text.slice(host.start, last.start).includes('\n')
  const separator = isMultiLine
    ? `,${style.lineEnd}${/[^\n]*$/.exec(tree.text.slice(0, last.start))![0].match(/^\s*/)![0]}`
    : ', '
  return { start: last.end, end: last.end, text: names.map((one) => `${separator}${printName(one)}`).join('') }
}

function printImports(
  style: SourceStyle,
  module: string,
  names: readonly (WantedImport & { local: string })[],
): string[] {
  const values = names.filter((one) => !one.isType).map(printName)
  const types = names.filter((one) => one.isType).map(printName)
  const line = (word: string, list: readonly string[]): string =>
    `import ${word}{${style.braceSpace}${list.join(', ')}${style.braceSpace}} from ` +
    `${quoteText(module, style)}${style.semicolon}`
  if (style.typeImport === 'plain') return [line('', [...values, ...types])]
  if (style.typeImport === 'specifier') return [line('', [...values, ...types.map((name) => `type ${name}`)])]
  return [...(values.length > 0 ? [line('', values)] : []), ...(types.length > 0 ? [line('type ', types)] : [])]
}

const printName = ({ name, local }: { name: string; local: string }): string =>
  name === local ? name : `${name} as ${local}`

/**
 * After the last package import that stays (or the last relative one, for relative lines), else before the first, else
 * behind the header.
 */
function insertLines(
  tree: SyntaxTree,
  style: SourceStyle,
  lines: readonly string[],
  dying: ReadonlySet<Node>,
): TextEdit {
  const imports = importsOf(tree)
  const isRelativeBlock = lines.every((line) => /from ['"]\./.test(line))
  const staying = imports.filter((node) => !dying.has(node))
  const after = staying.findLast((node) => isRelativeBlock || !/^[.@#~]?\.?\//.test(node.source.value))
  const block = lines.join(style.lineEnd)
  if (after) {
    const end = statementEnd(tree.text, after)
    return { start: end, end, text: `${style.lineEnd}${block}` }
  }
  const first = imports[0]
  if (first) return { start: first.start, end: first.start, text: `${block}${style.lineEnd}` }
  const directives = tree.program.body.filter(
    (node) => node.type === 'ExpressionStatement' && 'directive' in node && node.directive,
  )
  const lastDirective = directives.at(-1)
  if (lastDirective) {
    const end = statementEnd(tree.text, lastDirective)
    return { start: end, end, text: `${style.lineEnd}${block}` }
  }
  const start = headerEnd(tree)
  return { start, end: start, text: `${block}${style.lineEnd}${style.lineEnd}` }
}

/** Behind `#!` and a header: first comments that are set off by an empty line, or that are a licence. */
function headerEnd(tree: SyntaxTree): number {
  const { text } = tree
  const shebang = /^#!.*\r?\n/.exec(text)?.[0].length ?? 0
  const header = headerOf(tree)
  if (!header) return shebang
  return header.end + /^[ \t]*(?:\r?\n){0,2}/.exec(text.slice(header.end))![0].length
}

function wholeLine(text: string, node: Node): { start: number; end: number } {
  const end = statementEnd(text, node)
  const isAlone = /(?:^|\n)[ \t]*$/.test(text.slice(0, node.start))
  const rest = /^[ \t]*\r?\n/.exec(text.slice(end))
  return { start: node.start, end: isAlone && rest ? end + rest[0].length : end }
}

/** One edit from the first dead specifier's list to its end, so that neighbouring removals never overlap. */
function rewriteSpecifiers(text: string, node: ImportDeclaration, dead: readonly Node[]): TextEdit {
  const named = node.specifiers.filter((one) => one.type === 'ImportSpecifier')
  const kept = named.filter((one) => !dead.includes(one))
  const start = text.indexOf('{', node.start)
  const other = node.specifiers.find((one) => one.type === 'ImportDefaultSpecifier')
  // `import Gone, { kept }`: a namespace beside the default has no braces, and goes the same way.
  if (other && dead.includes(other) && dead.length === 1)
    return {
      start: other.start,
      end: node.specifiers.find((one) => one !== other)!.type === 'ImportSpecifier' ? start : node.specifiers[1]!.start,
      text: '',
    }
  const close = text.lastIndexOf('}', node.source.start)
  if (kept.length === 0) return { start: text.slice(0, start).search(/,\s*$/), end: close + 1, text: '' }
  let inner = text.slice(start + 1, close)
  for (const one of named.filter((each) => dead.includes(each)).reverse()) {
    const from = one.start - start - 1
    const to = one.end - start - 1
    const following = /^\s*,[ \t]*(?:\r?\n[ \t]*)?/.exec(inner.slice(to))
    const preceding = /,\s*$/.exec(inner.slice(0, from))
    inner =
      following && kept.some((each) => each.start > one.start)
        ? inner.slice(0, from) + inner.slice(to + following[0].length)
        : inner.slice(0, from - (preceding?.[0].length ?? 0)) + inner.slice(to)
  }
  return { start: start + 1, end: close, text: inner }
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}
