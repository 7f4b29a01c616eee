/**
 * `migrate`: moves constructions to the factory, each edit verified. Prints the diff of a dry run, and always what is left to do.
 */
import { AdoptError } from '../adopt-error.ts'
import type { AdoptConfig } from '../config.ts'
import { isFindingKind, kindGuide } from '../kind-guide.ts'
import type { Command, Invocation } from '../invocation.ts'
import { undoLastWrite } from '../migrate/last-write.ts'
import { migrate } from '../migrate/migrate.ts'
import type { MigrateOptions, MigrateResult, MigrateTarget } from '../migrate/migrate-options.ts'
import { packageTarget } from '../migrate/package-target.ts'
import { toPaint, toPrintable } from '../report/paint.ts'
import { count } from '../report/report-words.ts'
import { writeWhole } from '../report/write-whole.ts'
import { scan } from '../scan/scan.ts'
import { resolve } from 'node:path'

/** Runs `migrate`. Exit code 1 when a site is left or a dry run would change a file, 2 when errors stay that nothing settled. */
export const runMigrate: Command = async (invocation) => {
  const { options, stdout, workingFolder } = invocation
  if (options.format !== undefined && options.format !== 'terminal' && options.format !== 'json') {
    throw new AdoptError('USAGE', `migrate prints terminal or json, not ${options.format}.`)
  }
  if (options.undo) {
    const files = undoLastWrite(invocation.root)
    stdout.write(`Put back: ${count(files.length)} files are as they were before the last write of migrate.\n`)
    return 0
  }
  const result = await migrate(toMigrateOptions(invocation), scan)
  const text = options.format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : printResult(result, invocation)
  if (options.output === undefined) stdout.write(text)
  else writeWhole(resolve(workingFolder, options.output), text)
  if (result.unsettled.length + result.silenced.length > 0) return 2
  return result.left.length > 0 || result.definitionsLeft.length > 0 || (!result.written && result.files.length > 0)
    ? 1
    : 0
}

const toMigrateOptions = ({ options, config, scanOptions, baselineFile, configFile }: Invocation): MigrateOptions => {
  const only = options.only?.map((word) => {
    if (!isFindingKind(word))
      throw new AdoptError('USAGE', `${word} is not a kind. Kinds: ${Object.keys(kindGuide).join(', ')}.`)
    return word
  })
  return {
    scan: scanOptions,
    ...toTargets(config.migrate ?? {}),
    write: options.write ?? false,
    force: options.force ?? false,
    companions: { baselineFile, configFile },
    ...(only && { only }),
    ...(options.dir !== undefined && { folder: options.dir }),
    ...(options['max-files'] !== undefined && { maxFiles: toCount(options['max-files']) }),
  }
}

const toTargets = ({
  target,
  testTarget,
  testFiles,
  definitions,
  fields,
  reads,
}: NonNullable<AdoptConfig['migrate']>): Partial<MigrateOptions> => {
  const withOwn = (base: MigrateTarget): MigrateTarget => ({
    ...base,
    fields: { ...base.fields, ...fields },
    reads: { ...base.reads, ...reads },
  })
  return {
    target: withOwn(target ?? packageTarget),
    ...(testTarget && { testTarget: withOwn(testTarget) }),
    ...(testFiles && { testFiles }),
    ...(definitions && { definitions }),
  }
}

const toCount = (word: string): number => {
  const number = Number(word)
  if (!Number.isInteger(number) || number < 1)
    throw new AdoptError('USAGE', '--max-files needs a whole number of at least 1.')
  return number
}

const printResult = (result: MigrateResult, { isColored }: Invocation): string => {
  const paint = toPaint(isColored)
  const diff = result.written ? '' : result.files.map((one) => one.diff.replace(/\n?$/, '\n')).join('')
  const left = result.left.flatMap(({ file, line, kind, enclosing, reason, callers }) => [
    `${paint.yellow('left')} ${toPrintable(`${file}:${line} ${kind}${enclosing === '' ? '' : ` in ${enclosing}`}: ${reason}`)}`,
    ...(callers.length > 0 ? [paint.dim(`     called from ${toPrintable(callers.join(', '))}`)] : []),
  ])
  const definitions = result.definitionsLeft.map(
    ({ definition, reason }) => `${paint.yellow('left')} ${toPrintable(`${definition}: ${reason}`)}`,
  )
  const unsettled = result.unsettled.map(({ file, code }) => `${paint.red('error')} ${toPrintable(file)} TS${code}`)
  const silenced = result.silenced.map(
    ({ file, line, name }) => `${paint.red('error')} ${toPrintable(`${file}:${line} ${name} would have no type`)}`,
  )
  const suppressed = result.suppressed.map(
    ({ file, line, code }) =>
      `${paint.yellow('note')} ${toPrintable(file)}:${line} compiles under @ts-expect-error (TS${code})`,
  )
  return [
    `${diff}${[...left, ...definitions, ...suppressed, ...unsettled, ...silenced].map((line) => `${line}\n`).join('')}`,
    `${paint.bold(toSummary(result))}\n`,
  ].join('')
}

const toSummary = (result: MigrateResult): string => {
  const facts = [
    `${count(result.moved)} sites moved`,
    `${count(result.definitionsMoved.length)} definitions merged`,
    `${count(result.readsMoved)} reads renamed`,
    `${count(result.left.length)} left as TODO`,
    `in ${count(result.files.length)} files`,
    `compiler errors ${count(result.diagnosticsBefore)} before, ${count(result.diagnosticsAfter)} after`,
  ].join(', ')
  if (result.unsettled.length + result.silenced.length > 0)
    return `Nothing was written: errors stay that nothing settles. ${facts}.`
  return result.written
    ? `Written: ${facts}.`
    : result.files.length > 0
      ? `Dry run, nothing was written (--write): ${facts}.`
      : `Nothing to change: ${facts}.`
}
