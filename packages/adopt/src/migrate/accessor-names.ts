/**
 * Which names of the tree can be a getter's: only those need a question to the compiler.
 */
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'
import { isTypedSource } from './own-source.ts'
import type { Workspace } from './workspace.ts'

const accessorsOf = new WeakMap<Workspace, ReadonlySet<string> | 'any'>()

/** Names of the getters that the tree declares; `any` where it makes a proxy, which answers to every name. */
export function accessorNames(workspace: Workspace): ReadonlySet<string> | 'any' {
  const known = accessorsOf.get(workspace)
  if (known) return known
  const names = new Set<string>()
  let hasProxy = false
  for (const file of new Set(workspace.checker.projects.flatMap(({ files }) => files).map(workspace.relativeOf))) {
    if (!isTypedSource(file)) continue
    const { text } = workspace.source(file)
    hasProxy ||= /\bProxy\.revocable\b|__defineGetter__/.test(text)
    if (/\bnew\s+Proxy\b/.test(text)) {
      const own = proxyNames(workspace, file)
      hasProxy ||= own === undefined
      for (const name of own ?? []) names.add(name)
    }
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

/** Names that the proxies of a file answer to, as far as their types say; undefined where one of them says none. */
function proxyNames(workspace: Workspace, file: string): readonly string[] | undefined {
  const project = workspace.projectOf(file)
  const names: string[] = []
  let isKnown = project !== undefined
  walkNodes(workspace.edited(file).tree.program, (node) => {
    if (node.type !== 'NewExpression' || keyNameOf(node.callee) !== 'Proxy' || !project) return
    const span = workspace.spanOf(file, node)
    const types = [...project.typesAt([span]), ...project.contextualTypes([span])].flatMap((one) => one ?? [])
    const own = types.flatMap((one) => (one.sort === 'object' ? project.propertiesOf(one) : []))
    isKnown &&= own.length > 0 && types.every(({ sort }) => sort === 'object')
    names.push(...own.map(({ name }) => name))
  })
  return isKnown ? names : undefined
}
