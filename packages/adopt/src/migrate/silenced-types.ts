/**
 * Proof that a run silenced nothing: no name of a changed file, or of one that imports it, has the type `any` or a type
 * that does not resolve when it had another one before.
 */
import { posix } from 'node:path'
import { lineOf, parseSyntax } from '../engine/syntax.ts'
import type { Node, SyntaxTree } from '../engine/syntax.ts'
import { walkNodes } from '../engine/syntax-search.ts'
import { isTypedSource } from './own-source.ts'
import { isPropertyName } from './unused-code.ts'
import { clearOverlay, diagnose } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** A name that lost its type: its place in the new text. */
export type Silenced = { readonly file: string; readonly line: number; readonly name: string }

/** @returns The names that lost their type. `texts` are laid over the tree afterwards. */
export const findSilenced = (workspace: Workspace, texts: ReadonlyMap<string, string>): Silenced[] => {
  const files = [...texts.keys(), ...importersOf(workspace, texts)]
  clearOverlay(workspace)
  const before = new Map(files.map((file) => [file, typesOfNames(workspace, file, workspace.edited(file).tree)]))
  diagnose(workspace, texts, new Set())
  return files.flatMap((file) => {
    const text = texts.get(file)
    const oldTree = workspace.edited(file).tree
    const tree = text === undefined ? oldTree : parseSyntax(file, text)
    const known = before.get(file)!
    return [...typesOfNames(workspace, file, tree)].flatMap(([name, { untyped, typed }]) => {
      const old = known.get(name) ?? { untyped: [], typed: 0 }
      // A value that had no type before has none where it is read once more.
      const isWorse = untyped.length > old.untyped.length && (old.untyped.length === 0 || typed < old.typed)
      const isNewName = !new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(oldTree.text)
      // A constant that our edit made of an `any` value is no loss; an import without a type is.
      const lost = isWorse && (!isNewName || isImported(tree, name))
      return lost ? [{ file, line: lineOf(tree.text, untyped[0]!), name }] : []
    })
  })
}

/** Files that import a changed file by a relative path. */
function importersOf(workspace: Workspace, texts: ReadonlyMap<string, string>): string[] {
  const stems = new Set([...texts.keys()].map(stem))
  const all = new Set(workspace.checker.projects.flatMap(({ files }) => files).map(workspace.relativeOf))
  return [...all].filter((file) => {
    if (texts.has(file) || !isTypedSource(file)) return false
    const { text } = workspace.source(file)
    return [...text.matchAll(/from\s*['"](\.[^'"\n]*)['"]/g)].some(([, path]) => {
      const target = stem(posix.join(posix.dirname(file), path!))
      return stems.has(target) || stems.has(`${target}/index`)
    })
  })
}

const stem = (path: string): string => path.replace(/\.[cm]?[jt]sx?$/, '')

/** Where a name has no type, and in how many places it has one. */
type NameTypes = { readonly untyped: readonly number[]; readonly typed: number }

function typesOfNames(workspace: Workspace, file: string, tree: SyntaxTree): Map<string, NameTypes> {
  const names: { name: string; start: number; end: number }[] = []
  walkNodes(tree.program, (node, ancestors) => {
    const parent = ancestors.at(-1)
    // Of `module.Type` the whole is asked: the module's name has no type in the place of one.
    if (node.type === 'TSTypeReference' && node.typeName.type === 'TSQualifiedName')
      names.push({ name: node.typeName.right.name, start: node.start, end: node.end })
    if (node.type === 'Identifier' && parent?.type !== 'TSQualifiedName' && !isPropertyName(node, parent))
      names.push({ name: node.name, start: node.start, end: node.start + node.name.length })
  })
  const types = workspace.projectOf(file)?.typesAt(names.map((one) => workspace.spanOf(file, one))) ?? []
  const found = new Map<string, { untyped: number[]; typed: number }>()
  names.forEach(({ name, start }, index) => {
    const sort = types[index]?.sort
    const own = found.get(name) ?? { untyped: [], typed: 0 }
    found.set(name, own)
    if (sort === 'any' || sort === 'error') own.untyped.push(start)
    else own.typed += 1
  })
  return found
}

function isImported(tree: SyntaxTree, name: string): boolean {
  return tree.program.body.some(
    (node) =>
      (node.type === 'ImportDeclaration' && node.specifiers.some((one) => one.local.name === name)) ||
      (node.type === 'ExportNamedDeclaration' &&
        node.specifiers.some((one) => (one.local as Node & { name?: string }).name === name)),
  )
}
