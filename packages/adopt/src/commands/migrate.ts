/**
 * `migrate`: moves constructions to the factory, each edit verified. Prints the diff of a dry run, and always what is
 * left to do.
 */
import { resolve } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import type { AdoptConfig } from '../config.ts'
import { scanThatFits } from '../init/assert-guess-fits.ts'
import { isFindingKind, kindGuide } from '../kind-guide.ts'
import type { Command, Invocation } from '../invocation.ts'
import { assertCommitted } from '../migrate/git-tree.ts'
import { undoLastWrite } from '../migrate/last-write.ts'
import { migrate } from '../migrate/migrate.ts'
import { batchKinds, migrateSteps } from '../migrate/migrate-options.ts'
import type { MigrateOptions, MigrateStep, MigrateTarget } from '../migrate/migrate-options.ts'
import { packageTarget } from '../migrate/package-target.ts'
import { assertHomesKnown } from '../migrate/unknown-homes.ts'
import { toPaint } from '../report/paint.ts'
import { countOf } from '../report/report-words.ts'
import { writeWhole } from '../report/write-whole.ts'
import { scan } from '../scan/scan.ts'
import { runUninterrupted } from '../uninterrupted.ts'
import { isRefused, printOutcome } from './migrate-report.ts'

/**
 * Runs `migrate`. Exit code 1 when a site is left or a dry run would change a file, 2 when errors stay that nothing
 * settled, or sites may be missing because a part was not read.
 */
export const runMigrate: Command = async (invocation) => {
  const { options, stdout, workingDirectory } = invocation
  if (options.format !== undefined && options.format !== 'terminal' && options.format !== 'json') {
    throw new AdoptError('USAGE', `migrate prints terminal or json, not ${options.format}.`)
  }
  if (options.undo) {
    const files = runUninterrupted(() => undoLastWrite(invocation.root))
    stdout.write(
      `Put back: ${countOf(files.length, 'file is as it was', 'files are as they were')} before the last write ` +
        'of migrate.\n',
    )
    return 0
  }
  if (options.write && !options.force) assertCommitted(invocation.root)
  const result = await migrate(toMigrateOptions(invocation), scanThatFits(scan, invocation))
  const text =
    options.format === 'json'
      ? `${JSON.stringify(result, null, 2)}\n`
      : printOutcome(result, toPaint(invocation.isColored))
  if (options.output === undefined) stdout.write(text)
  else writeWhole(resolve(workingDirectory, options.output), text)
  if (isRefused(result) || result.doubts.length > 0) return 2
  return result.left.length + result.definitionsLeft.length + result.readsLeft.length > 0 ||
    (!result.written && result.files.length > 0)
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
    ...(options.step !== undefined && { step: toStep(options.step, options) }),
    ...(only && { only }),
    ...(options.dir !== undefined && { directory: options.dir }),
    ...(options.owner !== undefined && { owner: options.owner }),
    ...toVerification(options),
    ...(options['max-files'] !== undefined && { maxFiles: toCount(options['max-files']) }),
  }
}

/** The steps behind the makers are about a type as a whole. */
const toStep = (word: string, { only, dir, owner, ...options }: Invocation['options']): MigrateStep => {
  const step = migrateSteps.find((one) => one === word)
  if (!step) throw new AdoptError('USAGE', `${word} is no step. Choose one of: ${migrateSteps.join(', ')}.`)
  const isPart = [only, dir, owner, options['max-files']].some((one) => one !== undefined)
  if (step !== 'makers' && isPart)
    throw new AdoptError(
      'USAGE',
      `--step ${step} takes the whole tree: leave out --only, --dir, --owner and --max-files.`,
    )
  return step
}

const toVerification = ({ verify, batch, write }: Invocation['options']): Partial<MigrateOptions> => {
  if (verify === undefined && batch !== undefined) throw new AdoptError('USAGE', '--batch needs --verify.')
  if (verify === undefined) return {}
  if (verify.trim() === '') throw new AdoptError('USAGE', "--verify needs the command of your tests: 'npm test'.")
  if (!write) throw new AdoptError('USAGE', '--verify runs your tests on the edited tree, so it needs --write.')
  const kind = batchKinds.find((one) => one === (batch ?? 'file'))
  if (!kind) throw new AdoptError('USAGE', `${batch} is no batch. Choose one of: ${batchKinds.join(', ')}.`)
  return { verify, batch: kind }
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
  assertHomesKnown({ target: target ?? packageTarget, testTarget, fields })
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
