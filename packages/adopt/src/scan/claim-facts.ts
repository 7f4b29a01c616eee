/**
 * What a file claims about values without making them: type guards, declarations without a value, typed callback
 * parameters.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import { spanOf } from './collect-definition.ts'
import type { RawAnnotation, RawGuard, RawPromise, RawUnpacking, Span } from './file-facts.ts'

/** The predicate of a function's return type, when it has one. */
export const guardOf = (node: SyntaxNode, enclosing: string): RawGuard | undefined => {
  const predicate = childAt(childAt(node, 'returnType'), 'typeAnnotation')
  const claimed = childAt(childAt(predicate, 'typeAnnotation'), 'typeAnnotation')
  if (predicate?.type !== 'TSTypePredicate' || !claimed) return undefined
  const name = nameOf(childAt(predicate, 'parameterName'))
  const judged = childrenAt(node, 'params').find((parameter) => nameOf(parameter) === name)
  return {
    ...spanOf(predicate),
    claimed: spanOf(claimed),
    judged: judged && nameSpanOf(judged),
    enclosing,
  }
}

/** `value as (x: unknown) => x is T`: the function that is asserted to judge need not. */
export const assertedGuardOf = (node: SyntaxNode, enclosing: string): RawGuard | undefined => {
  const guard = guardOf(childAt(node, 'typeAnnotation')!, enclosing)
  return guard && { ...guard, ...spanOf(node) }
}

/** Predicates in the comments of JavaScript: `@returns {value is T}`. */
export const commentGuardsOf = (text: string): RawGuard[] =>
  Array.from(text.matchAll(/\/\*\*(?:(?!\*\/)[^])*?\*\//g)).flatMap(({ index, 0: comment }) => {
    const predicate = /@returns?\s*\{\s*((?:asserts\s+)?([\w$]+)\s+is\s+([^{}]+?))\s*\}/d.exec(comment)
    if (!predicate?.indices) return []
    const spanAt = ([start, end]: readonly [number, number]): Span => ({ start: index + start, end: index + end })
    const parameter = new RegExp(`@param\\s*\\{([^{}]+)\\}\\s*\\[?${predicate[2]!.replaceAll('$', '\\$')}\\b`, 'd')
    const judged = parameter.exec(comment)?.indices?.[1]
    const [, whole, , claimed] = predicate.indices
    return [{ ...spanAt(whole!), claimed: spanAt(claimed!), judged: judged && spanAt(judged), enclosing: '' }]
  })

/** `let c!: T`, and with `isDeclared` every variable that has a type. */
export const promisedVariable = (
  node: SyntaxNode,
  enclosing: string,
  { isDeclared }: { readonly isDeclared: boolean },
): RawPromise | undefined => {
  const id = childAt(node, 'id')
  const annotation = childAt(childAt(id, 'typeAnnotation'), 'typeAnnotation')
  if (id?.type !== 'Identifier' || !annotation || !(isDeclared || node['definite'] === true)) return undefined
  return { ...spanOf(node), name: nameOf(id), promised: spanOf(annotation), enclosing }
}

/** A member of a class that only its declaration promises. */
export const promisedMember = (node: SyntaxNode, place: Place): RawPromise | undefined =>
  node.type === 'MethodDefinition' ? promisedMethod(node, place) : promisedField(node, place)

/** `c!: T` and `declare c: T` in a class, and `static c: T` of one that is only declared. */
const promisedField = (node: SyntaxNode, place: Place): RawPromise | undefined => {
  const annotation = childAt(childAt(node, 'typeAnnotation'), 'typeAnnotation')
  const isPromised =
    node['definite'] === true ||
    node['declare'] === true ||
    // A field of an object may be what its constructor was given.
    (node['optional'] !== true && (node['static'] === true ? isInDeclaredClass(place) : isInUnmadeClass(place)))
  return annotation && isPromised
    ? { ...spanOf(node), name: nameOf(childAt(node, 'key')), promised: spanOf(annotation), enclosing: place.enclosing }
    : undefined
}

/** `of(): T` of a class that is only declared. */
const promisedMethod = (node: SyntaxNode, place: Place): RawPromise | undefined => {
  const promise = isInDeclaredClass(place) ? promisedResult(childAt(node, 'value')!, place.enclosing) : undefined
  return promise && { ...promise, ...spanOf(node), name: nameOf(childAt(node, 'key')) }
}

/** Where a node stands. */
type Place = { readonly file: string; readonly ancestors: readonly SyntaxNode[]; readonly enclosing: string }

/** @param place of a member: its parent is the body of the class */
const isInDeclaredClass = ({ file, ancestors }: Place): boolean =>
  ancestors.at(-2)?.['declare'] === true || isAmbient(ancestors, file)

/** A class of which there is no more than its declaration, and whose objects are given nothing. */
const isInUnmadeClass = ({ ancestors }: Place): boolean => {
  const [owner, body] = ancestors.slice(-2)
  return (
    owner?.['declare'] === true &&
    !childAt(owner, 'superClass') &&
    !childrenAt(body, 'body').some((member) => member['kind'] === 'constructor')
  )
}

