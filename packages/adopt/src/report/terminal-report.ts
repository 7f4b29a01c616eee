/**
 * The report for a person at a terminal: headline first, then what to act on, then how far to trust it.
 */
import { kindGuide } from '../kind-guide.ts'
import { toCodeFrame } from './code-frame.ts'
import { toDirectoryTable, toFamily } from './directory-table.ts'
import { toPaint, toPrintable, type Paint } from './paint.ts'
import {
  count,
  toBurnDownSentence,
  toHeadline,
  toHoldSentence,
  toTrustSentence,
  toUnresolvedSentence,
  toVouchedSentence,
  countOf,
} from './report-words.ts'
import type { Report, ReportSite } from './report.ts'

/** How to print: colour, every site or the first ones, and where the source of a file comes from. */
export type TerminalOptions = {
  readonly isColored: boolean
  readonly showAll: boolean
  /** Text of a file of the report without byte order mark; undefined when it is gone or has changed since the scan. */
  readonly readSource: (file: string) => string | undefined
}

const listed = 20

/**
 * Prints the report; ends in a line break. check shows what is new and no inventory, unless everything is asked for.
 */
export const printTerminal = (report: Report, options: TerminalOptions): string => {
  const paint = toPaint(options.isColored)
  const inventory = report.command === 'scan' || options.showAll
  const sections = [
    head(report, paint),
    ...(inventory ? [duplicates(report, paint), factories(report, paint, options), directories(report, paint)] : []),
    sites(report, paint, options),
    audits(report, paint),
    remarks(report, paint),
    foot(report, paint),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const head = (report: Report, paint: Paint): string => {
  const { canonical } = report
  const name = canonical
    ? `${toPrintable(canonical.name)} ${paint.dim(`(${toPrintable(canonical.file)}:${canonical.line})`)}`
    : 'no definition of the context type'
  const last = report.burnDown.at(-1)
  const history = last && last.moved > 0 ? toBurnDownSentence(last) : ''
  return [paint.bold(toHeadline(report)), history, name, paint.dim(toPrintable(report.canonicalEvidence))]
    .filter((line) => line !== '')
    .join('\n')
}

const duplicates = (report: Report, paint: Paint): string => {
  if (report.duplicates.length === 0) return ''
  const rows = report.duplicates.map(({ definition, kind, score, difference }) => {
    const differs = difference.filter(({ verdict }) => verdict !== 'same').length
    const place = `${toPrintable(definition.file)}:${definition.line}`
    return (
      `  ${place}  ${toPrintable(definition.name)}  ${kindGuide[kind].title}, ` +
      `${paint.dim(`score ${score.toFixed(2)}, ${countOf(differs, 'field differs', 'fields differ')}`)}`
    )
  })
  const generated =
    report.generatedDefinitions > 0
      ? [paint.dim(`  and ${report.generatedDefinitions} in generated code (--generated)`)]
      : []
  return [paint.bold(`Duplicate definitions: ${report.duplicates.length}`), ...rows, ...generated].join('\n')
}

const factories = (report: Report, paint: Paint, { showAll }: { readonly showAll: boolean }): string => {
  if (report.factories.length === 0) return ''
  const validating = report.factories.filter(({ validates }) => validates).length
  const sorted = report.factories.toSorted((left, right) => right.callerCount - left.callerCount)
  const shown = showAll ? sorted : sorted.slice(0, 5)
  const rows = shown.map(
    ({ file, line, name, signature, callerCount }) =>
      `  ${toPrintable(file)}:${line}  ${toPrintable(name)}${paint.dim(toPrintable(signature))}  ` +
      `${countOf(callerCount, 'caller')}`,
  )
  const more = sorted.length > shown.length ? [paint.dim(`  and ${sorted.length - shown.length} more (--all)`)] : []
  return [paint.bold(`Factories: ${report.factories.length}, of which ${validating} validate`), ...rows, ...more].join(
    '\n',
  )
}

/** Where credentials become a user: never a violation, always worth a look. */
const audits = (report: Report, paint: Paint): string => {
  const found = report.sites.filter(({ kind }) => kind === 'identity-provider')
  if (found.length === 0) return ''
  const rows = found.map(({ file, line }) => `  ${toPrintable(file)}:${line}`)
  return [paint.bold(`Places to audit, where credentials become a user: ${found.length}`), ...rows].join('\n')
}

const directories = (report: Report, paint: Paint): string => {
  const { columns, rows, totals } = toDirectoryTable(report.sites.filter(isOpen), toFamily, 24)
  if (rows.length === 0) return ''
  const width = Math.max(...rows.map(({ directory }) => directory.length), 5)
  const widths = columns.map((column) => Math.max(column.length, 5))
  const line = (name: string, cells: readonly (string | number)[], total: string | number): string =>
    `  ${toPrintable(name).padEnd(width)}  ` +
    `${cells.map((cell, index) => String(cell).padStart(widths[index] ?? 5)).join('  ')}  ` +
    `${String(total).padStart(6)}`
  const all = totals.reduce((sum, one) => sum + one, 0)
  return [
    paint.bold('Sites by directory'),
    paint.dim(line('', columns, 'total')),
    ...rows.map(({ directory, counts, total }) =>
      line(
        directory,
        counts.map((one) => one || '.'),
        total,
      ),
    ),
    line('total', totals, all),
  ].join('\n')
}

const isOpen = ({ status }: ReportSite): boolean => status !== 'shown' && status !== 'suppressed'

// check: what is new, with frame and fix. scan: places only, the first ones unless --all.
const sites = (report: Report, paint: Paint, options: TerminalOptions): string => {
  const wanted = report.sites.filter(({ status }) => status === (report.command === 'check' ? 'new' : 'open'))
  if (wanted.length === 0) return ''
  const shown = options.showAll ? wanted : wanted.slice(0, listed)
  const more =
    wanted.length > shown.length
      ? [paint.dim(`and ${count(wanted.length - shown.length)} more (--all, or --format html)`)]
      : []
  if (report.command === 'scan')
    return [paint.bold('Sites'), ...shown.map((site) => `  ${place(site, paint)}`), ...more].join('\n')
  return [...shown.map((site) => violation(site, paint, options)), ...more].join('\n\n')
}

const violation = (site: ReportSite, paint: Paint, { readSource }: TerminalOptions): string => {
  const source = readSource(site.file)
  const frame =
    source === undefined
      ? ''
      : toCodeFrame(source, { line: site.line, column: site.column, length: site.end - site.start }, paint)
  return [`${paint.red('new')} ${place(site, paint)}`, frame, `${paint.cyan('fix')} ${kindGuide[site.kind].fix}`]
    .filter((line) => line !== '')
    .join('\n')
}

const place = (site: ReportSite, paint: Paint): string => {
  const within = site.enclosing === '' ? '' : ` in ${toPrintable(site.enclosing)}`
  return (
    `${toPrintable(site.file)}:${site.line}:${site.column} ${site.kind} of ` +
    `${toPrintable(site.type)}${paint.dim(`${within}, held by ${site.heldBy}`)}`
  )
}

const remarks = (report: Report, paint: Paint): string =>
  report.remarks
    .map(
      ({ file, line, message, fails }) =>
        `${fails ? paint.red('fails') : paint.yellow('note')} ` +
        `${toPrintable(file)}${line === undefined ? '' : `:${line}`} ${toPrintable(message)}`,
    )
    .join('\n')

const foot = (report: Report, paint: Paint): string =>
  [
    isWorthHolding(report) ? toHoldSentence(report) : '',
    toVouchedSentence(report),
    report.trust.figure < 1 ? paint.yellow(toTrustSentence(report)) : toTrustSentence(report),
    toPrintable(toUnresolvedSentence(report)),
    ...(report.partial
      ? [paint.red('The analysis is partial:'), ...report.reasons.map((reason) => `  ${toPrintable(reason)}`)]
      : []),
    ...report.notes.map((note) => paint.bold(toPrintable(note))),
  ]
    .filter((line) => line !== '')
    .join('\n')

const isWorthHolding = (report: Report): boolean => report.sites.some(isOpen)
