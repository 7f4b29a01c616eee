/**
 * What migrate prints: the diff of a dry run, what is left with its reason, and one line that sums up.
 */
import type { MigrateResult } from '../migrate/migrate-options.ts'
import { toPrintable, type Paint } from '../report/paint.ts'
import { count, countOf } from '../report/report-words.ts'

/** Whether errors or tests kept the run from being written. */
export const isRefused = ({ unsettled, silenced, ownCompiler, verification }: MigrateResult): boolean =>
  unsettled.length + silenced.length + (ownCompiler?.fresh.length ?? 0) > 0 || verification?.isGreen === false

/** The report for the terminal. */
export const printOutcome = (result: MigrateResult, paint: Paint): string => {
  const diff = result.written ? '' : result.files.map((one) => one.diff.replace(/\n?$/, '\n')).join('')
  const lines = [
    ...leftLines(result, paint),
    ...decisionLines(result, paint),
    ...revertedLines(result, paint),
    ...errorLines(result, paint),
    ...doubtLines(result, paint),
  ]
  return `${diff}${lines.map((line) => `${line}\n`).join('')}${paint.bold(toSummary(result))}\n`
}

const leftLines = (result: MigrateResult, paint: Paint): string[] =>
  onceEach([
    ...result.left.map(({ file, line, kind, enclosing, reason, callers }) => ({
      place:
        `${paint.yellow('left')} ` +
        `${toPrintable(`${file}:${line} ${kind}${enclosing === '' ? '' : ` in ${enclosing}`}: ${reason}`)}`,
      below: callers.length > 0 ? [paint.dim(`     called from ${toPrintable(callers.join(', '))}`)] : [],
    })),
    ...[
      ...result.readsLeft.map(
        ({ file, line, field, reason }) =>
          `${paint.yellow('left')} ${toPrintable(`${file}:${line} ${field}: ${reason}`)}`,
      ),
      ...result.dropped.map(
        ({ file, line, field, reason }) =>
          `${paint.yellow('dropped')} ${toPrintable(`${file}:${line} ${field}: ${reason}`)}`,
      ),
      ...result.definitionsLeft.map(
        ({ definition, reason }) => `${paint.yellow('left')} ${toPrintable(`${definition}: ${reason}`)}`,
      ),
      ...result.notSplit.map(
        ({ definition, reason }) => `${paint.yellow('not split')} ${toPrintable(`${definition}: ${reason}`)}`,
      ),
      ...result.suppressed.map(
        ({ file, line, code }) =>
          `${paint.yellow('note')} ${toPrintable(file)}:${line} compiles under @ts-expect-error (TS${code})`,
      ),
    ].map((place) => ({ place, below: [] })),
  ])

/** Several sites of one line are one line of the report, with their number. */
const onceEach = (said: readonly { readonly place: string; readonly below: readonly string[] }[]): string[] => {
  const blocks = new Map<string, { times: number; readonly below: readonly string[] }>()
  for (const { place, below } of said) {
    const known = blocks.get(place)
    if (known) known.times++
    else blocks.set(place, { times: 1, below })
  }
  return [...blocks].flatMap(([place, { times, below }]) => [
    times === 1 ? place : `${place} (${count(times)} times)`,
    ...below,
  ])
}

/** Said when there is something to choose from: one decision is in its reason. */
const decisionLines = ({ decisions }: MigrateResult, paint: Paint): string[] =>
  decisions.length < 2
    ? []
    : [
        'What would settle them:',
        ...decisions.map(
          ({ decision, sites, example }) =>
            `  ${count(sites).padStart(5)}  ${toPrintable(decision)} ${paint.dim(toPrintable(`as in ${example}`))}`,
        ),
      ]

const revertedLines = ({ verification }: MigrateResult, paint: Paint): string[] =>
  (verification?.reverted ?? []).map(({ file, line, kind, enclosing, batch, isCulprit }) => {
    const place = `${file}:${line} ${kind}${enclosing === '' ? '' : ` in ${enclosing}`}`
    const why = isCulprit ? 'your tests turn red when it moves' : `rolled back with its batch, ${batch}`
    return `${paint.red('reverted')} ${toPrintable(`${place}: ${why}`)}`
  })

const errorLines = ({ unsettled, silenced, ownCompiler }: MigrateResult, paint: Paint): string[] => [
  ...unsettled.map(({ file, code }) => `${paint.red('error')} ${toPrintable(file)} TS${code}`),
  ...silenced.map(
    ({ file, line, name }) => `${paint.red('error')} ${toPrintable(`${file}:${line} ${name} would have no type`)}`,
  ),
  ...(ownCompiler?.fresh ?? []).map(
    ({ file, code }) =>
      `${paint.red('error')} ${toPrintable(file || 'your tsconfig')} TS${code} in your TypeScript ` +
      `${ownCompiler!.versions.join(', ')}`,
  ),
]

const doubtLines = ({ doubts }: MigrateResult, paint: Paint): string[] =>
  doubts.length === 0
    ? []
    : [paint.red('The analysis is partial:'), ...doubts.map((doubt) => `  ${toPrintable(doubt)}`)]

const toSummary = (result: MigrateResult): string => {
  const facts = toFacts(result).join(', ')
  const { ownCompiler, verification } = result
  if (verification?.isGreen === false)
    return `Nothing was written: your tests turn red even when no site moves, by the definitions alone. ${facts}.`
  if ((ownCompiler?.fresh.length ?? 0) > 0)
    return `Nothing was written: your own compiler refuses what the one of this tool accepts. ${facts}.`
  if (isRefused(result)) return `Nothing was written: errors stay that nothing settles. ${facts}.`
  if (result.written) return `Written: ${facts}.`
  return result.files.length > 0 ? `Dry run, nothing was written (--write): ${facts}.` : `Nothing to change: ${facts}.`
}

const toFacts = ({ ownCompiler, verification, ...result }: MigrateResult): string[] => [
  ...(verification
    ? [
        `${countOf(verification.tried, 'site')} tried`,
        `${count(result.moved)} kept`,
        `${count(verification.reverted.length)} reverted`,
        `your tests ran ${verification.testRuns === 1 ? 'once' : `${count(verification.testRuns)} times`}`,
      ]
    : [`${countOf(result.moved, 'site')} moved`]),
  `${countOf(result.definitionsMoved.length, 'definition')} merged`,
  ...(result.definitionsSplit.length > 0 ? [`${countOf(result.definitionsSplit.length, 'type')} split`] : []),
  `${countOf(result.readsMoved, 'read')} ` +
    `${result.readsLeft.length > 0 ? `moved, ${count(result.readsLeft.length)} left` : 'moved'}`,
  ...(result.fieldsRemoved.length > 0 ? [`${countOf(result.fieldsRemoved.length, 'field')} taken out`] : []),
  `${count(result.left.length)} left as TODO`,
  `in ${countOf(result.files.length, 'file')}`,
  `compiler errors ${count(result.diagnosticsBefore)} before, ${count(result.diagnosticsAfter)} after`,
  ...(ownCompiler
    ? [
        `your own TypeScript ${ownCompiler.versions.join(', ')}: ${count(ownCompiler.before)} before, ` +
          `${count(ownCompiler.after)} after`,
      ]
    : []),
]
