/**
 * Markdown, for a pull request comment or a job summary. Cut to what such a comment can hold.
 */
import { kindGuide } from '../kind-guide.ts'
import { toDirectoryTable, toFamily } from './directory-table.ts'
import { toPrintable } from './paint.ts'
import {
  count,
  toHeadline,
  toHoldSentence,
  toTrustSentence,
  toUnresolvedSentence,
  toVouchedSentence,
  countOf,
} from './report-words.ts'
import type { Report, ReportSite } from './report.ts'

const listed = 100

/** Prints the report. Names from the code base stand in code spans, where Markdown and HTML mean nothing. */
export const printMarkdown = (report: Report): string => {
  const sections = [
    `## ${toHeadline(report)}`,
    report.canonical
      ? `Single source: ${code(report.canonical.name)} in ${code(`${report.canonical.file}:${report.canonical.line}`)}.`
      : '',
    newSites(report),
    report.remarks
      .map(({ file, line, message }) => `- ${code(line === undefined ? file : `${file}:${line}`)} ${plain(message)}`)
      .join('\n'),
    directories(report),
    duplicates(report),
    report.factories.length > 0
      ? `Factories: ${report.factories.length}, of which ` +
        `${report.factories.filter(({ validates }) => validates).length} validate.`
      : '',
    [toHoldSentence(report), toVouchedSentence(report), toTrustSentence(report), plain(toUnresolvedSentence(report))]
      .filter((line) => line !== '')
      .join('\n'),
    report.partial
      ? `**The analysis is partial.**\n${report.reasons.map((reason) => `- ${plain(reason)}`).join('\n')}`
      : '',
    report.notes.map(plain).join('\n'),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const newSites = (report: Report): string => {
  const fresh = report.sites.filter(({ status }) => status === (report.command === 'check' ? 'new' : 'open'))
  if (fresh.length === 0) return ''
  const rows = fresh.slice(0, listed).map(siteRow)
  const more = fresh.length > listed ? [`\nand ${count(fresh.length - listed)} more`] : []
  const table = ['| site | kind | in | fix |', '|---|---|---|---|', ...rows, ...more].join('\n')
  if (report.command === 'check') return `### New violations\n\n${table}`
  return `<details><summary>${countOf(fresh.length, 'site')}</summary>\n\n${table}\n\n</details>`
}

const siteRow = (site: ReportSite): string =>
  `| ${code(`${site.file}:${site.line}`)} | ${site.kind} of ${code(site.type)} | ` +
  `${site.enclosing === '' ? '' : code(site.enclosing)} | ${kindGuide[site.kind].fix} |`

const directories = (report: Report): string => {
  const open = report.sites.filter(({ status }) => status !== 'shown' && status !== 'suppressed')
  const { columns, rows, totals } = toDirectoryTable(open, toFamily, 24)
  if (rows.length === 0) return ''
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [
    row(['directory', ...columns, 'total']),
    row(['---', ...columns.map(() => '--:'), '--:']),
    ...rows.map(({ directory, counts, total }) => row([code(directory), ...counts, total])),
    row(['total', ...totals, totals.reduce((sum, one) => sum + one, 0)]),
  ].join('\n')
}

const duplicates = (report: Report): string =>
  report.duplicates.length === 0
    ? ''
    : [
        '| duplicate definition | class | score | fields that differ |',
        '|---|---|--:|---|',
        ...report.duplicates.map(({ definition, kind, score, difference }) => {
          const fields = difference.filter(({ verdict }) => verdict !== 'same').map(({ field }) => code(field))
          return (
            `| ${code(definition.name)} in ${code(`${definition.file}:${definition.line}`)} | ` +
            `${kindGuide[kind].title} | ${score.toFixed(2)} | ${fields.join(', ')} |`
          )
        }),
      ].join('\n')

// A code span whose fence is longer than any run of backticks in it; a pipe would end the table cell.
const code = (text: string): string => {
  const flat = toPrintable(text).replaceAll('|', '\u2502')
  const runs = flat.match(/`+/g) ?? []
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1)
  const gap = flat.startsWith('`') || flat.endsWith('`') ? ' ' : ''
  return `${fence}${gap}${flat}${gap}${fence}`
}

const plain = (text: string): string => toPrintable(text).replace(/[\\`*_{}[\]<>#|!@&]/g, '\\$&')
