/**
 * Sites whose value reaches a place where a sealed context behaves otherwise than the object did: a write (it is
 * frozen), JSON (it gives log fields, without the user), a list of its fields, code of others. Followed backwards.
 */
import type { ClassChain } from './class-chain.ts'
import { writesBehind } from './folded-writes.ts'
import { isTypedSource } from './own-source.ts'
import { newOrigins } from './value-origins.ts'
import { mayHaveSink, newSinks, whyListed } from './value-sinks.ts'
import { lineOf } from '../engine/syntax.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import { writtenPlaces } from './written-places.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Workspace } from './workspace.ts'

/** `isCopy`: what holds more than a context can be copied all the same. */
export type Reached = { readonly why: string; readonly isCopy: boolean }

/** `made`: the classes of what a site calls. `moved`: keys of the definitions that become the new type. */
type MadeBy = { readonly made: ClassChain | undefined; readonly moved: ReadonlySet<string> }
export type FindReached = (span: string, by: () => MadeBy) => Reached | undefined

/**
 * Why each expression is left where it is a site, by its span. The overlay must be empty.
 *
 * @param isSite - Whether a node is a site: what one is given is not seen by anything else.
 */
export const newReachedSites = (
  workspace: Workspace,
  target: MigrateTarget,
  isSite: (file: string, node: Node) => boolean,
): FindReached => {
  const found = new Map<string, ReachedBy>()
  const sinks = newSinks(workspace, target)
  const names = Object.keys(target.fields).join('|')
  const place = `(?:\\.(?:${names})\\b[^\\n=]*|\\][^\\n=\\]]*)`
  const patterns = `\\.(?:${names})\\b[^=;]*[\\]}]\\s*=(?![=>])|\\bfor\\b[^=;]*\\.(?:${names})\\b[^=;]*?\\b(?:of|in)\\b`
  const mayWrite = new RegExp(
    `${place}(?:[-+*/|&?]*=(?![=>])|\\+\\+|--)|\\bdelete\\b|\\b(?:${[...writers].join('|')})\\s*\\(|${patterns}`,
  )
  const files = new Set(workspace.checker.projects.flatMap((one) => one.files).map(workspace.relativeOf))
  for (const file of files) {
    if (!isTypedSource(file)) continue
    const { text } = workspace.source(file)
    if (!mayWrite.test(text) && !mayHaveSink(text)) continue
    walkNodes(workspace.edited(file).tree.program, (node, ancestors) => {
      const at = `${file}:${lineOf(text, node.start)}`
      const reach = (
        value: Node,
        why: string,
        { isDeep = false, isCopy = false, isOfClass = false, asked }: Reaching = {},
      ): void => {
        // Each kind of place follows a value on its own: what one has seen says nothing of another.
        const kind = asked ?? (isOfClass ? anyClass : isCopy ? 'copy' : 'any')
        const { reached, followOrigins } = found.get(kind) ?? {
          reached: new Map(),
          followOrigins: newOrigins(workspace),
        }
        found.set(kind, { reached, followOrigins })
        const note = (key: string): void => {
          if (!reached.has(key)) reached.set(key, { why, isCopy })
        }
        followOrigins(file, value, note)
        if (isDeep) followOrigins(file, value, note, 'content')
      }
      if (isInSite(node, ancestors, (one) => isSite(file, one))) {
        for (const value of sinks.spreadUnknowns(file, node)) reach(value, whyListed.join(at))
        return
      }
      const written = isFolding(node, ancestors, (one) => isSite(file, one)) ? [] : writtenValues(node, target)
      for (const value of written) reach(value, `a field of it is written to at ${at}, and the new context is frozen`)
      const sink = sinks.find(file, node)
      for (const value of sink?.values ?? []) reach(value, sink!.why.join(at), sink)
    })
  }
  return (span, by) => {
    const plain = (found.get('any') ?? found.get('copy'))?.reached.get(span) ?? found.get('copy')?.reached.get(span)
    if (plain) return plain
    const others = [...found].filter(([kind, { reached }]) => !/^(?:any|copy)$/.test(kind) && reached.has(span))
    if (others.length === 0) return undefined
    const { made, moved } = by()
    const differs = others.find(([kind]) => {
      const wasOne = made?.keys.has(kind) ?? false
      // A class that moves is answered for by the guard: true of what it made, and of any other context since.
      return moved.has(kind) ? !wasOne : wasOne || (made !== undefined && (made.isOpen || kind === anyClass))
    })
    return differs?.[1].reached.get(span)
  }
}

