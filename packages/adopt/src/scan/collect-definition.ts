/**
 * Reads one class, interface or type alias: its fields, what it extends, and where a member can be inserted.
 */
import { childAt, childrenAt, nameOf, type SyntaxNode } from '../engine/syntax.ts'
import type { RawDefinition, RawField, Span, TypeLeaf } from './file-facts.ts'

/** @param exported whether an export statement stands right before it */
export const collectDefinition = (
  node: SyntaxNode,
  text: string,
  enclosing: string,
  { exported }: { readonly exported: boolean },
): RawDefinition | undefined => {
  const id = childAt(node, 'id')
  const name = nameOf(id)
  if (!id || name === undefined) return undefined
  const shared = { name, nameSpan: spanOf(id), start: node.start, end: node.end, exported, enclosing }
  if (node.type === 'TSInterfaceDeclaration') {
    const body = childAt(node, 'body')!
    const heritage = childrenAt(node, 'extends').flatMap((entry) => nameOf(childAt(entry, 'expression')) ?? [])
    return {
      ...shared,
      form: 'interface',
      fields: signatureFields(childrenAt(body, 'body'), text),
      heritage,
      inputs: [],
      aliasOf: undefined,
      body: spanOf(body),
    }
  }
  if (node.type === 'TSTypeAliasDeclaration') {
    const type = childAt(node, 'typeAnnotation')!
    const parts = type.type === 'TSIntersectionType' ? childrenAt(type, 'types') : [type]
    const fields = parts.flatMap((part) =>
      part.type === 'TSTypeLiteral' ? signatureFields(childrenAt(part, 'members'), text) : [],
    )
    const names = parts.flatMap((part) =>
      part.type === 'TSTypeReference' ? (nameOf(childAt(part, 'typeName')) ?? []) : [],
    )
    const aliasOf = type.type === 'TSTypeReference' && !childAt(type, 'typeArguments') ? names[0] : undefined
    return {
      ...shared,
      form: 'type',
      fields,
      heritage: aliasOf === undefined ? names : [],
      inputs: [],
      aliasOf,
      body: spanOf(type),
    }
  }
  const body = childAt(node, 'body')!
  const superName = nameOf(childAt(node, 'superClass'))
  return {
    ...shared,
    form: 'class',
    fields: classFields(childrenAt(body, 'body'), text),
    heritage: superName === undefined ? [] : [superName],
    inputs: constructorInputs(childrenAt(body, 'body')),
    aliasOf: undefined,
    body: spanOf(body),
    ...(isSealed(childrenAt(body, 'body')) && { isSealed: true }),
  }
}

/** A private constructor, and a field that exists in no other class. */
const isSealed = (members: readonly SyntaxNode[]): boolean =>
  members.some((member) => member['kind'] === 'constructor' && member['accessibility'] === 'private') &&
  members.some(
    (member) =>
      member.type === 'PropertyDefinition' &&
      member['static'] !== true &&
      childAt(member, 'key')?.type === 'PrivateIdentifier',
  )

/** Type names that a value of the annotation may have, `Promise`, arrays, `Readonly` and unions opened. */
export const typeLeaves = (type: SyntaxNode | undefined, opened: ReadonlySet<string>): TypeLeaf[] => {
  switch (type?.type) {
    case undefined:
      return []
    case 'TSTypeAnnotation':
    case 'TSParenthesizedType':
      return typeLeaves(childAt(type, 'typeAnnotation'), opened)
    case 'TSTypeOperator':
      return type['operator'] === 'readonly' ? typeLeaves(childAt(type, 'typeAnnotation'), opened) : []
    case 'TSUnionType':
      return childrenAt(type, 'types').flatMap((member) => typeLeaves(member, opened))
    case 'TSArrayType':
      return opened.has('Array') ? typeLeaves(childAt(type, 'elementType'), opened) : []
    case 'TSTypeReference': {
      const name = nameOf(childAt(type, 'typeName'))
      const parameters = childrenAt(childAt(type, 'typeArguments'), 'params')
      if (name !== undefined && parameters.length > 0 && opened.has(name))
        return parameters.flatMap((parameter) => typeLeaves(parameter, opened))
      const qualifier = nameOf(childAt(childAt(type, 'typeName'), 'left'))
      return [{ ...spanOf(type), name, qualifier }]
    }
    case 'TSImportType':
    case 'TSIndexedAccessType':
    case 'TSIntersectionType':
    case 'TSTypeLiteral':
    case 'TSConditionalType':
    case 'TSTypeQuery':
    case 'TSThisType':
      return [{ ...spanOf(type), name: undefined, qualifier: undefined }]
    default:
      return [] // keywords, literals, functions: never the context
  }
}

