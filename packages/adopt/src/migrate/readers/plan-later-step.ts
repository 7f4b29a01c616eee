/**
 * The steps after the makers of a type that carries more than an identity: its readers read the sealed context, and
 * then the fields that nobody reads are taken out. Each step is a run of its own, proved by the compiler, and can be
 * committed by itself.
 */
import type { Finding } from '../../finding.ts'
import type { ScanResult } from '../../scan/scan-result.ts'
import { countDiagnostics, findNewDiagnostics } from '../diagnostic-difference.ts'
import type { MigrateOptions, MigrateTarget } from '../migrate-options.ts'
import { withInferredUser } from '../infer-homes.ts'
import { packageTarget } from '../package-target.ts'
import type { RunPlan } from '../round.ts'
import { findSilenced } from '../silenced-types.ts'
import { assertTargetResolves } from '../target-resolves.ts'
import { clearOverlay, diagnose } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { findCarriedFields, findCarrying } from './carried-field.ts'
import type { CarriedField } from './carried-field.ts'
import { planReaders } from './plan-readers.ts'
import { planRemovals } from './plan-removals.ts'

/** Plans and proves one of the later steps. Nothing is written. */
export const planLaterStep = (
  workspace: Workspace,
  scan: ScanResult,
  options: MigrateOptions,
  step: 'readers' | 'fields',
): RunPlan => {
  const family = [...(scan.canonical ? [scan.canonical] : []), ...scan.duplicates.map((one) => one.definition)]
  const target = withInferredUser(workspace, family, options.target ?? packageTarget)
  assertTargetResolves(workspace, scan, () => target)
  const before = diagnose(workspace, new Map())
  clearOverlay(workspace)
  const { ready, waiting } = chooseTypes(scan, target)
  const fields = ready.flatMap((one) => findCarriedFields(workspace, one, target))
  const run = { workspace, fields, before }
  const { texts, readsMoved, readsLeft, fieldsRemoved } =
    step === 'readers' ? { ...planReaders(run), fieldsRemoved: [] } : { ...planRemovals(run), readsMoved: 0 }
  const changed = new Map(
    [...texts].filter(([file, text]) => text !== workspace.source(file).text).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  const after = diagnose(workspace, changed)
  return {
    texts: changed,
    moved: 0,
    movedSites: [],
    left: [],
    definitionsMoved: [],
    dropped: [],
    definitionsSplit: [],
    notSplit: [],
    definitionsLeft: waiting,
    readsMoved,
    readsLeft,
    fieldsRemoved: fieldsRemoved.map(toFieldName),
    diagnosticsBefore: countDiagnostics(before),
    diagnosticsAfter: countDiagnostics(after),
    suppressed: [],
    unsettled: [...findNewDiagnostics(before, after)].flatMap(([file, own]) => own.map(({ code }) => ({ file, code }))),
    silenced: changed.size === 0 ? [] : findSilenced(workspace, changed),
  }
}

const toFieldName = ({ definition, name }: CarriedField): string => `${definition.file}#${definition.name}.${name}`

type Carrying = ReturnType<typeof findCarrying>[number]

/** A value that came past the makers has no sealed context to read: its type waits until none is left. */
function chooseTypes(
  scan: ScanResult,
  target: MigrateTarget,
): { readonly ready: readonly Carrying[]; readonly waiting: { definition: string; reason: string }[] } {
  const carrying = findCarrying(scan, target)
  const openOf = ({ definition }: Carrying): readonly Finding[] =>
    scan.findings.filter(
      ({ kind, type }) => type === definition.name && !kind.startsWith('definition') && !shownOnly.has(kind),
    )
  return {
    ready: carrying.filter((one) => openOf(one).length === 0),
    waiting: carrying.flatMap((one) => {
      const open = openOf(one)
      if (open.length === 0) return []
      const places = open.slice(0, 3).map(({ file, line }) => `${file}:${line}`)
      const more = open.length > places.length ? ', …' : ''
      return [
        {
          definition: `${one.definition.file}#${one.definition.name}`,
          reason:
            `${open.length === 1 ? '1 value of it comes' : `${open.length} values of it come`} without a sealed ` +
            `context: settle ${places.join(', ')}${more} first`,
        },
      ]
    }),
  }
}

const shownOnly: ReadonlySet<string> = new Set(['factory', 'identity-provider', 'vouched-reason'])
