/**
 * `init`: guesses the context type of a code base, shows the evidence for the guess, and writes the configuration.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { AdoptError } from '../adopt-error.ts'
import { configFileName } from '../config.ts'
import { readCandidates, type CandidateDefinition } from '../init/read-candidates.ts'
import { findOwnTarget, type OwnTarget } from '../init/own-target.ts'
import { findDoubts, rankCandidates, type RankedCandidate } from '../init/rank-candidates.ts'
import type { Command, Invocation } from '../invocation.ts'
import { toPaint, toPrintable, type Paint } from '../report/paint.ts'
import { countOf } from '../report/report-words.ts'
import { scan } from '../scan/scan.ts'
import { isFileNamed, splitTypeName } from '../scan/select-canonical.ts'
import type { KnownOutline } from '../scan/source-facts.ts'
import { writeWhole } from '../report/write-whole.ts'

const shown = 5

/** Runs `init` and gives its exit code. */
export const runInit: Command = async (invocation) => {
  const { root, options, stdout, isColored } = invocation
  const file = join(root, configFileName)
  if (existsSync(file) && !options.force)
    throw new AdoptError('USAGE', `${file} is there already. To replace it, use --force.`, { file })
  const { definitions, readOutline } = await readCandidates(root, invocation.scanOptions.onProgress)
  const [ranked = [], ...others] = options.type
    ? options.type.map((type) => rankNamed(definitions, type, root))
    : [rankCandidates(definitions)]
  const [best] = ranked
  if (best === undefined) {
    throw new AdoptError(
      'TYPE_UNKNOWN',
      `Nothing in ${root} looks like a user context. Name the type: init --type NAME.`,
      { file: root },
    )
  }
  for (const one of [ranked, ...others]) stdout.write(describe(one, toPaint(isColored)))
  const doubts = options.type === undefined ? findDoubts(ranked) : []
  stdout.write(doubts.length === 0 ? 'Confidence: high.\n' : `Confidence: low. ${doubts.join(' ')}\n`)
  if (doubts.length > 0 && options.yes !== true && !(await isAgreed(invocation))) {
    stdout.write('Nothing was written. Name the type with --type path#NAME, or take this one with --yes.\n')
    return 1
  }
  const own = await findTarget(best, readOutline, invocation)
  writeWhole(file, `${JSON.stringify(toConfig(best, invocation, own), null, 2)}\n`)
  if (own)
    stdout.write(
      `Target: ${toPrintable(own.factory)}, the one factory that validates. To move to the sealed type of ` +
        'user-execution-context instead, delete "migrate".\n',
    )
  stdout.write(`Wrote ${configFileName}. When the guess is wrong, edit "types" in it. Next: scan.\n`)
  return 0
}

/** @throws {AdoptError} `TYPE_UNKNOWN` */
const rankNamed = (
  definitions: readonly CandidateDefinition[],
  type: string,
  root: string,
): readonly RankedCandidate[] => {
  const ranked = rankCandidates(definitions, type)
  const [path] = splitTypeName(type)
  const isThere = ranked.some(({ definitions: [first] }) => path === undefined || isFileNamed(first!.file, path))
  if (isThere) return ranked
  throw new AdoptError('TYPE_UNKNOWN', `No definition of ${type} was found in ${root}.`, { file: root })
}

/** Asks where somebody can answer; a script has to say --yes. */
const isAgreed = async ({ stdout, isCi, readLine }: Invocation): Promise<boolean> => {
  if (isCi || stdout.isTTY !== true || !isatty(0) || !readLine) return false
  stdout.write('Write it? [y/N] ')
  return /^y(es)?$/i.test((await readLine()).trim())
}

/** A tree that the compiler cannot be asked about has no target: what is left is found by syntax alone. */
const findTarget = async (
  { definitions }: RankedCandidate,
  readOutline: KnownOutline,
  invocation: Invocation,
): Promise<OwnTarget | undefined> => {
  const { options, scanOptions, root } = invocation
  if (options.factory) return undefined
  try {
    const types = options.type ?? [definitions[0]!.name]
    return findOwnTarget(await scan({ ...scanOptions, types, probe: false, readOutline }), root)
  } catch (error) {
    if (error instanceof AdoptError) return undefined
    throw error
  }
}

const toConfig = ({ definitions }: RankedCandidate, { options }: Invocation, own: OwnTarget | undefined): object => ({
  $schema: './node_modules/@user-execution-context/adopt/schema/config.schema.json',
  // By name alone: the definition may move, and scan takes the one that most files import.
  types: options.type ?? [definitions[0]!.name],
  ...(options.factory && { factories: options.factory }),
  ...(own && { factories: [own.factory] }),
  ...(options.tsconfig && { tsconfigs: options.tsconfig }),
  ...(own && { migrate: { target: own.target } }),
})

const describe = (ranked: readonly RankedCandidate[], paint: Paint): string => {
  const [best, ...others] = ranked
  if (best === undefined) return ''
  const first = best.definitions[0]!
  return [
    `${paint.bold(`The context type is ${toPrintable(first.name)}`)} in ${toPrintable(first.file)}:${first.line}`,
    ...best.evidence.map((fact) => `  ${fact}`),
    ...best.definitions
      .slice(1)
      .map(({ file, line, importedBy }) =>
        paint.dim(`  also defined in ${toPrintable(file)}:${line}, imported by ${countOf(importedBy, 'file')}`),
      ),
    ...(others.length > 0 ? ['', 'Next best'] : []),
    ...others
      .slice(0, shown - 1)
      .map(
        ({ definitions, evidence }) =>
          `  ${toPrintable(definitions[0]!.name)} ` +
          `${paint.dim(`in ${toPrintable(definitions[0]!.file)}: ${evidence.join(', ')}`)}`,
      ),
    '',
    '',
  ].join('\n')
}
