/**
 * Refuses a run whose target does not resolve: every new type would be `any`, and nothing could be proved.
 */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { AdoptError } from '../adopt-error.ts'
import type { ScanResult } from '../scan/scan-result.ts'
import type { ImportedName, MigrateTarget } from './migrate-options.ts'
import { clearOverlay, diagnose } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/**
 * Codes of the compiler for a module or a name of it that is not there, has no types, or cannot be loaded from here.
 */
const absentCodes: ReadonlySet<number> = new Set([
  1192, 1479, 1541, 1542, 2305, 2306, 2307, 2614, 2724, 2732, 2792, 7016,
])

/**
 * Asks the compiler, for one file of each package that the run may edit, whether the target's modules resolve there.
 * The overlay is empty before and afterwards.
 *
 * @throws {AdoptError} `TARGET_ABSENT`, with the packages to install the target in.
 */
export const assertTargetResolves = (
  workspace: Workspace,
  scan: ScanResult,
  targetFor: (file: string) => MigrateTarget,
): void => {
  const files = new Set([
    ...(scan.canonical ? [scan.canonical.file] : []),
    ...scan.duplicates.map(({ definition }) => definition.file),
    ...scan.findings.map(({ file }) => file),
  ])
  const byPlace = new Map<string, { file: string; names: readonly ImportedName[] }>()
  for (const file of files) {
    if (file.startsWith('..') || file.split('/').includes('node_modules') || !workspace.projectOf(file)) continue
    const target = targetFor(file)
    const place = packageDirectory(workspace.root, posix.dirname(file))
    byPlace.set(`${place}\0${target.type.module}`, { file, names: [target.type, ...target.imports] })
  }
  const texts = new Map<string, string>()
  for (const { file, names } of byPlace.values()) {
    const { text } = workspace.source(file)
    const own = names.filter(({ module }) => !module.startsWith('./'))
    if (own.length > 0 && !/\.d\.[cm]?ts$/.test(file))
      texts.set(file, `${text}\n;${[...new Set(own.map(printProbe))].join(';')}`)
  }
  if (texts.size === 0) return
  const found = diagnose(workspace, texts, new Set(texts.keys()))
  clearOverlay(workspace)
  const absent = [...byPlace.values()].flatMap(({ file, names }) => {
    const end = workspace.source(file).text.length
    const hit = found.get(file)?.find(({ start, code }) => start >= end && absentCodes.has(code))
    return hit
      ? [{ directory: packageDirectory(workspace.root, posix.dirname(file)), module: names[0]!.module, ...hit }]
      : []
  })
  if (absent.length === 0) return
  const { module, code } = absent[0]!
  const directories = [...new Set(absent.map(({ directory }) => (directory === '.' ? 'the root' : directory)))].sort()
  throw new AdoptError(
    'TARGET_ABSENT',
    `${module} does not resolve in ${directories.join(', ')} (TS${code}): install it there first, then run migrate ` +
      'again. ' +
      'Without its types no edit can be proved. No file was changed.',
  )
}

const printProbe = ({ module, name }: ImportedName): string =>
  `import { ${name} as probed${name} } from ${JSON.stringify(module)}`

/** The nearest directory with a package.json, relative to the root. */
function packageDirectory(root: string, directory: string): string {
  if (directory === '.' || existsSync(join(root, directory, 'package.json'))) return directory
  return packageDirectory(root, posix.dirname(directory))
}
