/**
 * The baseline and the configuration after a run, to be written together with the code: `check` is green right after.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { printBaseline, readBaseline } from '../check/baseline.ts'
import { matchBaseline, toEntry } from '../check/match-baseline.ts'
import type { BaselineMatch } from '../check/match-baseline.ts'
import { keptSource, withFormerSource } from '../check/former-source.ts'
import { readSources } from '../check/read-sources.ts'
import { applySuppressions } from '../check/suppression.ts'
import type { Finding } from '../finding.ts'
import { isViolationKind } from '../kind-guide.ts'
import type { Scan, ScanOptions, ScanResult } from '../scan/scan-result.ts'
import type { ImportedName } from './migrate-options.ts'
import type { RunPlan } from './round.ts'
import { toContentHash } from '../engine/source-text.ts'
import type { PlannedWrite } from './write-all.ts'

/** Where the two files stand, absolute. */
export type Companions = { readonly baselineFile: string; readonly configFile: string | undefined }

type Run = {
  readonly found: ScanResult
  readonly plan: RunPlan
  readonly type: ImportedName
  readonly scanOptions: ScanOptions
  readonly scan: Scan
}

const rewritten = 'rewritten by migrate'

/** What has to be written beside the code. The new tree is analysed in memory: nothing is on disk yet. */
export const planCompanions = async (files: Companions, run: Run): Promise<PlannedWrite[]> => {
  const types = run.scanOptions.types && toTypesAfter(run.scanOptions.types, run)
  const config = files.configFile === undefined || !types ? undefined : toConfig(files.configFile, run, types)
  const baseline = await toBaseline(files.baselineFile, run, types)
  return [config, baseline].flatMap((one) => one ?? [])
}

/**
 * Types that are gone are watched under the name of the target's type. A definition of another name that was found
 * because it looked like one of them is named from now on: beside the target's type it would not look like it.
 */
function toTypesAfter(types: readonly string[], { plan, type, found }: Run): readonly string[] {
  const moved = new Set(plan.definitionsMoved)
  const staying = found.definitions.filter(({ file, name }) => !moved.has(`${file}#${name}`))
  const isGone = (wanted: string): boolean =>
    wanted.includes('#')
      ? moved.has(wanted)
      : plan.definitionsMoved.some((one) => one.endsWith(`#${wanted}`)) && !staying.some(({ name }) => name === wanted)
  const target = type.module.startsWith('./') ? `${type.module.slice(2)}#${type.name}` : type.name
  const after = types.map((one) => (isGone(one) ? target : one))
  const alike = found.duplicates
    .filter(({ kind, definition: { file, name } }) => kind === 'definition-shape' && !moved.has(`${file}#${name}`))
    .filter(({ definition: { file, name } }) => !types.includes(name) && !/(?:^\.\.|(?:^|\/)node_modules)\//.test(file))
    .map(({ definition: { file, name } }) => `${file}#${name}`)
  return [...new Set([...after, ...(plan.definitionsMoved.length > 0 ? alike : [])])]
}

function toConfig(file: string, { scanOptions }: Run, types: readonly string[]): PlannedWrite | undefined {
  if (types.join() === scanOptions.types?.join()) return undefined
  const text = readFileSync(file, 'utf8')
  const list = `[${types.map((one) => JSON.stringify(one)).join(', ')}]`
  return toWrite(
    scanOptions.root,
    file,
    text,
    text.replace(/("types"\s*:\s*)\[[^\]]*\]/, (_all, key) => `${key}${list}`),
  )
}

async function toBaseline(
  file: string,
  { found, plan, scanOptions, scan }: Run,
  types: readonly string[] | undefined,
): Promise<PlannedWrite | undefined> {
  const baseline = readBaseline(file)
  if (!baseline) return undefined
  const { root } = scanOptions
  const open = await openViolations(found)
  const accepted = withFormerSource(baseline, open)
  const before = matchBaseline(open, accepted)
  const after = await scan({ ...scanOptions, ...(types && { types }), texts: plan.texts })
  const match = matchBaseline(await openViolations(after), accepted)
  const added = toRewritten(match, before.fresh).map((finding) => toEntry(finding, rewritten))
  const entries = [...match.known.map(({ entry }) => entry), ...added]
  const text = readFileSync(file, 'utf8')
  return toWrite(root, file, text, printBaseline({ ...baseline, entries, source: keptSource(baseline.source, after) }))
}

/**
 * What the run wrote in place of violations that were accepted: as many as have gone, in each place. What was not
 * accepted before the run is not accepted by it, whatever became of it.
 */
function toRewritten({ fresh, gone }: BaselineMatch, unaccepted: readonly Finding[]): readonly Finding[] {
  if (unaccepted.length === 0) return fresh.length <= gone.length ? fresh : []
  const placeOf = ({ file, enclosing }: Pick<Finding, 'file' | 'enclosing'>): string =>
    JSON.stringify([file, enclosing])
  const left = new Map<string, number>()
  for (const entry of gone) left.set(placeOf(entry), (left.get(placeOf(entry)) ?? 0) + 1)
  const isOpen = new Set(unaccepted.map(placeOf))
  return fresh.filter((finding) => {
    const place = placeOf(finding)
    const count = left.get(place) ?? 0
    left.set(place, count - 1)
    return count > 0 && !isOpen.has(place)
  })
}

async function openViolations(result: ScanResult): Promise<readonly Finding[]> {
  const { suppressions } = await readSources(result.marked)
  return applySuppressions(result.findings, suppressions).open.filter(({ kind }) => isViolationKind(kind))
}

function toWrite(root: string, file: string, before: string, after: string): PlannedWrite | undefined {
  if (before === after || !existsSync(file)) return undefined
  return {
    file: relative(root, realpathSync(file)).split(sep).join('/'),
    hash: toContentHash(Buffer.from(before, 'utf8')),
    bytes: Buffer.from(after, 'utf8'),
  }
}
