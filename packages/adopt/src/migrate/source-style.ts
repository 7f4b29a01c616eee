/**
 * How a file is written: quotes, semicolons, line ends, import style. New text copies it, so that a diff shows intent
 * only.
 */
import type { Program } from 'oxc-parser'
import { statementEnd } from '../engine/syntax-search.ts'

/** Style of one file. Where a file says nothing, its neighbours decide (see `mergeStyles`). */
export type SourceStyle = {
  readonly quote: "'" | '"'
  readonly semicolon: ';' | ''
  readonly lineEnd: '\n' | '\r\n'
  readonly indent: string
  /** `{ a }` or `{a}`. */
  readonly braceSpace: ' ' | ''
  /** What relative imports end in: `./context.ts`, `./context.js` or `./context`. */
  readonly importEnd: '.ts' | '.js' | ''
  /** `import type { T }` or `import { type T }` or plain `import { T }`. */
  readonly typeImport: 'statement' | 'specifier' | 'plain'
}

/** What a file itself shows: absent where it gives no evidence. */
export type StyleEvidence = { readonly [Key in keyof SourceStyle]?: SourceStyle[Key] }

/** Reads the style off one parsed file. */
export const readStyle = (text: string, program: Program): StyleEvidence => {
  const imports = program.body.filter((node) => node.type === 'ImportDeclaration')
  const specifiers = imports.map((node) => text.slice(node.source.start, node.source.end))
  const relative = imports.map((node) => node.source.value).filter((value) => value.startsWith('.'))
  const named = imports
    .filter((node) => node.specifiers.some((one) => one.type === 'ImportSpecifier'))
    .map((node) => text.slice(node.start, node.end))
  return compact({
    quote: majority(
      specifiers.length > 0 ? specifiers.map((one) => one[0]) : (text.match(/'(?=[^'\n"]*')|"(?=[^"\n']*")/g) ?? []),
    ),
    semicolon: majority(
      program.body.filter(endsStatement).map((node) => (text[statementEnd(text, node) - 1] === ';' ? ';' : '')),
    ),
    lineEnd: majority(text.match(/\r?\n/g) ?? []),
    indent: majority((text.match(/^(?:\t| {2,8})(?=[^\s*])/gm) ?? []).slice(0, 200)),
    braceSpace: majority(named.map((one) => (/\{\s/.test(one) ? ' ' : ''))),
    importEnd: majority(relative.map((value) => /\.(?:ts|js)$/.exec(value)?.[0] ?? '')),
    typeImport: majority(imports.flatMap((node) => typeImportsOf(text, node))),
  }) as StyleEvidence
}

/**
 * Completes a file's evidence: first the file, then the majority of its neighbours, then what most TypeScript is
 * written in.
 *
 * @param isTypeOnlyNeeded - Whether the project sets `verbatimModuleSyntax` or `isolatedModules`: a plain import of a
 * type
 *   would then fail, so a file without evidence uses `import type`.
 */
export const mergeStyles = (
  own: StyleEvidence,
  neighbours: readonly StyleEvidence[],
  { isTypeOnlyNeeded }: { readonly isTypeOnlyNeeded: boolean },
): SourceStyle => {
  const pick = <Key extends keyof SourceStyle>(key: Key, usual: SourceStyle[Key]): SourceStyle[Key] =>
    own[key] ?? majority(neighbours.map((one) => one[key]).filter((value) => value !== undefined)) ?? usual
  const typeImport = pick('typeImport', 'statement')
  return {
    quote: pick('quote', "'"),
    semicolon: pick('semicolon', ';'),
    lineEnd: pick('lineEnd', '\n'),
    indent: pick('indent', '  '),
    braceSpace: pick('braceSpace', ' '),
    importEnd: pick('importEnd', ''),
    typeImport: isTypeOnlyNeeded && typeImport === 'plain' ? 'statement' : typeImport,
  }
}

/**
 * A string literal in the file's quotes, of text that holds neither quotes nor back-slashes nor line ends (else JSON
 * form).
 */
export const quoteText = (value: string, style: Pick<SourceStyle, 'quote'>): string =>
  /['"\\]|[^ -~]/.test(value) ? JSON.stringify(value) : `${style.quote}${value}${style.quote}`

type Statement = Program['body'][number]

function endsStatement(node: Statement): boolean {
  return [
    'ImportDeclaration',
    'ExpressionStatement',
    'VariableDeclaration',
    'ExportAllDeclaration',
    'TSTypeAliasDeclaration',
  ].includes(node.type)
}

function typeImportsOf(
  text: string,
  node: Extract<Statement, { type: 'ImportDeclaration' }>,
): SourceStyle['typeImport'][] {
  if (node.importKind === 'type') return ['statement']
  const inline = node.specifiers.filter(
    (one) => one.type === 'ImportSpecifier' && text.slice(one.start, one.end).startsWith('type '),
  )
  return inline.length > 0 ? ['specifier'] : []
}

function majority<Value extends string | undefined>(values: readonly Value[]): Value | undefined {
  const counts = new Map<Value, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

function compact(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
