/**
 * GitHub workflow commands: one annotation per violation, at its line in the pull request.
 */
import { kindGuide } from '../kind-guide.ts'
import { toHeadline } from './report-words.ts'
import type { Report } from './report.ts'

/**
 * Prints annotations. check: errors for what is new. scan: warnings for every open site.
 *
 * @param prefix - Path from the repository's top to the root, with a closing slash, or empty.
 */
export const printGithub = (report: Report, prefix: string): string => {
  const wanted = report.command === 'check' ? 'new' : 'open'
  const level = report.command === 'check' ? 'error' : 'warning'
  const lines = report.sites
    .filter(({ status }) => status === wanted)
    .map(({ kind, file, line, column, type }) => {
      const { title, meaning, fix } = kindGuide[kind]
      return toCommand(
        level,
        { file: prefix + file, line, col: column, title: `${title} of ${type}` },
        `${meaning}\nFix: ${fix}`,
      )
    })
  const remarks = report.remarks.map(({ file, line, message, fails }) =>
    toCommand(fails ? 'error' : 'warning', { file: prefix + file, ...(line === undefined ? {} : { line }) }, message),
  )
  const partial = report.reasons.map((reason) => toCommand(report.partial ? 'error' : 'warning', {}, reason))
  return `${[...lines, ...remarks, ...partial, toCommand('notice', {}, toHeadline(report))].join('\n')}\n`
}

const toCommand = (level: string, properties: Readonly<Record<string, string | number>>, message: string): string => {
  const words = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
  return `::${level}${words.length > 0 ? ` ${words.join(',')}` : ''}::${escapeMessage(message)}`
}

// A line break or comma in a file name would otherwise begin a command of its own.
const escapeMessage = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
