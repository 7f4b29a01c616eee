/**
 * A key for the answers about each file: it changes with the file, with what the file can see of others, near and far,
 * and with nothing else.
 */
import { hash } from 'node:crypto'
import type { ResolveModule } from '../../engine/module-resolver.ts'
import type { FileOutline } from '../file-facts.ts'

export type AnswerKeys = {
  /** Key of everything that other files can see of a file. */
  readonly visibleOf: (file: string) => string
  /** The file's own text and everything that it can see. */
  readonly keyOf: (file: string, digest: string) => string
}

type Node = { readonly lines: string; readonly targets: readonly string[] }

export const newAnswerKeys = (outlines: ReadonlyMap<string, FileOutline>, resolveModule: ResolveModule): AnswerKeys => {
  const nodes = new Map<string, Node>()
  for (const { file, modules, shape } of outlines.values()) {
    const edges = modules.map((module) => [module, resolveModule(file, module)] as const)
    const lines = [file, shape, ...edges.map(([module, target]) => `${module} ${target ?? ''}`).sort()].join('\n')
    nodes.set(file, { lines, targets: edges.flatMap(([, target]) => (target && outlines.has(target) ? target : [])) })
  }
  const visible = hashCircles(nodes)
  return {
    visibleOf: (file) => visible.get(file) ?? '',
    keyOf: (file, digest) => digestOf([digest, visible.get(file) ?? '']),
  }
}

const digestOf = (lines: readonly string[]): string => hash('sha256', lines.join('\n'), 'hex')

/**
 * Files that import each other in a circle see the same: each circle has one key. Tarjan's algorithm, without
 * recursion.
 */
const hashCircles = (nodes: ReadonlyMap<string, Node>): ReadonlyMap<string, string> => {
  const keys = new Map<string, string>()
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const enter = (file: string): { file: string; next: number } => {
    order.set(file, order.size)
    low.set(file, order.get(file)!)
    open.push(file)
    isOpen.add(file)
    return { file, next: 0 }
  }
  const close = (file: string): void => {
    const members = open.splice(open.lastIndexOf(file))
    for (const member of members) isOpen.delete(member)
    const inside = new Set(members)
    const targets = new Set(members.flatMap((member) => nodes.get(member)!.targets.filter((one) => !inside.has(one))))
    const key = digestOf([
      ...members.map((member) => nodes.get(member)!.lines).sort(),
      ...[...targets].map((target) => keys.get(target)!).sort(),
    ])
    for (const member of members) keys.set(member, key)
  }
  for (const start of nodes.keys()) {
    if (order.has(start)) continue
    const path = [enter(start)]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { file } = top
      const target = nodes.get(file)!.targets[top.next++]
      if (target === undefined) {
        if (low.get(file) === order.get(file)) close(file)
        path.pop()
        const above = path.at(-1)?.file
        if (above !== undefined) low.set(above, Math.min(low.get(above)!, low.get(file)!))
      } else if (!order.has(target)) path.push(enter(target))
      else if (isOpen.has(target)) low.set(file, Math.min(low.get(file)!, order.get(target)!))
    }
  }
  return keys
}
