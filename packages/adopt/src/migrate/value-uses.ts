/**
 * Where a name of the tree is used, for what follows a value from one place to the next.
 */
import type { Node } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** `content`: what the value holds, as a list does, and not the value. */
export type Sought = 'value' | 'content'
export type Onward = (file: string, value: Node, sought?: Sought) => void

type Name = { readonly start: number; readonly end: number } & Partial<Pick<Node, 'type'>>
type Use = { readonly file: string; readonly start: number; readonly end: number }
/** One use, and the nodes that hold it, outermost first. */
type PlacedUse = { readonly use: Use; readonly nodes: readonly Node[] }

/** Every node that holds a use of a name, with the use. The overlay must be empty. */
export function eachUse(
  workspace: Workspace,
  file: string,
  name: Name,
  visit: (file: string, node: Node, use: { readonly start: number; readonly end: number }) => void,
): void {
  for (const { use, nodes } of usesOf(workspace, file, name)) for (const node of nodes) visit(use.file, node, use)
}

/**
 * Where what a name stands for is declared: the same for each use of it. Undefined where that is not known. The overlay
 * must be empty.
 */
export function declarationKey(workspace: Workspace, file: string, name: Name): string | undefined {
  const span = spanOf(workspace, file, name)
  const [symbol] = workspace.projectOf(file)?.symbolsAt([span]) ?? []
  if (!symbol || symbol.declarations.length === 0) return undefined
  return symbol.declarations.map((one) => `${one.file}:${one.start}:${one.end}`).join()
}

/** The tree as it was read says the same whoever follows which value: each name is looked up once. */
const usesIn = new WeakMap<Workspace, Map<string, readonly PlacedUse[]>>()

function usesOf(workspace: Workspace, file: string, name: Name): readonly PlacedUse[] {
  const known = usesIn.get(workspace) ?? new Map<string, readonly PlacedUse[]>()
  usesIn.set(workspace, known)
  const span = spanOf(workspace, file, name)
  // A shorthand property is two names at one place.
  const isPlain = workspace.source(file).text.slice(name.start - 1, name.start) === '.'
  const key = (isPlain ? declarationKey(workspace, file, name) : undefined) ?? `${file}:${span.start}:${span.end}`
  const uses = known.get(key) ?? findUses(workspace, span)
  known.set(key, uses)
  return uses
}

function spanOf(workspace: Workspace, file: string, name: Name): ReturnType<Workspace['spanOf']> {
  const end = 'name' in name && typeof name.name === 'string' ? name.start + name.name.length : name.end
  return workspace.spanOf(file, { start: name.start, end })
}

function findUses(workspace: Workspace, span: ReturnType<Workspace['spanOf']>): readonly PlacedUse[] {
  const found: PlacedUse[] = []
  for (const project of workspace.checker.projects) {
    if (!project.files.includes(span.file)) continue
    for (const { file, start, end } of project.referencesTo(span)) {
      const place = workspace.relativeOf(file)
      if (place.startsWith('..')) continue
      const nodes: Node[] = []
      walkNodes(workspace.edited(place).tree.program, (node) => {
        if (node.end < end || node.start > start) return false
        nodes.push(node)
        return true
      })
      found.push({ use: { file: place, start, end }, nodes })
    }
  }
  return found
}
