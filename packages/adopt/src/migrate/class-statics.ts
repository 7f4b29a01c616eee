/**
 * Static members of a class that goes away: those which others use live on in a constant of the same name.
 */
import { declaredName } from './definition-uses.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, walkNodes } from '../engine/syntax-search.ts'

/** A member as part of an object literal. */
export type Static = {
  readonly start: number
  readonly end: number
  readonly print: (slice: (start: number, end: number) => string) => string
}

/** The static methods and fields that are used from outside, each as a member of an object literal. */
export const readStatics = (
  node: Node,
  wanted: ReadonlySet<string>,
): { readonly members: readonly Static[] } | { readonly reason: string } => {
  if (node.type !== 'ClassDeclaration') return { members: [] }
  if ((node.body.body as Node[]).some(({ type }) => type === 'StaticBlock'))
    return { reason: 'the class has a static block: what it does would be lost' }
  if (wanted.size === 0) return { members: [] }
  const members: Static[] = []
  // A set that grows while it is walked: a kept member may call others.
  const used = new Set(wanted)
  for (const name of used) {
    const member: Member | undefined = node.body.body.find(
      (one) => 'static' in one && one.static && 'key' in one && keyNameOf(one.key) === name,
    )
    if (member?.type === 'MethodDefinition' && member.kind === 'method') {
      const async = member.value.async ? 'async ' : ''
      const star = member.value.generator ? '*' : ''
      if (mentionsSelf(member))
        return { reason: `the static member ${name} calls the constructor through this or super` }
      for (const other of staticsReadBy(member, keyNameOf(declaredName(node)))) used.add(other)
      members.push({
        start: member.key.start,
        end: member.end,
        print: (slice) => `${async}${star}${slice(member.key.start, member.end)}`,
      })
    } else if (member?.type === 'PropertyDefinition' && member.value) {
      const { value } = member
      members.push({
        start: value.start,
        end: value.end,
        print: (slice) => `${name}: ${slice(value.start, value.end)}`,
      })
    } else if (!wanted.has(name) && !member) continue
    else return { reason: `the static member ${name} is inherited, an accessor or not declared` }
  }
  return { members }
}

type Member = Extract<Node, { type: 'ClassBody' }>['body'][number]

function staticsReadBy(member: Node, className: string | undefined): string[] {
  const names: string[] = []
  walkNodes(member, (node) => {
    if (node.type !== 'MemberExpression' || node.property.type !== 'Identifier') return
    if (node.object.type === 'ThisExpression' || keyNameOf(node.object) === className) names.push(node.property.name)
  })
  return names
}

function mentionsSelf(member: Node): boolean {
  let found = false
  walkNodes(member, (node) => {
    found ||=
      node.type === 'Super' ||
      (node.type === 'NewExpression' && node.callee.type === 'ThisExpression') ||
      node.type === 'PrivateIdentifier'
    return !found
  })
  return found
}
