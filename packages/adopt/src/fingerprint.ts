/**
 * Content fingerprint of a finding: the same for moved or reformatted code, different for other code.
 * Line numbers never go in, so an edit above a site changes nothing.
 */
import { hash } from 'node:crypto'
import type { Finding } from './finding.ts'

/** The parts of a finding that identify it. */
export type FingerprintParts = Pick<Finding, 'file' | 'kind' | 'type' | 'enclosing' | 'text'>

/**
 * Folds white space to one blank and removes comments, outside strings and templates.
 * This is what `Finding.text` holds: readable, and stable under re-indentation.
 */
export const foldText = (source: string): string => {
  const folded: string[] = []
  for (const token of tokensOf(source)) {
    const gap = isGap(token)
    if (gap && (folded.length === 0 || folded.at(-1) === ' ')) continue
    folded.push(gap ? ' ' : token)
  }
  return folded.join('').trim()
}

/** Full fingerprint (16 hex digits): file, kind, type, enclosing symbol and text. */
export const toFingerprint = (parts: FingerprintParts): string =>
  digest([parts.file, parts.kind, parts.type, parts.enclosing, textDigest(parts.text)])

/**
 * Digest (12 hex digits) of a site's text alone, blind to formatting: quotes, blanks, semicolons and trailing commas.
 * The text itself stays out of the baseline, which is committed and may be read by more people than the code.
 */
export const textDigest = (text: string): string => {
  const tokens = [...tokensOf(text)].filter((token) => !isGap(token) && token !== ';').map(withSingleQuotes)
  const kept = tokens.filter((token, index) => token !== ',' || !/^[)\]}]$/.test(tokens[index + 1] ?? ''))
  return digest(kept).slice(0, 12)
}

const digest = (parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'hex').slice(0, 16)

// Comments, strings, templates without a nested backtick, words, blanks, and any other single character.
const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|[\p{ID_Continue}$]+|\s+|[\s\S]/gu

const tokensOf = function* (source: string): Generator<string> {
  for (const match of source.matchAll(token)) yield match[0]
}

const isGap = (text: string): boolean => /^\s/.test(text) || text.startsWith('//') || text.startsWith('/*')

const withSingleQuotes = (text: string): string =>
  text.startsWith('"') && text.length > 1 && !text.includes("'")
    ? `'${text.slice(1, -1).replaceAll('\\"', '"')}'`
    : text
