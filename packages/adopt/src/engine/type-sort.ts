/**
 * Sorts a type that is no error by its flags. Both compilers name their flags alike.
 */
import type { TypeSort } from './checker.ts'

type Flag =
  | 'Any'
  | 'Unknown'
  | 'Never'
  | 'Undefined'
  | 'Null'
  | 'Void'
  | 'Union'
  | 'Intersection'
  | 'Object'
  | 'TypeParameter'
  | 'Index'
  | 'IndexedAccess'
  | 'Conditional'
  | 'Substitution'
  | 'NonPrimitive'

export const sortOf = (names: Readonly<Record<Flag, number>>, flags: number): Exclude<TypeSort, 'error'> => {
  const sorts: readonly (readonly [number, Exclude<TypeSort, 'error'>])[] = [
    [names.Any, 'any'],
    [names.Unknown, 'unknown'],
    [names.Never, 'never'],
    [names.Undefined | names.Null | names.Void, 'nullish'],
    [names.Union, 'union'],
    [names.Intersection, 'intersection'],
    [names.Object, 'object'],
    [names.TypeParameter, 'parameter'],
    [names.Index | names.IndexedAccess | names.Conditional | names.Substitution | names.NonPrimitive, 'other'],
  ]
  return sorts.find(([flag]) => (flags & flag) !== 0)?.[1] ?? 'primitive'
}
