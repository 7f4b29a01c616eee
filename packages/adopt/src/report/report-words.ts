/**
 * Sentences that several formats share, so that a terminal, a pull request and a page say the same.
 */
import type { BurnDownStep, Report } from './report.ts'

/** What became of what was accepted once, over the history of the baseline. */
export const toBurnDownSentence = ({ moved, kept, reverted }: BurnDownStep): string =>
  `In git so far ${count(moved)} moved: ${count(kept)} kept, ${count(reverted)} reverted.`

/** "1,520 of 1,600 moved, 80 left, 0 new". Only check knows what is new. */
export const toHeadline = ({ command, headline }: Report): string =>
  `${count(headline.moved)} of ${count(headline.total)} moved, ${count(headline.left)} left` +
  (command === 'check' ? `, ${count(headline.fresh)} new` : '')

/** What tsc finds alone and what only check holds, over the sites that are violations. */
export const toHoldSentence = (report: Report): string => {
  const { byTsc, byCheck } = countHeld(report)
  const note = report.questions === 'fast' ? ' (by the rule of each kind: --fast asks no compiler)' : ''
  return (
    `Once the type is sealed, plain tsc finds ${count(byTsc)} of these alone; ${count(byCheck)} only check can ` +
    `hold${note}.`
  )
}

/** How many open violations each of the two holds. */
export const countHeld = (report: Report): { readonly byTsc: number; readonly byCheck: number } => {
  const open = report.sites.filter(({ status }) => status !== 'shown' && status !== 'suppressed')
  const byTsc = open.filter(({ heldBy }) => heldBy === 'tsc').length
  return { byTsc, byCheck: open.length - byTsc }
}

/** What was not understood, part by part; empty when there is none. */
const toLeftOut = ({ filesSkipped, filesUnresolved, filesNotRead, filesGenerated }: Report['trust']): string =>
  [
    [filesSkipped, 'skipped'],
    [filesUnresolved, 'with the type unresolved'],
    [filesNotRead, 'components not read'],
    [filesGenerated, 'generated and left out'],
  ]
    .filter(([files]) => Number(files) > 0)
    .map(([files, what]) => `; ${count(Number(files))} ${what}`)
    .join('')

/** The trust figure in words: what did not resolve may hide sites. */
export const toTrustSentence = ({ trust }: Report): string => {
  // Rounded down: 99.96 % is not everything.
  const percent = Math.floor(trust.figure * 1000) / 10
  const outside =
    trust.filesOutsideTsconfig > 0
      ? `; ${countOf(trust.filesOutsideTsconfig, 'file is', 'files are')} in no tsconfig, tsc never sees ` +
        `${trust.filesOutsideTsconfig === 1 ? 'it' : 'them'}`
      : ''
  return (
    `Trust ${percent} %: ${countOf(trust.filesAnalysed, 'file')}, ${count(trust.importsUnresolved)} of ` +
    `${countOf(trust.importsTotal, 'import')} ` +
    `and ${count(trust.unresolvedTypes)} of ${countOf(trust.typesAsked, 'type')} ` +
    `unresolved${outside}${toLeftOut(trust)}.`
  )
}

/** "3 modules do not resolve: left-pad (12), …", or nothing. */
export const toUnresolvedSentence = ({ trust }: Report): string =>
  trust.unresolvedModules.length === 0
    ? ''
    : `Unresolved: ${trust.unresolvedModules.map(([name, times]) => `${name} (${count(times)})`).join(', ')}.`

/** How many users without a verified proof. */
export const toVouchedSentence = ({ vouched }: Report): string =>
  vouched.total === 0
    ? `No call of vouchForUser()${vouched.inTests === 0 ? '' : ` outside ${count(vouched.inTests)} in tests`}.`
    : `${countOf(vouched.total, 'call')} of vouchForUser() in ${countOf(vouched.byFile.length, 'file')}: replace ` +
      'each vouched user with the verified one.'

/** "1 file", "2,000 files". */
export const countOf = (number: number, one: string, many = `${one}s`): string =>
  `${count(number)} ${number === 1 ? one : many}`

/** Thousands separated by commas, whatever the machine's locale. */
export const count = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ',')
