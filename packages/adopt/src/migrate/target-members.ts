/**
 * What every value of the target's type has: a class or a type that means something else by such a name would be read
 * there without a word from the compiler.
 */
import type { MigrateTarget } from './migrate-options.ts'
import { clearOverlay, diagnose } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** By name. `isAlways`: it is never undefined. */
export type TargetMembers = ReadonlyMap<string, { readonly isAlways: boolean }>

const placed = 'probedTarget'

/** Asked as the file sees the type. The overlay is empty before and afterwards. */
export const readTargetMembers = (workspace: Workspace, file: string, target: MigrateTarget): TargetMembers => {
  const { type } = target
  const { text } = workspace.source(file)
  const module = JSON.stringify(workspace.spell(type.module, file))
  const probe = `\n;import { type ${type.name} as ProbedTarget } from ${module}; declare const ${placed}: ProbedTarget;`
  diagnose(workspace, new Map([[file, text + probe]]), new Set())
  const start = text.length + probe.indexOf(placed, probe.indexOf('declare const'))
  const project = workspace.projectOf(file)
  const [found] = project?.typesAt([workspace.spanOf(file, { start, end: start + placed.length })]) ?? []
  const members = new Map<string, { readonly isAlways: boolean }>()
  for (const one of project && found ? project.propertiesOf(found) : []) {
    const mayLack = one.optional || project!.membersOf(one.type).some(({ sort }) => sort === 'nullish')
    if (!one.hidden) members.set(one.name, { isAlways: !mayLack })
  }
  clearOverlay(workspace)
  return members
}
