/**
 * What a run may edit: which definitions, which sites, and which files are tests.
 */
import { posix } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import type { Finding, FindingKind } from '../finding.ts'
import { isOwnerNamed, readCodeOwners } from '../owners/code-owners.ts'
import type { DefinitionFact, ScanResult } from '../scan/scan-result.ts'
import { isFileNamed, splitTypeName } from '../scan/select-canonical.ts'
import { isOwnSource } from './own-source.ts'
import type { DefinitionPlan } from './definition-plan.ts'
import type { MigrateOptions } from './migrate-options.ts'

/** Whether only a part of the tree is edited. Definitions then stay: merging one needs every site of it. */
export const isLimited = ({ only, directory, maxFiles, owner }: MigrateOptions): boolean =>
  (only?.length ?? 0) > 0 || directory !== undefined || maxFiles !== undefined || owner !== undefined

/** The definitions to merge into the target's type, in the order of their files. */
export const chooseDefinitions = (scan: ScanResult, options: MigrateOptions): DefinitionFact[] => {
  if (isLimited(options)) return []
  const wanted = options.definitions
  const isNamed = (one: DefinitionFact): boolean => wanted?.includes(`${one.file}#${one.name}`) ?? false
  const isTaken = (kind: string): boolean =>
    kind === 'definition-equal' ||
    kind === 'definition-overlap' ||
    (kind === 'definition-shape' && (wanted?.includes('all') ?? false))
  const isAutomatic = wanted === undefined || wanted.includes('all')
  const canonical = scan.canonical && (isAutomatic || isNamed(scan.canonical)) ? [scan.canonical] : []
  const others = scan.duplicates
    .filter((one) => (isAutomatic && isTaken(one.kind)) || isNamed(one.definition))
    .map((one) => one.definition)
  // The target's own definition is the one that stays.
  const own = options.target?.type
  const isOwn = (one: DefinitionFact): boolean =>
    own !== undefined &&
    own.name === one.name &&
    own.module.startsWith('./') &&
    stem(own.module.slice(2)) === stem(one.file)
  return [...canonical, ...others].filter((one) => !isOwn(one) && !isForeign(one) && !one.generated)
}

/** Definitions of another name with the same shape, whose constructions are sites beside those of the canonical one. */
export const chooseKin = (scan: ScanResult, options: MigrateOptions): DefinitionFact[] =>
  isLimited(options) || options.definitions !== undefined
    ? []
    : scan.duplicates.flatMap(({ kind, definition }) =>
        kind === 'definition-shape' && !isForeign(definition) && !definition.generated ? [definition] : [],
      )

/** Whether a definition is one of the types that were named for the run. */
export const isNamedIn = ({ scan }: MigrateOptions, { file, name }: DefinitionFact): boolean =>
  (scan.types ?? [])
    .map((type) => splitTypeName(type))
    .some(([path, wanted]) => wanted === name && (path === undefined || isFileNamed(file, path)))

const isForeign = ({ file }: DefinitionFact): boolean => !isOwnSource(file)

/** The sites that may be edited: constructions in scope, those inside a definition that goes away left out. */
export const chooseSites = (
  scan: ScanResult,
  options: MigrateOptions,
  plans: readonly DefinitionPlan[],
): (Finding & { readonly finding: Finding })[] => {
  const isBelow = directoryFilter(scan, options)
  const isOwned = ownerFilter(scan, options)
  const sites = scan.findings
    .filter((one) => isConstruction(one.kind))
    .filter((one) => options.only === undefined || options.only.length === 0 || options.only.includes(one.kind))
    .filter((one) => isBelow(one.file))
    .filter((one) => isOwned(one.file))
    .filter(
      (one) =>
        !plans.some(
          ({ definition }) =>
            definition.file === one.file && definition.start <= one.start && one.end <= definition.end,
        ),
    )
  const files = new Set([...new Set(sites.map((one) => one.file))].slice(0, options.maxFiles))
  return sites.filter((one) => files.has(one.file)).map((one) => ({ ...one, finding: one }))
}

/** @throws {AdoptError} `USAGE` when no file of the tree is below the directory. */
function directoryFilter(scan: ScanResult, { directory, scan: { root } }: MigrateOptions): (file: string) => boolean {
  const normal = posix.normalize(directory ?? '.').replace(/\/?$/, '/')
  if (normal === './') return () => true
  const isBelow = (file: string): boolean => file.startsWith(normal)
  if (Object.keys(scan.digests).some(isBelow)) return isBelow
  throw new AdoptError(
    'USAGE',
    `No file that was analysed is below --dir ${directory}. Name a directory by its path from ${root}.`,
  )
}

/** @throws {AdoptError} `USAGE` when no CODEOWNERS is there, or gives the owner no file of the tree. */
function ownerFilter(scan: ScanResult, { owner, scan: { root } }: MigrateOptions): (file: string) => boolean {
  if (owner === undefined) return () => true
  const ownersOf = readCodeOwners(root)
  if (!ownersOf)
    throw new AdoptError('USAGE', `--owner needs a CODEOWNERS file in the repository of ${root}, in .github or docs.`)
  const isOwned = (file: string): boolean => ownersOf(file).some((one) => isOwnerNamed(one, owner))
  const files = Object.keys(scan.digests)
  if (files.some(isOwned)) return isOwned
  const others = [...new Set(files.flatMap((file) => ownersOf(file)))].sort().slice(0, 10)
  throw new AdoptError(
    'USAGE',
    `CODEOWNERS gives ${owner} no file that was ` +
      `analysed.${others.length > 0 ? ` Owners here: ${others.join(', ')}.` : ''}`,
  )
}

/** What a factory's call can stand for. Other kinds (a type guard, a write) have no such place. */
const isConstruction = (kind: FindingKind): boolean =>
  kind === 'new' ||
  kind === 'any-flow' ||
  kind === 'look-alike' ||
  kind.startsWith('literal') ||
  kind.startsWith('cast')

const stem = (path: string): string => path.replace(/\.[cm]?[jt]sx?$/, '')
