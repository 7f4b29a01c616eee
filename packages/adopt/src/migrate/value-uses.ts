/**
 * Where a name of the tree is used, for what follows a value from one place to the next.
 */
import type { CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
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
 * Where what a name stands for is declared: the same for each use of it, in whichever program. Undefined where that is
 * not known. The overlay must be empty.
 */
export function declarationKey(workspace: Workspace, file: string, name: Name): string | undefined {
  const project = workspace.projectOf(file)
  const [symbol] = project?.symbolsAt([spanOf(workspace, file, name)]) ?? []
  if (!project || !symbol || symbol.declarations.length === 0) return undefined
  const key = symbol.declarations.map((one) => `${one.file}:${one.start}:${one.end}`).join()
  // What the compiler's own library declares is asked of one program alone, and each says something else.
  const isShared = symbol.declarations.every((one) => knowsFile(project, one.file))
  return isShared ? key : `${workspace.checker.projects.indexOf(project)}:${key}`
}

/** The tree as it was read says the same whoever follows which value: each name is looked up once. */
const usesIn = new WeakMap<Workspace, Map<string, readonly PlacedUse[]>>()

function usesOf(workspace: Workspace, file: string, name: Name): readonly PlacedUse[] {
  const known = usesIn.get(workspace) ?? new Map<string, readonly PlacedUse[]>()
  usesIn.set(workspace, known)
  const span = spanOf(workspace, file, name)
  // A shorthand property is two names at one place.
  const isMember = workspace.source(file).text.slice(name.start - 1, name.start) === '.'
  const key = (isMember ? declarationKey(workspace, file, name) : undefined) ?? `${file}:${span.start}:${span.end}`
  const uses = known.get(key) ?? findUses(workspace, file, span, isMember)
  known.set(key, uses)
  return uses
}

function spanOf(workspace: Workspace, file: string, name: Name): NodeSpan {
  const end = 'name' in name && typeof name.name === 'string' ? name.start + name.name.length : name.end
  return workspace.spanOf(file, { start: name.start, end })
}

/** A program gives only the uses in its own files: each is asked that may have some. */
function findUses(workspace: Workspace, asking: string, span: NodeSpan, isMember: boolean): readonly PlacedUse[] {
  const uses = new Map<string, NodeSpan>()
  const declared = workspace.checker.projects.length > 1 ? declaredNames(workspace, asking, span, isMember) : []
  for (const project of workspace.checker.projects) {
    const names = knowsFile(project, span.file) ? [span] : declared.filter((one) => knowsFile(project, one.file))
    for (const one of names.flatMap(project.referencesTo)) uses.set(`${one.file}:${one.start}:${one.end}`, one)
  }
  return [...uses.values()].flatMap(({ file, start, end }) => {
    const place = workspace.relativeOf(file)
    if (place.startsWith('..')) return []
    const nodes: Node[] = []
    walkNodes(workspace.edited(place).tree.program, (node) => {
      if (node.end < end || node.start > start) return false
      nodes.push(node)
      return true
    })
    return [{ use: { file: place, start, end }, nodes }]
  })
}

/** Names in the declarations of what a name stands for; none of what no other file can name. */
function declaredNames(workspace: Workspace, file: string, span: NodeSpan, isMember: boolean): readonly NodeSpan[] {
  const project = workspace.projectOf(file)
  const [symbol] = (isMember ? project?.symbolsAt([span]) : project?.valueSymbolsAt([span])) ?? []
  return (symbol?.declarations ?? []).flatMap((declaration) => {
    if (!project || !symbol || !knowsFile(project, declaration.file)) return []
    const found = nameIn(workspace, declaration, symbol.name)
    return found ? [{ file: declaration.file, start: found.start, end: found.end }] : []
  })
}

function nameIn(workspace: Workspace, { file, start, end }: NodeSpan, name: string): NodeSpan | undefined {
  let found: NodeSpan | undefined
  walkNodes(workspace.edited(workspace.relativeOf(file)).tree.program, (node, ancestors) => {
    if (found || node.end < start || node.start > end || node.type === 'Decorator') return false
    const isName = keyNameOf(node) === name || (name === 'default' && node.type === 'Identifier')
    if (!isName || node.start < start || node.end > end) return true
    const isInside = ancestors.some((one) => /Function/.test(one.type) && (one as { id?: Node }).id !== node)
    if (isInside && !ancestors.slice(-2).some(({ type }) => memberTypes.test(type))) return false
    // Of a parameter the node spans its type as well.
    found = { file, start: node.start, end: node.type === 'Identifier' ? node.start + node.name.length : node.end }
    return false
  })
  return found
}

const memberTypes = /^(?:Property|PropertyDefinition|MethodDefinition|AccessorProperty|TS\w*(?:Property|Method)\w*)$/

const knownFiles = new WeakMap<CheckerProject, ReadonlySet<string>>()

function knowsFile(project: CheckerProject, file: string): boolean {
  const files = knownFiles.get(project) ?? new Set(project.fileNames())
  knownFiles.set(project, files)
  return files.has(file)
}
