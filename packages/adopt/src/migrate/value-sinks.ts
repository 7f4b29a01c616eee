/**
 * Places that see more of a value than the fields they name: they write it as text, list its fields or hand it to code
 * of others. A sealed context shows its log fields there, or nothing.
 */
import { calledFunction } from './called-function.ts'
import { findAskedClass } from './class-chain.ts'
import { conversionPattern, expectedIn, findConversion } from './conversions.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { CheckedType, CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import { returnedBy } from './returned-values.ts'
import { copiers, listers, lookers, matchers, ownLookers, printers, routers } from './sink-names.ts'
import type { Workspace } from './workspace.ts'

/**
 * `isDeep`: what the values hold is seen as well. `isCopy`: the fields go to another object. `why` stands around the
 * place.
 */
export type Sink = {
  readonly values: readonly Node[]
  readonly isDeep: boolean
  readonly isCopy?: boolean
  /** Only instances of a class behave otherwise; `asked`: those of the class of that key do, as long as it stays. */
  readonly isOfClass?: boolean
  readonly asked?: string
  readonly why: readonly [before: string, behind: string]
}

/** What a file must hold to have such a place. */
export const mayHaveSink = (text: string): boolean => sinkPattern.test(text)

export type Sinks = {
  /** The place that a node is, or undefined. */
  readonly find: (file: string, node: Node) => Sink | undefined
  /** Spreads into a site of values whose fields are not known: such a site stays. */
  readonly spreadUnknowns: (file: string, node: Node) => readonly Node[]
}

/** The types of a file are asked together, once for all its nodes. The overlay must be empty. */
export const newSinks = (workspace: Workspace, target: MigrateTarget): Sinks => {
  const typesIn = newTypes(workspace)
  const mayBeContext = newContextTest(target)
  const find = (file: string, node: Node): Sink | undefined => {
    const { project, typeOf, isLoose } = typesIn(file)
    const seen = (values: readonly Node[]): readonly Node[] =>
      values.filter((one) => mayBeContext(project, typeOf(one)))
    const listed = [...seen(listedValues(node)), ...patternsWithRest(node).filter((one) => namesField(one, target))]
    if (listed.length > 0) return { values: listed, isDeep: false, isCopy: isCopying(node), why: whyListed }
    const looked = seen(lookedAt(node))
    if (looked.length > 0) return { values: looked, isDeep: false, why: whyLookedAt }
    const conversion = findConversion(node)
    const isListed = (type: CheckedType | undefined): boolean =>
      (project && type ? project.membersOf(type) : []).some(
        (one) => one.sort === 'object' && project!.indexTypesOf(one).some((held) => mayBeContext(project, held)),
      )
    const { values: all = [], isOfContent = false, isOfBoth = false } = conversion ?? {}
    const own = isOfContent ? [] : seen(all)
    const lists = isOfContent || isOfBoth ? all.filter((one) => isListed(typeOf(one))) : []
    const converted = [...new Set([...own, ...lists])]
    if (conversion && converted.length > 0) {
      const { isOfClass = false, asked, why } = conversion
      const isDeep = lists.length > 0
      const key = asked && findAskedClass(workspace, file, asked)
      return { values: converted, isDeep, isOfClass, ...(key !== undefined && { asked: key }), why }
    }
    if (node.type !== 'CallExpression') return undefined
    const [name, owner] = calleeOf(node)
    const given = givenTo(node)
    if (owner === 'JSON' && name === 'stringify') return { values: given.slice(0, 1), isDeep: true, why: whyJson }
    if (copiers.has(name)) return { values: given, isDeep: true, why: toWhyHanded(name) }
    if (matchers.has(name))
      return { values: [...given, ...expectedIn(node.callee as Node)], isDeep: true, why: toWhyHanded(name) }
    const values = handedTo(node).filter(isLoose)
    if (values.length === 0 || calledFunction(workspace, file, node)) return undefined
    return { values, isDeep: true, why: toWhyHanded(name) }
  }
  return {
    find,
    spreadUnknowns: (file, node) =>
      (node.type === 'ObjectExpression' ? listedValues(node) : []).filter((one) =>
        unknownSorts.has(typesIn(file).typeOf(one)?.sort ?? ''),
      ),
  }
}

