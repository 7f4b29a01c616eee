/**
 * Where a name of the tree is used, for what follows a value from one place to the next.
 */
import type { Node } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** `content`: what the value holds, as a list does, and not the value. */
export type Sought = 'value' | 'content'
export type Onward = (file: string, value: Node, sought?: Sought) => void

/** Every node that holds a use of a name, with the use. */
export function eachUse(
  workspace: Workspace,
  file: string,
  name: { readonly start: number; readonly end: number } & Partial<Pick<Node, 'type'>>,
  visit: (file: string, node: Node, use: { readonly start: number; readonly end: number }) => void,
): void {
  const end = 'name' in name && typeof name.name === 'string' ? name.start + name.name.length : name.end
  const span = workspace.spanOf(file, { start: name.start, end })
  for (const project of workspace.checker.projects) {
    if (!project.files.includes(span.file)) continue
    for (const use of project.referencesTo(span)) {
      const place = workspace.relativeOf(use.file)
      if (place.startsWith('..')) continue
      walkNodes(workspace.edited(place).tree.program, (node) => {
        if (node.end < use.end || node.start > use.start) return false
        visit(place, node, use)
        return true
      })
    }
  }
}
