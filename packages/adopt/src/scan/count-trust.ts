/**
 * How much of what was asked resolved. An unresolved type is a silent `any` and may hide sites.
 */
import type { ResolveModule } from '../engine/module-resolver.ts'
import type { BlindSpots } from './blind-spots.ts'
import type { FileOutline } from './file-facts.ts'
import type { Trust } from './scan-result.ts'

/** Nodes asked about, and those of them whose type did not resolve. */
export type TypeCount = { readonly asked: number; readonly unresolved: number }

/** What a scan read and asked. */
export type Asked = {
  readonly files: readonly FileOutline[]
  readonly resolveModule: ResolveModule
  readonly types: TypeCount
  readonly filesOutsideTsconfig: number
  readonly compilerFailures: number
  readonly spots: BlindSpots
  readonly filesSkipped: number
}

export const toTrust = ({
  files,
  resolveModule,
  types,
  filesOutsideTsconfig,
  compilerFailures,
  spots,
  filesSkipped,
}: Asked): Trust => {
  const unresolved = new Map<string, number>()
  let importsTotal = 0
  let importsUnresolved = 0
  for (const { file, imports, exports } of files) {
    const modules = new Set([...imports.map(({ module }) => module), ...exports.flatMap(({ module }) => module ?? [])])
    for (const module of modules) {
      importsTotal++
      // Styles, images and data carry no types of the family.
      if (
        /\.(css|scss|sass|less|svg|png|jpe?g|gif|json|html|md|txt|graphql|gql|wasm)(\?.*)?$/.test(module) ||
        resolveModule(file, module) !== undefined
      )
        continue
      importsUnresolved++
      unresolved.set(module, (unresolved.get(module) ?? 0) + 1)
    }
  }
  const filesUnresolved = spots.unresolved.length + spots.lost.length
  const filesNotUnderstood = filesSkipped + filesUnresolved + spots.components.length
  const questions = importsTotal + types.asked + filesNotUnderstood
  const failed = importsUnresolved + types.unresolved + compilerFailures + filesNotUnderstood
  return {
    filesAnalysed: files.length,
    filesOutsideTsconfig,
    importsTotal,
    importsUnresolved,
    unresolvedModules: [...unresolved].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 10),
    unresolvedTypes: types.unresolved,
    typesAsked: types.asked,
    compilerFailures,
    filesSkipped,
    filesUnresolved,
    filesNotRead: spots.components.length,
    filesGenerated: spots.generated.length,
    figure: questions === 0 ? 1 : Math.round((1 - failed / questions) * 10_000) / 10_000,
  }
}