type FileTypes = {
  readonly project: CheckerProject | undefined
  readonly typeOf: (node: Node) => CheckedType | undefined
  readonly isLoose: (node: Node) => boolean
}

/** Of one file at a time: they are walked one after another. */
function newTypes(workspace: Workspace): (file: string) => FileTypes {
  let last: { readonly file: string; readonly types: FileTypes } | undefined
  return (file) => {
    if (last?.file !== file) last = { file, types: readTypes(workspace, file) }
    return last.types
  }
}

function readTypes(workspace: Workspace, file: string): FileTypes {
  const project = workspace.projectOf(file)
  const [seen, handed]: [Node[], Node[]] = [[], []]
  walkNodes(workspace.edited(file).tree.program, (node) => {
    const converted = (findConversion(node)?.values ?? []).filter(isValue)
    seen.push(
      ...[...listedValues(node), ...lookedAt(node), ...converted]
        .map(unwrapExpression)
        .filter(({ type }) => !isLiteral.test(type)),
    )
    handed.push(...handedTo(node))
  })
  const spanOf = (one: Node): NodeSpan => workspace.spanOf(file, one)
  const found = project?.typesAt(seen.map(spanOf)) ?? []
  const expected = project?.contextualTypes(handed.map(spanOf)) ?? []
  const types = new Map(seen.map((one, at) => [one, found[at]]))
  const loose = new Set(handed.filter((_, at) => looseSorts.has(expected[at]?.sort ?? '')))
  return { project, typeOf: (node) => types.get(unwrapExpression(node)), isLoose: (node) => loose.has(node) }
}

/** Whether a type has a user's id, or does not say. */
function newContextTest(
  target: MigrateTarget,
): (project: CheckerProject | undefined, type: CheckedType | undefined) => boolean {
  const known = new Map<CheckerProject, Map<number, boolean>>()
  return (project, type) => {
    if (!project || !type) return false
    const own = known.get(project) ?? new Map<number, boolean>()
    known.set(project, own)
    if (own.has(type.id)) return own.get(type.id)!
    const answer = project
      .membersOf(type)
      .some(
        (one) =>
          unknownSorts.has(one.sort) ||
          (one.sort === 'other' && project.textOf(one) === 'object') ||
          (['object', 'intersection'].includes(one.sort) && mayHaveUser(project, one, target)),
      )
    own.set(type.id, answer)
    return answer
  }
}

/** The arguments of a call, those of a list that is spread as the list. */
const givenTo = ({ arguments: all }: Extract<Node, { type: 'CallExpression' }>): readonly Node[] =>
  all.map((one) => (one.type === 'SpreadElement' ? one.argument : one) as Node)

/** What a call of a name that others have may write as it is. */
function handedTo(node: Node): readonly Node[] {
  if (node.type !== 'CallExpression') return []
  const [name] = calleeOf(node)
  const given = printers.has(name) || routers.has(name) ? givenTo(node) : []
  return [...(printers.has(name) ? given : []), ...(routers.has(name) ? given.flatMap(returnedBy) : [])].filter(isValue)
}

const whyJson = [
  'it is written as JSON at ',
  ', and the new context gives its log fields there, without the user',
] as const
export const whyListed = ['its fields are listed at ', ', and the new context has others'] as const
const whyLookedAt = ['what it is made of is asked at ', ', and the new context is another object'] as const
const toWhyHanded = (name: string): Sink['why'] => [
  `it is handed to ${name}() at `,
  ', and what that makes of the new context is not known',
]

