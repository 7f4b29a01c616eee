/**
 * Says of each file that was left out whether it may hold sites.
 */
import { basename, dirname } from 'node:path'
import type { SkippedFile } from '../engine/source-text.ts'
import { moduleSpecifiersOf } from './module-specifiers.ts'
import type { ScanResult, SkippedFact } from './scan-result.ts'
import type { TypedAnswers } from './typed-answers.ts'
import type { World } from './world.ts'

/** Why sites may be missing from a result; empty where everything that concerns the type was read. */
export const reasonsToDoubt = ({ reasons, skipped }: Pick<ScanResult, 'reasons' | 'skipped'>): string[] => [
  ...reasons,
  ...skipped.filter(({ concerns }) => concerns).map(({ file, reason }) => `Skipped ${file}: ${reason}`),
]

export const toSkippedFacts = (world: World, { duplicates, reach }: TypedAnswers): SkippedFact[] => {
  const names = new Set([world.canonical.name, ...duplicates.map(({ definition }) => definition.raw.name)])
  const naming = new RegExp(
    `(?<![\\w$])(?:${[...names].map((name) => name.replaceAll('$', '\\$')).join('|')})(?![\\w$])`,
  )
  const leadsToType = (path: string, module: string): boolean => {
    const target = world.resolveModule(path, module)
    return target !== undefined && (target === world.canonical.definition.file || (reach?.has(target) ?? false))
  }
  const concerns = ({ path, text }: SkippedFile): boolean =>
    /^tsconfig.*\.json$/.test(basename(path))
      ? [...(reach ?? world.tree.files.keys())].some((file) => file.startsWith(`${dirname(path)}/`))
      : naming.test(text) || moduleSpecifiersOf(text).some((module) => leadsToType(path, module))
  return world.skipped
    .map((skipped) => ({ file: world.relativePath(skipped.path), reason: skipped.reason, concerns: concerns(skipped) }))
    .sort((a, b) => (a.file < b.file ? -1 : 1))
}