/** Fields of an interface that has the name of a class of its file: the class has them without a value. */
export const mergedFields = (node: SyntaxNode, ancestors: readonly SyntaxNode[], enclosing: string): RawPromise[] => {
  const name = nameOf(childAt(node, 'id'))
  const block = ancestors.findLast(({ type }) => /^(?:Program|TSModuleBlock)$/.test(type))
  const classes = childrenAt(block, 'body').map((one) => childAt(one, 'declaration') ?? one)
  const merged = classes.find((one) => one.type === 'ClassDeclaration' && nameOf(childAt(one, 'id')) === name)
  if (!merged || merged['declare'] === true) return []
  const own = childrenAt(childAt(merged, 'body'), 'body').map((member) => nameOf(childAt(member, 'key')))
  return childrenAt(childAt(node, 'body'), 'body').flatMap((member): RawPromise[] => {
    const annotation = childAt(childAt(member, 'typeAnnotation'), 'typeAnnotation')
    const key = nameOf(childAt(member, 'key'))
    const isPromised = member.type === 'TSPropertySignature' && member['optional'] !== true && !own.includes(key)
    return annotation && isPromised ? [{ ...spanOf(member), name: key, promised: spanOf(annotation), enclosing }] : []
  })
}

/** `declare function f(): T`. */
export const promisedResult = (node: SyntaxNode, enclosing: string): RawPromise | undefined => {
  const annotation = childAt(childAt(node, 'returnType'), 'typeAnnotation')
  return annotation && { ...spanOf(node), name: nameOf(childAt(node, 'id')), promised: spanOf(annotation), enclosing }
}

/**
 * Parameters that carry a type, of a function that is a value.
 *
 * @param ancestors the innermost last
 */
export const annotationsOf = (
  node: SyntaxNode,
  ancestors: readonly SyntaxNode[],
  enclosing: string,
): RawAnnotation[] => {
  const [object, property] = ancestors.slice(-2)
  // A method in an object is no value of its own: the object is asked what is expected of it.
  const method = property?.type === 'Property' && property['method'] === true && property['computed'] !== true
  const place = method
    ? { holder: spanOf(object!), member: nameOf(childAt(property, 'key')) }
    : { holder: spanOf(node) }
  return childrenAt(node, 'params').flatMap((parameter, index) => {
    const annotation = childAt(childAt(parameter, 'typeAnnotation'), 'typeAnnotation')
    if (!annotation || parameter.type === 'RestElement') return []
    return [{ ...spanOf(parameter), annotation: spanOf(annotation), ...place, index, enclosing }]
  })
}

/** The targets of a destructuring assignment, and of the head of a loop over a list. */
export const unpackingsOf = (node: SyntaxNode, enclosing: string): RawUnpacking[] => {
  const isLoop = node.type === 'ForOfStatement'

  const value = childAt(node, 'right')!
  const targetsIn = (pattern: SyntaxNode | undefined, path: readonly string[]): RawUnpacking[] => {
    switch (pattern?.type) {
      case 'Identifier':
      case 'MemberExpression':
        return path.length === 0 ? [] : [{ ...spanOf(value), target: targetOf(pattern), path, enclosing }]
      case 'AssignmentPattern':
        return targetsIn(childAt(pattern, 'left'), path)
      case 'ObjectPattern':
        return childrenAt(pattern, 'properties').flatMap((property) => {
          const key = nameOf(childAt(property, 'key'))
          return key === undefined ? [] : targetsIn(childAt(property, 'value'), [...path, key])
        })
      case 'ArrayPattern':
        return ((pattern['elements'] ?? []) as (SyntaxNode | null)[]).flatMap((element, at) =>
          element ? targetsIn(element, [...path, String(at)]) : [],
        )
      default:
        return []
    }
  }
  return targetsIn(childAt(node, 'left'), isLoop ? ['0'] : [])
}

/** A name, or the object and the key of a member. */
const targetOf = (pattern: SyntaxNode): RawUnpacking['target'] => {
  const object = childAt(pattern, 'object')
  return { ...spanOf(pattern), name: nameOf(pattern), object: object && spanOf(object) }
}

const nameSpanOf = (parameter: SyntaxNode): { start: number; end: number } => {
  const { start } = parameter
  return { start, end: start + (nameOf(parameter)?.length ?? 0) }
}

/** Inside `declare global`, `declare module` and declaration files nothing has a value. */
export const isAmbient = (ancestors: readonly SyntaxNode[], file: string): boolean =>
  /\.d\.(?:[^/.]+\.)?[cm]?ts$/.test(file) ||
  ancestors.some(({ type, declare, global }) => type === 'TSModuleDeclaration' && (declare === true || global === true))

/** `new Map()`: it holds nothing, and nobody calls what it will hold `any`. */
export const isEmptyCollection = (node: SyntaxNode): boolean =>
  childrenAt(node, 'arguments').length === 0 &&
  childAt(node, 'typeArguments') === undefined &&
  /^(?:Weak)?(?:Map|Set)$/.test(nameOf(childAt(node, 'callee')) ?? '')

/** `undefined`, `null`, `void 0`. */
export const isNothing = (operand: SyntaxNode | undefined): boolean =>
  operand?.type === 'ParenthesizedExpression'
    ? isNothing(childAt(operand, 'expression'))
    : operand?.['name'] === 'undefined' ||
      (operand?.type === 'Literal' && operand['value'] === null) ||
      (operand?.type === 'UnaryExpression' && operand['operator'] === 'void')