const isLiteral = /^(?:Object|Array)Expression$/
const looseSorts = new Set<string>(['any', 'unknown'])
const unknownSorts = new Set<string>(['any', 'unknown', 'parameter'])
const calls = ['assign', ...listers, ...lookers, ...copiers, ...matchers, ...printers, ...routers].join('|')
const sinkPattern = new RegExp(
  String.raw`\.\.\.|\bin\b|\b(?:${calls})\s*[(<]|\.(?:${[...ownLookers].join('|')})\b|${conversionPattern}`,
)

function listedValues(node: Node): readonly Node[] {
  if (node.type === 'ForInStatement') return [node.right]
  if (node.type === 'ObjectExpression')
    return node.properties.flatMap((one) => (one.type === 'SpreadElement' ? [one.argument] : []))
  if (node.type === 'VariableDeclarator' && node.id.type === 'ObjectPattern' && node.init)
    return node.id.properties.some(({ type }) => type === 'RestElement') ? [node.init] : []
  if (node.type !== 'CallExpression') return []
  const [name, owner] = calleeOf(node)
  if (owner !== 'Object' && owner !== 'Reflect') return []
  if (listers.has(name)) return node.arguments.slice(0, 1) as Node[]
  return name === 'assign' ? (node.arguments.slice(1) as Node[]) : []
}

/** `Object.hasOwn(value, key)`, `value.hasOwnProperty(key)`, `Object.prototype.hasOwnProperty.call(value, key)`. */
function lookedAt(node: Node): readonly Node[] {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return []
  const [name, owner] = calleeOf(node)
  const [first] = node.arguments as Node[]
  if (lookers.has(name) && (owner === 'Object' || owner === 'Reflect')) return first ? [first] : []
  if (ownLookers.has(name)) return [node.callee.object]
  const { object } = node.callee
  const isHanded =
    name === 'call' && object.type === 'MemberExpression' && ownLookers.has(keyNameOf(object.property) ?? '')
  return isHanded && first ? [first] : []
}

const isCopying = (node: Node): boolean =>
  node.type === 'ObjectExpression' ||
  node.type === 'VariableDeclarator' ||
  /Function/.test(node.type) ||
  (node.type === 'CallExpression' && calleeOf(node)[0] === 'assign')

type Pattern = Extract<Node, { type: 'ObjectPattern' }>

/** Parameters that take what they do not name as a whole: of many functions (components), so by what they name. */
function patternsWithRest(node: Node): readonly Pattern[] {
  if (!/Function/.test(node.type) || !('params' in node)) return []
  return (node.params as Node[]).flatMap((one) => {
    const own = one.type === 'AssignmentPattern' ? (one.left as Node) : one
    return own.type === 'ObjectPattern' && own.properties.some(({ type }) => type === 'RestElement') ? [own] : []
  })
}

const namesField = ({ properties }: Pattern, target: MigrateTarget): boolean =>
  properties.some((one) => one.type === 'Property' && Object.hasOwn(target.fields, keyNameOf(one.key) ?? ''))

/** Of a record of anything no field is known to be there, or not. */
function mayHaveUser(project: CheckerProject, type: CheckedType, target: MigrateTarget): boolean {
  const fields = project.propertiesOf(type)
  if (fields.length > 0) return fields.some(({ name }) => isUser(target, name))
  const held = project.indexTypesOf(type)
  return held.length === 0 || held.some(({ sort }) => looseSorts.has(sort))
}

const isUser = (target: MigrateTarget, name: string): boolean =>
  Object.hasOwn(target.fields, name) && target.fields[name]!.to === 'user'

function calleeOf({ callee }: Extract<Node, { type: 'CallExpression' }>): readonly [name: string, owner: string] {
  const own = callee.type === 'MemberExpression' ? callee.property : callee
  const owner = callee.type === 'MemberExpression' ? keyNameOf(callee.object) : undefined
  return [keyNameOf(own as Node) ?? '', owner ?? '']
}

/** Whether it can hold a context at all. */
const isValue = (node: Node): boolean =>
  !['Literal', 'TemplateLiteral', 'ArrowFunctionExpression', 'FunctionExpression', 'BinaryExpression'].includes(
    node.type,
  )
