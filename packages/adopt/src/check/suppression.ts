/**
 * Suppression comments: `// context-allow cast: the store gives back the value it was given`.
 * The reason is mandatory, and a comment that suppresses nothing is reported: it would let the next violation through.
 */
import { marks } from '../scan/marked-texts.ts'
import type { Finding, FindingKind } from '../finding.ts'
import { isFindingKind, isViolationKind } from '../kind-guide.ts'
import type { Remark } from '../report/report.ts'
import type { parseSync } from 'oxc-parser'

/**
 * One comment. `targetLine` is the line of the sites it speaks for: its own, or the next line of code when it stands
 * alone.
 */
export type Suppression = {
  readonly file: string
  readonly line: number
  readonly targetLine: number
  readonly kinds: readonly FindingKind[]
  /** Words before the colon that are no kind. */
  readonly unknownKinds: readonly string[]
  readonly reason: string
}

/** Findings parted by the comments, and what is wrong with the comments. */
export type Suppressed = {
  readonly open: readonly Finding[]
  readonly suppressed: readonly { readonly finding: Finding; readonly reason: string }[]
  readonly remarks: readonly Remark[]
}

/** What every comment begins with: a file without it holds none and need not be parsed. */
export const [suppressionMark] = marks

/** Reads the comments of one file. Only real comments count: the mark inside a string suppresses nothing. */
export const findSuppressions = (file: string, text: string, parse: typeof parseSync): readonly Suppression[] => {
  if (!text.includes(suppressionMark)) return []
  const lines = toLines(text)
  return parse(file, text).comments.flatMap(({ value, start, end }) => {
    const words = /^[\s*]*context-allow\b([^:]*)(?::([\s\S]*))?$/.exec(value)
    if (words === null) return []
    const named = (words[1] ?? '').split(/[\s,]+/).filter((word) => word !== '')
    return [
      {
        file,
        line: lines.lineAt(start),
        targetLine: lines.targetOf(start, end),
        kinds: named.filter(isFindingKind),
        unknownKinds: named.filter((word) => !isFindingKind(word)),
        reason: (words[2] ?? '').replace(/[\s*]+/g, ' ').trim(),
      },
    ]
  })
}

/** Takes out what the comments allow. A comment without a reason, or without a known kind, allows nothing. */
export const applySuppressions = (findings: readonly Finding[], suppressions: readonly Suppression[]): Suppressed => {
  const valid = suppressions.filter(
    ({ reason, kinds, unknownKinds }) => reason !== '' && kinds.length > 0 && unknownKinds.length === 0,
  )
  const byPlace = new Map<string, Suppression>()
  for (const one of valid) for (const kind of one.kinds) byPlace.set(placeOf(one.file, one.targetLine, kind), one)
  const used = new Set<Suppression>()
  const open: Finding[] = []
  const suppressed: { finding: Finding; reason: string }[] = []
  for (const finding of findings) {
    const one = isViolationKind(finding.kind)
      ? byPlace.get(placeOf(finding.file, finding.line, finding.kind))
      : undefined
    if (one === undefined) {
      open.push(finding)
      continue
    }
    used.add(one)
    suppressed.push({ finding, reason: one.reason })
  }
  return { open, suppressed, remarks: suppressions.filter((one) => !used.has(one)).map(toRemark) }
}

const placeOf = (file: string, line: number, kind: FindingKind): string => `${line} ${kind} ${file}`

const toRemark = ({ file, line, kinds, unknownKinds, reason }: Suppression): Remark => {
  const isComplete = reason !== '' && kinds.length > 0 && unknownKinds.length === 0
  const message = isComplete
    ? `This comment allows nothing: no ${kinds.join(' or ')} stands at its line. Remove it.`
    : `This comment allows nothing: it needs a kind and a written reason, as in "${suppressionMark} cast: why it ` +
      'is safe". Kinds: --explain.'
  return { about: isComplete ? 'unused-suppression' : 'suppression-without-reason', file, line, message, fails: true }
}

// Line numbers as editors count them, and the line a comment speaks for.
const toLines = (
  text: string,
): { lineAt: (offset: number) => number; targetOf: (start: number, end: number) => number } => {
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length
  const targetOf = (start: number, end: number): number => {
    const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
    if (/[^\s{]/.test(before)) return lineAt(start)
    // Over blank lines, further comments and the closing brace of a JSX comment, to the next line of code.
    const gap = /^(?:\s|\}|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(end))?.[0] ?? ''
    return lineAt(end + (gap.includes('\n') ? gap.length : 0))
  }
  return { lineAt, targetOf }
}
