/**
 * What the parameters of a constructor bind: the names by which its statements read what is given.
 */
import type { CheckScope } from './constructor-checks.ts'
import type { FieldManner } from './field-manners.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { Node } from '../engine/syntax.ts'
import { keyNameOf } from '../engine/syntax-search.ts'
import type { Workspace } from './workspace.ts'

export type Default = { readonly node: Node; readonly text: string }
export type Defaults = Map<string, Default>
export type Manners = Map<string, FieldManner>
/** What is found out on the way. */
export type Found = { readonly defaults: Defaults; readonly manners: Manners }
export type Reader = {
  readonly workspace: Workspace
  readonly target: MigrateTarget
  readonly file: string
  readonly scope: CheckScope
  /** Field of each name that the parameters bind. */
  readonly bound: ReadonlyMap<string, string>
  /** Defaults that stand in the parameters, by field. */
  readonly inParameters: readonly (readonly [string, Node])[]
  readonly defaults: Defaults
  readonly manners: Manners
}

/**
 * The field that a parameter stands for: `private readonly _userId` is kept for a getter `userId`, and is read through
 * it.
 */
export const fieldOfParameter = (node: Node, fields: MigrateTarget['fields']): string | undefined => {
  const parameter = node.type === 'TSParameterProperty' ? (node.parameter as Node) : node
  const name = keyNameOf(parameter.type === 'AssignmentPattern' ? (parameter.left as Node) : parameter)
  const bare = name?.replace(/^_/, '') ?? ''
  const isKept = node.type === 'TSParameterProperty' && name !== undefined && !Object.hasOwn(fields, name)
  return isKept && Object.hasOwn(fields, bare) ? bare : name
}

/** Undefined where a parameter binds what has no name. */
export function toReader(
  workspace: Workspace,
  file: string,
  parameters: readonly Node[],
  target: MigrateTarget,
  { defaults, manners }: Found,
): Reader | undefined {
  const bound = new Map<string, string>()
  const given: (readonly [string, Node])[] = []
  let bag: string | undefined
  let rest: string | undefined
  for (const one of parameters) {
    const parameter = one.type === 'TSParameterProperty' ? (one.parameter as Node) : one
    const inner = parameter.type === 'AssignmentPattern' ? (parameter.left as Node) : parameter
    if (inner.type === 'RestElement') rest = keyNameOf(inner.argument as Node)
    else if (inner.type === 'ObjectPattern') {
      for (const property of inner.properties) {
        const value = property.type === 'Property' ? (property.value as Node) : undefined
        const name = value && keyNameOf(value.type === 'AssignmentPattern' ? (value.left as Node) : value)
        const field = property.type === 'Property' && !property.computed ? keyNameOf(property.key as Node) : undefined
        if (name === undefined || field === undefined) return undefined
        bound.set(name, field)
        if (value?.type === 'AssignmentPattern') given.push([field, value.right])
      }
    } else {
      const [name, field] = [keyNameOf(inner), fieldOfParameter(one, target.fields)]
      if (name === undefined || field === undefined) return undefined
      if (parameters.length === 1 && !Object.hasOwn(target.fields, field)) bag = name
      else bound.set(name, field)
      if (parameter.type === 'AssignmentPattern' && bag === undefined) given.push([field, parameter.right])
    }
  }
  const isDropped = (field: string): boolean => target.fields[field]?.to === 'drop'
  const isId = (field: string): boolean => {
    const home = Object.hasOwn(target.fields, field) ? target.fields[field] : undefined
    return home?.to === 'user' || home?.to === 'drop' || home?.wrap !== undefined
  }
  const values = new Map([...bound].filter(([, field]) => isId(field)))
  const onDemand = (field: string, demandedAt: string): void =>
    void manners.set(field, { ...manners.get(field), demandedAt })
  const placeholders = target.placeholders ?? []
  const scope = { file, values, bag, rest, isId, isDropped, placeholders, onDemand, onWord: () => {} }
  return { workspace, target, file, scope, bound, inParameters: given, defaults, manners }
}
