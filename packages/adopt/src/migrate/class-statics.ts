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

/** `asksClass`: one of them asks `instanceof` its own class, which the constant has to answer. */
export type KeptStatics = { readonly members: readonly Static[]; readonly asksClass: boolean }

/** The static methods and fields that are used from outside, each as a member of an object literal. */
export const readStatics = (node: Node, wanted: ReadonlySet<string>): KeptStatics | { readonly reason: string } => {
  const none = { members: [], asksClass: false }
  if (node.type !== 'ClassDeclaration') return none
  if ((node.body.body as Node[]).some(({ type }) => type === 'StaticBlock'))
    return { reason: 'the class has a static block: what it does would be lost' }
  if (wanted.size === 0) return none
  const members: Static[] = []
  let asksClass = false
  // A set that grows while it is walked: a kept member may call others.
  const used = new Set(wanted)
  for (const name of used) {
    const [member, ...others]: Member[] = node.body.body.filter(
      (one) => 'static' in one && one.static && 'key' in one && keyNameOf(one.key) === name,
    )
    if (others.length > 0) return { reason: `the static member ${name} is declared more than once` }
    const mentions = member && mentionsIn(member, keyNameOf(declaredName(node)))
    if (mentions?.isWhole)
      return { reason: `the static member ${name} uses the class itself as a value, through its name, this or super` }
    asksClass ||= mentions?.asksClass ?? false
    for (const other of mentions?.names ?? []) used.add(other)
    if (member?.type === 'MethodDefinition' && member.kind === 'method') {
      const async = member.value.async ? 'async ' : ''
      const star = member.value.generator ? '*' : ''
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
    } else return { reason: `the static member ${name} is inherited, an accessor or not declared` }
  }
  return { members, asksClass }
}

type Member = Extract<Node, { type: 'ClassBody' }>['body'][number]
/** `isWhole`: what is done with the class cannot be done with a constant that has its members. */
type Mentions = { readonly names: readonly string[]; readonly asksClass: boolean; readonly isWhole: boolean }

/** How a static member mentions its own class, by name or by `this`. */
function mentionsIn(member: Member, className: string | undefined): Mentions {
  const names: string[] = []
  let asksClass = false
  let isWhole = false
  walkNodes(member as Node, (node, ancestors) => {
    const parent = ancestors.at(-1)
    if (node.type === 'Super' || node.type === 'PrivateIdentifier') isWhole = true
    const isThis = node.type === 'ThisExpression'
    const isName = node.type === 'Identifier' && node.name === className && !isNoValue(node, parent)
    if (!isThis && !isName) return
    // While a field is initialised the class is there, and the constant is not yet; `this` is what is around it.
    const isMade = isName && parent?.type === 'NewExpression' && parent.callee === node
    const isOuter = member.type === 'PropertyDefinition' && !ancestors.some(isThis ? hasOwnThis : isFunction)
    if (isMade) return
    if (isOuter) isWhole = true
    else if (parent?.type === 'MemberExpression' && parent.object === node && !parent.computed)
      names.push(keyNameOf(parent.property) ?? '')
    else if (parent?.type === 'BinaryExpression' && parent.operator === 'instanceof' && parent.right === node)
      asksClass = true
    else isWhole = true
  })
  return { names, asksClass, isWhole }
}

const hasOwnThis = ({ type }: Node): boolean => type === 'FunctionExpression' || type === 'FunctionDeclaration'

const isFunction = ({ type }: Node): boolean => /Function/.test(type)

function isNoValue(node: Node, parent: Node | undefined): boolean {
  if (/^TS(?:TypeReference|QualifiedName|TypeQuery|TypePredicate)$/.test(parent?.type ?? '')) return true
  if (parent?.type === 'MemberExpression') return parent.property === node && !parent.computed
  return parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand
}
