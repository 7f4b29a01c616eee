/**
 * Who calls the function that a site stands in: the people to ask about it.
 */
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { findNode } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/** @returns Gives the callers of the function around a place as `file:line`, sorted. Asked once for each function. */
export const findCallersOf = (
  workspace: Workspace,
): ((file: string, place: { readonly start: number; readonly end: number }) => readonly string[]) => {
  const known = new Map<string, readonly string[]>()
  return (file, place) => {
    const name = enclosingName(workspace, file, place)
    if (!name) return []
    const key = `${file}:${name.start}`
    if (!known.has(key)) known.set(key, callersOf(workspace, file, name))
    return known.get(key)!
  }
}

type NameSpan = { readonly start: number; readonly end: number }

function enclosingName(workspace: Workspace, file: string, { start, end }: NameSpan): NameSpan | undefined {
  const ancestors = findNode(workspace.edited(file).tree, start, end)?.ancestors ?? []
  for (let index = ancestors.length - 1; index >= 0; index--) {
    const node = ancestors[index]!
    if (!['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(node.type)) continue
    const parent = ancestors[index - 1]
    const name =
      'id' in node && node.id
        ? (node.id as Node)
        : parent?.type === 'MethodDefinition' || parent?.type === 'PropertyDefinition'
          ? parent.key
          : parent?.type === 'VariableDeclarator'
            ? parent.id
            : undefined
    if (name?.type === 'Identifier') return { start: name.start, end: name.start + name.name.length }
  }
  return undefined
}

function callersOf(workspace: Workspace, file: string, name: NameSpan): readonly string[] {
  const references = workspace.projectOf(file)?.referencesTo(workspace.spanOf(file, name)) ?? []
  const calls = references.flatMap((one) => {
    const place = workspace.relativeOf(one.file)
    if (place.startsWith('..') || (place === file && one.start === name.start)) return []
    const { text } = workspace.source(place)
    return /^\s*(?:<[^>]*>)?\s*\(/.test(text.slice(one.end)) ? [`${place}:${lineOf(text, one.start)}`] : []
  })
  return [...new Set(calls)].sort()
}
