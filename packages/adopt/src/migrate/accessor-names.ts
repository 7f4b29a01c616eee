/**
 * Which names of the tree can be a getter's: only those need a question to the compiler.
 */
import type { Workspace } from './workspace.ts'

const accessorsOf = new WeakMap<Workspace, ReadonlySet<string> | 'any'>()

/** Names of the getters that the tree declares; `any` where it makes a proxy, which answers to every name. */
export function accessorNames(workspace: Workspace): ReadonlySet<string> | 'any' {
  const known = accessorsOf.get(workspace)
  if (known) return known
  const names = new Set<string>()
  let hasProxy = false
  for (const file of new Set(workspace.checker.projects.flatMap(({ files }) => files).map(workspace.relativeOf))) {
    if (file.startsWith('..') || !/(?<!\.d)\.[cm]?tsx?$/.test(file)) continue
    const { text } = workspace.source(file)
    hasProxy ||= /\bnew\s+Proxy\b|\bProxy\.revocable\b|__defineGetter__/.test(text)
    for (const [, name] of text.matchAll(/\bget\s+['"]?([\w$]+)['"]?\s*\(/g)) names.add(name!)
    for (const [, name] of text.matchAll(/\bdefineProperty\([^,]+,\s*['"`]([\w$]+)['"`]/g)) names.add(name!)
    // Computed getters, several at once, and `accessor` fields.
    hasProxy ||= /\bget\s+\[|\bdefineProperties\b|\bObject\.create\([^)]*,/.test(text)
    for (const [, name] of text.matchAll(/\baccessor\s+([\w$]+)/g)) names.add(name!)
  }
  const found = hasProxy ? 'any' : names
  accessorsOf.set(workspace, found)
  return found
}