/** What a factory's return type is looked into for, and what a cast's. */
export const openedByReturn: ReadonlySet<string> = new Set([
  'Promise',
  'PromiseLike',
  'Awaited',
  'Readonly',
  'NonNullable',
])
export const openedByCast: ReadonlySet<string> = new Set([...openedByReturn, 'Array', 'ReadonlyArray', 'Required'])

export const spanOf = ({ start, end }: Span): Span => ({ start, end })

const signatureFields = (members: readonly SyntaxNode[], text: string): RawField[] =>
  members.flatMap((member) => {
    const name = nameOf(childAt(member, 'key'))
    if (
      name === undefined ||
      member['computed'] === true ||
      (member.type !== 'TSPropertySignature' && member.type !== 'TSMethodSignature')
    )
      return []
    const isAccessor = member['kind'] === 'get'
    const type = childAt(childAt(member, isAccessor ? 'returnType' : 'typeAnnotation'), 'typeAnnotation')
    const method = member.type === 'TSMethodSignature' && !isAccessor
    return member['kind'] === 'set'
      ? []
      : [
          {
            name,
            type: type ? text.slice(type.start, type.end) : method ? 'function' : 'any',
            optional: member['optional'] === true,
            method,
          },
        ]
  })

/** Stored fields and constructor parameter properties; statics and setters are no fields, getters are. */
const classFields = (members: readonly SyntaxNode[], text: string): RawField[] =>
  members.flatMap((member) => {
    if (member['static'] === true) return []
    const key = childAt(member, 'key')
    const name = nameOf(key)
    const typeText = (holder: SyntaxNode | undefined): string => {
      const type = childAt(childAt(holder, 'typeAnnotation'), 'typeAnnotation')
      return type ? text.slice(type.start, type.end) : 'inferred'
    }
    if (member.type === 'MethodDefinition' || member.type === 'TSAbstractMethodDefinition') {
      const value = childAt(member, 'value')
      if (member['kind'] === 'constructor')
        return childrenAt(value, 'params').flatMap((parameter) => parameterProperty(parameter, typeText))
      if (name === undefined || member['kind'] === 'set') return []
      const type = childAt(childAt(value, 'returnType'), 'typeAnnotation')
      const method = member['kind'] !== 'get'
      return [
        {
          name,
          type: method ? 'function' : type ? text.slice(type.start, type.end) : 'inferred',
          optional: false,
          method,
        },
      ]
    }
    if (name === undefined || member['computed'] === true || !/PropertyDefinition$|AccessorProperty$/.test(member.type))
      return []
    const value = childAt(member, 'value')?.type ?? ''
    return [
      {
        name,
        type: typeText(member),
        optional: member['optional'] === true,
        method: value.endsWith('FunctionExpression'),
      },
    ]
  })

const constructorInputs = (members: readonly SyntaxNode[]): string[] => {
  const maker = members.find((member) => member['kind'] === 'constructor')
  const annotated = childrenAt(childAt(maker, 'value'), 'params').map((parameter) =>
    parameter.type === 'AssignmentPattern' ? childAt(parameter, 'left') : parameter,
  )
  return annotated
    .flatMap((parameter) => typeLeaves(childAt(parameter, 'typeAnnotation'), openedByInput))
    .flatMap(({ name }) => name ?? [])
}

const openedByInput: ReadonlySet<string> = new Set(['Partial', 'Readonly', 'Required', 'Omit', 'Pick'])

const parameterProperty = (parameter: SyntaxNode, typeText: (holder: SyntaxNode | undefined) => string): RawField[] => {
  if (parameter.type !== 'TSParameterProperty') return []
  const inner = childAt(parameter, 'parameter')
  const target = inner?.type === 'AssignmentPattern' ? childAt(inner, 'left') : inner
  const name = nameOf(target)
  return name === undefined
    ? []
    : [
        {
          name,
          type: typeText(target),
          optional: target?.['optional'] === true || inner?.type === 'AssignmentPattern',
          method: false,
        },
      ]
}
