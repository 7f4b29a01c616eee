/**
 * A construction site before it becomes a finding: still with absolute paths and the places where tsc would report it.
 */
import type { NodeSpan } from '../engine/checker.ts'
import type { FindingKind, HeldBy } from '../finding.ts'
import type { Span } from './file-facts.ts'
import type { Placed } from './placed.ts'

export type Site = Span & {
  readonly kind: FindingKind
  /** Absolute. */
  readonly file: string
  readonly type: string
  /**
   * A literal whose member is a sealed context: no construction, though the seal of the type itself would refuse it.
   */
  readonly isSealed?: boolean
  readonly enclosing: string
  /** Where a compiler reports the site once the type is sealed; undefined when it never does. */
  readonly reportedAt: readonly (Placed & { readonly file: string })[]
  readonly heldBy?: HeldBy
  /** True when a compiler reports it at one of those places; undefined when none was asked. */
  readonly isReported?: boolean
  readonly details?: Readonly<Record<string, unknown>>
}

/** What the kind promises when no compiler was asked: casts and `any` pass every compiler, `new` and literals none. */
export const heldByRule = (kind: FindingKind): HeldBy =>
  byCheckAlone.some((start) => kind.startsWith(start)) ? 'check' : 'tsc'

const byCheckAlone = [
  'cast',
  'any-flow',
  'loose-method',
  'suppressed-error',
  'context-write',
  'type-guard',
  'declared-value',
  'generic-result',
  'definition',
  'factory',
  'identity-provider',
  'provider-echo',
  'vouched-reason',
]

/** The place of a site in its file. */
export const placeIn = ({ start, end }: Span, file: string): NodeSpan => ({ file, start, end })
