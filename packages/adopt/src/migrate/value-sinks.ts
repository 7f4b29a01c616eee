/**
 * Places that see more of a value than the fields they name: they write it as text, list its fields or hand it to code
 * of others. A sealed context shows its log fields there, or nothing.
 */
import { calledFunction } from './called-function.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf, unwrapExpression, walkNodes } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

/**
 * `isDeep`: what the values hold is seen as well. `isCopy`: the fields go to another object. `why` stands around the
 * place.
 */
export type Sink = {
  readonly values: readonly Node[]
  readonly isDeep: boolean
  readonly isCopy?: boolean
  readonly why: readonly [before: string, behind: string]
}

/** What a file must hold to have such a place. */
export const mayHaveSink = (text: string): boolean => sinkPattern.test(text)

/** The place that a node is, or undefined. */
export const findSink = (workspace: Workspace, file: string, node: Node, target: MigrateTarget): Sink | undefined => {
  const listed = [
    ...listedValues(node).filter((one) => mayBeContext(workspace, file, one, target)),
    ...patternsWithRest(node).filter((one) => namesField(one, target)),
  ]
  if (listed.length > 0) return { values: listed, isDeep: false, isCopy: isCopying(node), why: whyListed }
  const looked = lookedAt(node).filter((one) => mayBeContext(workspace, file, one, target))
  if (looked.length > 0) return { values: looked, isDeep: false, why: whyLookedAt }
  if (node.type !== 'CallExpression') return undefined
  const [name, owner] = calleeOf(node)
  const given = node.arguments.map((one) => (one.type === 'SpreadElement' ? one.argument : one) as Node)
  if (owner === 'JSON' && name === 'stringify') return { values: given.slice(0, 1), isDeep: true, why: whyJson }
  if (copiers.has(name)) return { values: given, isDeep: true, why: toWhyHanded(name) }
  if (matchers.has(name)) return { values: [...given, ...expectedIn(node)], isDeep: true, why: toWhyHanded(name) }
  if (!(printers.has(name) || routers.has(name)) || calledFunction(workspace, file, node)) return undefined
  const handed = [...(printers.has(name) ? given : []), ...(routers.has(name) ? given.flatMap(returnedBy) : [])]
  const types = workspace.projectOf(file)?.contextualTypes(handed.map((one) => workspace.spanOf(file, one))) ?? []
  const values = handed.filter((one, at) => isValue(one) && looseSorts.has(types[at]?.sort ?? ''))
  return values.length > 0 ? { values, isDeep: true, why: toWhyHanded(name) } : undefined
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

const looseSorts = new Set<string>(['any', 'unknown'])
const unknownSorts = new Set<string>(['any', 'unknown', 'parameter'])
/** They copy what is enumerable, whatever type they say. */
const copiers = new Set(['structuredClone', 'cloneDeep', 'clone', 'pick', 'omit', 'postMessage'])
const matchers = new Set(['toEqual', 'toStrictEqual', 'toMatchObject', 'toMatchSnapshot', 'toMatchInlineSnapshot'])
/** Of frameworks, queues, stores and clients: with a parameter of any type they write what they are given. */
const printers = new Set([
  ...['json', 'jsonp', 'send', 'reply', 'render', 'write', 'end', 'publish', 'enqueue', 'add', 'addJob', 'sendMessage'],
  ...['sendToQueue', 'produce', 'post', 'put', 'patch', 'request', 'serialize', 'encode', 'pack', 'dump', 'hash'],
  ...['set', 'setItem', 'save', 'insert', 'insertOne', 'create', 'update', 'query', 'deepEqual', 'deepStrictEqual'],
  ...['notDeepStrictEqual', 'isEqual', 'stringify', 'setContext', 'setUser', 'setAttributes', 'format'],
])
/** They write what the function that they are given gives back. */
const routers = new Set(['get', 'post', 'put', 'patch', 'delete', 'all', 'route', 'handle', 'query', 'mutation'])
const listers = new Set(['keys', 'values', 'entries', 'getOwnPropertyNames', 'getOwnPropertyDescriptors', 'ownKeys'])
/** Functions of `Object` that tell fields and forms apart, and methods of every object that do. */
const lookers = new Set([
  ...['hasOwn', 'getOwnPropertyDescriptor', 'getPrototypeOf', 'create', 'isFrozen', 'isSealed', 'isExtensible'],
])
const ownLookers = new Set(['hasOwnProperty', 'propertyIsEnumerable'])
const calls = ['assign', ...listers, ...lookers, ...copiers, ...matchers, ...printers, ...routers].join('|')
const sinkPattern = new RegExp(String.raw`\.\.\.|\bin\b|\b(?:${calls})\s*[(<]|\.(?:${[...ownLookers].join('|')})\b`)

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

/** Spreads into a site of values whose fields are not known: such a site stays. */
export const spreadUnknowns = (workspace: Workspace, file: string, node: Node): readonly Node[] => {
  const values = node.type === 'ObjectExpression' ? listedValues(node) : []
  const types = workspace.projectOf(file)?.typesAt(values.map((one) => workspace.spanOf(file, one))) ?? []
  return values.filter((_, at) => unknownSorts.has(types[at]?.sort ?? ''))
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

/** Whether its type has a user's id, or does not say. */
function mayBeContext(workspace: Workspace, file: string, value: Node, target: MigrateTarget): boolean {
  const inner = unwrapExpression(value)
  if (inner.type === 'ObjectExpression' || inner.type === 'ArrayExpression') return false
  const project = workspace.projectOf(file)
  const [type] = project?.typesAt([workspace.spanOf(file, inner)]) ?? []
  if (!project || !type) return false
  return project
    .membersOf(type)
    .some(
      (one) =>
        unknownSorts.has(one.sort) ||
        project.textOf(one) === 'object' ||
        (['object', 'intersection'].includes(one.sort) && mayHaveUser(project.propertiesOf(one), target)),
    )
}

/** An `object` says of no field that it is there, or not. */
const mayHaveUser = (fields: readonly { readonly name: string }[], target: MigrateTarget): boolean =>
  fields.length === 0 || fields.some(({ name }) => isUser(target, name))

const isUser = (target: MigrateTarget, name: string): boolean =>
  Object.hasOwn(target.fields, name) && target.fields[name]!.to === 'user'

/** What a function that is written here gives back. */
function returnedBy(callback: Node): readonly Node[] {
  if (callback.type !== 'ArrowFunctionExpression' && callback.type !== 'FunctionExpression') return []
  const { body } = callback
  if (!body || body.type !== 'BlockStatement') return body ? [body as Node] : []
  const values: Node[] = []
  walkNodes(body as Node, (node) => {
    if (node.type === 'ReturnStatement' && node.argument) values.push(node.argument)
    return !/Function|^Class/.test(node.type)
  })
  return values
}

/** `expect(value)` before a matcher. */
function expectedIn(node: Extract<Node, { type: 'CallExpression' }>): readonly Node[] {
  let inner = node.callee as Node
  while (inner.type === 'MemberExpression') inner = inner.object
  return inner.type === 'CallExpression' ? (inner.arguments as Node[]) : []
}

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
