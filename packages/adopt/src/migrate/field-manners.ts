/**
 * What a class does with an id that it is given: a site that no longer calls the class has to do the same.
 */
import { takesText } from './kept-checks.ts'
import type { KeptCheck } from './kept-checks.ts'
import type { MigrateTarget } from './migrate-options.ts'
import type { FieldValue, SiteFields } from './site-fields.ts'
import type { Node } from '../engine/syntax.ts'
import { unwrapExpression } from '../engine/syntax-search.ts'

/** For one field. */
export type FieldManner = {
  /** The class has its own value where an empty one is given: `threadId || …`. */
  readonly isFilledWhenEmpty?: boolean
  /** Where the class refuses a missing value, as `file:line`. */
  readonly demandedAt?: string
  /** Refuses what the factory takes. */
  readonly check?: KeptCheck
}

/** By field of the legacy type. */
export type FieldManners = ReadonlyMap<string, FieldManner>

/** Why a site is left that gives no value where the class refuses that. */
export const findDemanded = (
  manners: FieldManners,
  { fields, contexts }: Extract<SiteFields, { fields: unknown }>,
  target: MigrateTarget,
  isMaybeAbsent: (value: FieldValue) => boolean,
): string | undefined => {
  if (contexts.length > 0) return undefined
  for (const [field, { demandedAt }] of manners) {
    if (demandedAt === undefined) continue
    const value = fields.get(field)
    if (!value) return `no ${field} is given, and the class refuses that (at ${demandedAt})`
    // What parses the id refuses it as well.
    if (target.fields[field]?.wrap === undefined && target.fields[field]?.to !== 'user' && isMaybeAbsent(value))
      return `the field ${field} may be absent, and the class refuses that (at ${demandedAt})`
  }
  return undefined
}

/** Whether a value that is written down is never an empty text. */
export const isNeverEmpty = (node: Node): boolean => {
  const inner = unwrapExpression(node)
  if (inner.type === 'Literal') return Boolean(inner.value)
  if (inner.type === 'TemplateLiteral') return inner.quasis.some(({ value }) => value.raw !== '')
  return ['ObjectExpression', 'ArrayExpression', 'NewExpression', 'ArrowFunctionExpression'].includes(inner.type)
}

/** The check that a value still needs: a text that is seen to pass needs none. */
export const neededCheck = (manner: FieldManner | undefined, node: Node): KeptCheck | undefined => {
  const inner = unwrapExpression(node)
  const text = inner.type === 'Literal' && typeof inner.value === 'string' ? inner.value : undefined
  return manner?.check && !(text !== undefined && takesText(manner.check, text)) ? manner.check : undefined
}
