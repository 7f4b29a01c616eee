/**
 * The function that a call runs.
 */
import type { Node } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'
import { isOwnSource } from './own-source.ts'
import type { Workspace } from './workspace.ts'

/** Only where it is of the tree, and has a body. The overlay must be empty: the compiler is asked. */
export const calledFunction = (
  workspace: Workspace,
  file: string,
  call: Node,
): { readonly file: string; readonly node: Node & { readonly body: Node } } | undefined => {
  const [declared] = workspace.projectOf(file)?.calledDeclarations([workspace.spanOf(file, call)]) ?? []
  const owner = declared && workspace.relativeOf(declared.file)
  if (owner === undefined || !isOwnSource(owner)) return undefined
  let found: (Node & { readonly body: Node }) | undefined
  walkNodes(workspace.edited(owner).tree.program, (node) => {
    const isFunction = 'body' in node && node.body && /Function/.test(node.type)
    if (isFunction && node.end === declared!.end && node.start >= declared!.start)
      found ??= node as Node & { readonly body: Node }
    return !found
  })
  return found && { file: owner, node: found }
}