/** A place that checks for a class which is not known, or for any. */
const anyClass = 'class'

type Reaching = {
  readonly isDeep?: boolean
  readonly isCopy?: boolean
  readonly isOfClass?: boolean
  readonly asked?: string
}
type ReachedBy = {
  readonly reached: Map<string, Reached>
  readonly followOrigins: ReturnType<typeof newOrigins>
}

/** A site, or what a site spreads into itself. */
function isInSite(node: Node, ancestors: readonly Node[], isSite: (node: Node) => boolean): boolean {
  if (node.type !== 'ObjectExpression') return false
  if (isSite(node)) return true
  const outer = ancestors.findLastIndex(({ type }) => !passedOn.test(type))
  return ancestors.slice(outer + 1).some(isSite)
}

const passedOn =
  /^(?:SpreadElement|ObjectExpression|NewExpression|Logical\w+|Conditional\w+|Parenthesized\w+|TS\w+Expression)$/

/** A write right behind the site that makes the value: its plan says whether it stays. */
function isFolding(node: Node, ancestors: readonly Node[], isSite: (node: Node) => boolean): boolean {
  const block = ancestors.at(-2)
  if (node.type !== 'AssignmentExpression' || block?.type !== 'BlockStatement') return false
  const before = block.body.slice(0, block.body.indexOf(ancestors.at(-1) as never)).findLast(isDeclaration)
  const init = before?.type === 'VariableDeclaration' ? before.declarations[0]?.init : undefined
  const found = init && [init, unwrapExpression(init)].find(isSite)
  if (!found) return false
  const above = [...ancestors.slice(0, -1), before as Node, (before as { declarations: Node[] }).declarations[0]!]
  return writesBehind({ node: init, ancestors: above }).writes.some(({ statement }) => statement === ancestors.at(-1))
}

const isDeclaration = ({ type }: { readonly type: string }): boolean => type === 'VariableDeclaration'

const writers = new Set(['assign', 'defineProperty', 'defineProperties', 'set', 'deleteProperty'])

/** The values of which a field is written to, if they are contexts: `holder.c` of `holder.c.userId = …`. */
function writtenValues(node: Node, target: MigrateTarget): readonly Node[] {
  if (node.type === 'CallExpression') {
    const { callee } = node
    const owner = callee.type === 'MemberExpression' ? keyNameOf(callee.object) : undefined
    const name = callee.type === 'MemberExpression' ? keyNameOf(callee.property as Node) : undefined
    const isWriting = (owner === 'Object' || owner === 'Reflect') && writers.has(name ?? '')
    return isWriting ? (node.arguments.slice(0, 1) as Node[]) : []
  }
  const values: Node[] = []
  for (const place of writtenPlaces(node)) {
    let inner = unwrapExpression(place)
    while (inner.type === 'MemberExpression') {
      const object = unwrapExpression(inner.object)
      if (mayBeField(inner, target) && object.type !== 'ThisExpression') values.push(object)
      inner = object
    }
  }
  return values
}

type Member = Extract<Node, { type: 'MemberExpression' }>

/** A key that the source does not write down may be any field. */
function mayBeField({ computed, property }: Member, target: MigrateTarget): boolean {
  const key = unwrapExpression(property)
  const name = computed && key.type !== 'Literal' ? undefined : keyNameOf(key)
  return name === undefined ? key.type !== 'Literal' : Object.hasOwn(target.fields, name)
}
