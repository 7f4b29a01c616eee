/**
 * The baseline file: the violations that are accepted for now, one JSON line each, sorted, without line numbers.
 * Written so that git merges it: entries of two branches meet on different lines.
 */
import { existsSync, readFileSync } from 'node:fs'
import { AdoptError } from '../adopt-error.ts'
import { isFindingKind } from '../kind-guide.ts'
import type { FindingKind } from '../finding.ts'

/** One accepted violation. `reason` is written when the baseline grew after its start. */
export type BaselineEntry = {
  readonly file: string
  readonly kind: FindingKind
  readonly type: string
  readonly enclosing: string
  /** Digest of the site's text, never the text: see `textDigest`. */
  readonly text: string
  /** Digest of the values that name the user in a literal. */
  readonly user?: string
  readonly reason?: string
}

/**
 * The whole file. `started` is how many violations it has ever accepted: the M of "N of M moved". `source` is the
 * definition, as `path#NAME`, that was the single source at the start.
 */
export type Baseline = {
  readonly started: number
  readonly entries: readonly BaselineEntry[]
  readonly source?: string | undefined
}

/** Version of the file's form. A file of another version is refused, never guessed at. */
export const baselineVersion = 1

// Closes the list, so that every entry ends in a comma: a union merge (`merge=union`) of two branches stays valid JSON.
const lastLine = '"end"'

/**
 * Prints the entries in their one sorted form, closed by a line break. The count is a line of the list as well:
 * whatever lines a
 * union merge keeps of it, they stand where any line may stand.
 */
export const printBaseline = ({ started, entries, source }: Baseline): string => {
  const from = source === undefined ? '' : `, "source": ${JSON.stringify(source)}`
  const lines = [...entries.map(printEntry).sort(), `{"started": ${started}${from}}`]
  return [
    '{',
    `"version": ${baselineVersion},`,
    '"violations": [',
    ...lines.map((line) => `${line},`),
    lastLine,
    ']',
    '}',
    '',
  ].join('\n')
}

/**
 * Reads a baseline. Order and repeated lines are accepted (a merge may leave both); unknown kinds and fields are not.
 *
 * @param text - The file's content.
 * @param fileName - For messages only.
 * @throws {AdoptError} `FILE_UNREADABLE` with what to do.
 */
export const parseBaseline = (text: string, fileName: string): Baseline => {
  if (/^(?:<{7}|={7}|>{7})/m.test(text)) {
    throw unreadable(
      fileName,
      `${fileName} holds merge conflict markers. Keep the lines of both sides, then run check again: it drops ` +
        'what is fixed.',
    )
  }
  const content = parseJson(text.replace(/^\uFEFF/, ''), fileName)
  if (!isRecord(content) || content['version'] !== baselineVersion || !Array.isArray(content['violations'])) {
    throw unreadable(
      fileName,
      `${fileName} is not a baseline of version ${baselineVersion}. Restore it from git, or delete it and write ` +
        'it anew with check --start-baseline.',
    )
  }
  const violations: readonly unknown[] = content['violations']
  const entries = violations
    .filter((item) => item !== 'end' && startedOf(item) === undefined)
    .map((item, index) => parseEntry(item, index, fileName))
  // A merge may leave the count of both sides; a file of before has it beside the list.
  const counts = [content, ...violations].flatMap((item) => startedOf(item) ?? [])
  const [source] = violations.flatMap((item) =>
    startedOf(item) !== undefined && isRecord(item) && typeof item['source'] === 'string' ? [item['source']] : [],
  )
  return { entries, started: Math.max(entries.length, ...counts), ...(source !== undefined && { source }) }
}

const startedOf = (item: unknown): number | undefined => {
  if (!isRecord(item) || 'file' in item) return undefined
  const { started } = item
  return typeof started === 'number' && Number.isInteger(started) ? started : undefined
}

/** Reads the file; undefined when there is none. */
export const readBaseline = (file: string): Baseline | undefined =>
  existsSync(file) ? parseBaseline(readText(file), file) : undefined

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AdoptError(
      'FILE_UNREADABLE',
      `${file} cannot be read. Name a file as "baseline" in the configuration, and one that may be read.`,
      { file, cause },
    )
  }
}

const unreadable = (file: string, message: string): AdoptError => new AdoptError('FILE_UNREADABLE', message, { file })

const parseJson = (text: string, fileName: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable(
      fileName,
      `${fileName} is not JSON. Restore it from git, or delete it and write it anew with check --start-baseline.`,
    )
  }
}

const parts = ['file', 'kind', 'type', 'enclosing', 'text'] as const
const optional = ['user', 'reason'] as const

const printEntry = (entry: BaselineEntry): string => {
  const fields = [...parts, ...optional.filter((field) => entry[field] !== undefined)]
  return `{${fields.map((field) => `"${field}": ${JSON.stringify(entry[field])}`).join(', ')}}`
}

const parseEntry = (item: unknown, index: number, fileName: string): BaselineEntry => {
  const isEntry =
    isRecord(item) &&
    parts.every((part) => typeof item[part] === 'string') &&
    optional.every((part) => item[part] === undefined || isText(item[part])) &&
    isFindingKind(String(item['kind']))
  if (!isEntry)
    throw unreadable(
      fileName,
      `${fileName}: violation ${index + 1} is not an entry that check wrote. Restore the file from git.`,
    )
  return item as BaselineEntry
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
