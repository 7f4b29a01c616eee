/**
 * Which classes a construction is an instance of, and which class an `instanceof` means: of any other it was none
 * before, and is none as a new context.
 */
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode, unwrapExpression } from '../engine/syntax-search.ts'
import type { DefinitionFact } from '../scan/scan-result.ts'
import { declaredName } from './definition-uses.ts'
import { definitionKey } from './definition-key.ts'
import type { Workspace } from './workspace.ts'

/** Keys of the class and of those above it. `isOpen`: more may be above. */
export type ClassChain = { readonly keys: ReadonlySet<string>; readonly isOpen: boolean }

/** The overlay must be empty. */
export const readClassChain = (workspace: Workspace, file: string, made: Node): ClassChain => {
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, made)]) ?? []
  return project && type ? chainOf(workspace, project, type) : { keys: new Set(), isOpen: true }
}

/** Declarations behind the type that a site makes, those it extends as well; undefined where nothing types it. */
export const madeChain = (
  workspace: Workspace,
  site: NodeSpan,
): (ClassChain & { readonly project: CheckerProject; readonly type: CheckedType }) | undefined => {
  const node = findNode(workspace.edited(site.file).tree, site.start, site.end)?.node
  const project = workspace.projectOf(site.file)
  const inner = node && unwrapExpression(node)
  if (!project || !inner) return undefined
  const spans = [workspace.spanOf(site.file, inner)]
  const [type] = inner.type === 'NewExpression' ? project.typesAt(spans) : project.contextualTypes(spans)
  return type && { ...chainOf(workspace, project, type), project, type }
}

/** Whether what a site makes may be a value of a definition: it is one, fits where one is expected, or is not known. */
export const isValueOf = (
  workspace: Workspace,
  made: ReturnType<typeof madeChain>,
  definition: DefinitionFact,
): boolean => {
  if (!made || made.keys.size === 0 || made.keys.has(definitionKey(definition))) return true
  const expected = declaredTypeOf(workspace, made.project, definition)
  return !expected || made.project.membersOf(made.type).some((one) => made.project.isAssignable(one, expected))
}

/** The type of a definition; undefined where another project has it. */
export const declaredTypeOf = (
  workspace: Workspace,
  project: CheckerProject,
  { file, start, end }: DefinitionFact,
): CheckedType | undefined => {
  const isDefinition = ({ type }: Node): boolean =>
    /^TS(?:Interface|TypeAlias)Declaration$|^ClassDeclaration$/.test(type)
  const name = declaredName(findNode(workspace.edited(file).tree, start, end, isDefinition)?.node)
  const span = name && workspace.spanOf(file, name)
  if (!span || !project.files.includes(span.file)) return undefined
  const [type] = project.typesAt([span])
  // Of a class its name is the constructor.
  const [made] = type ? project.constructSignaturesOf(type) : []
  return made ? made.returns : type
}

/** Declarations behind a type and those that it extends. */
export function chainOf(workspace: Workspace, project: CheckerProject, type: CheckedType): ClassChain {
  const keys = new Set<string>()
  let isOpen = false
  const climb = (one: CheckedType, depth: number): void => {
    const parts = project.membersOf(one)
    if (depth > 8 || parts.length === 0) isOpen = true
    else if (parts.length > 1) for (const part of parts) climb(part, depth)
    else {
      const declared = project.symbolOf(one)?.declarations ?? []
      if (one.sort !== 'object' || declared.length === 0) isOpen = true
      for (const place of declared) keys.add(keyOf(workspace, place))
      for (const base of project.baseTypesOf(one)) climb(base, depth + 1)
    }
  }
  climb(type, 0)
  return { keys, isOpen }
}

/** Key of the class that a name stands for; undefined for what is no class, or answers `instanceof` by its own. */
export const findAskedClass = (workspace: Workspace, file: string, name: Node): string | undefined => {
  const project = workspace.projectOf(file)
  const span = workspace.spanOf(file, name)
  const [symbol] = project?.symbolsAt([span]) ?? []
  const [type] = project?.typesAt([span]) ?? []
  const [place] = symbol?.declarations ?? []
  if (!project || !type || !place || project.constructSignaturesOf(type).length === 0) return undefined
  // A variable or a parameter holds any class.
  const isSame = project.symbolOf(type)?.declarations.some((one) => isPlace(one, place))
  return isSame && !answersItself(project, type) ? keyOf(workspace, place) : undefined
}

const isPlace = (one: NodeSpan, other: NodeSpan): boolean =>
  one.file === other.file && one.start === other.start && one.end === other.end

const answersItself = (project: CheckerProject, type: CheckedType): boolean =>
  project.propertiesOf(type).some(({ name }) => /hasInstance/.test(name))

const keyOf = (workspace: Workspace, { file, end }: { readonly file: string; readonly end: number }): string =>
  definitionKey({ file: workspace.relativeOf(file), end })
