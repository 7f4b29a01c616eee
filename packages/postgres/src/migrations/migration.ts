/**
 * One step of the schema.
 */

/** One step forward. */
export type Migration = {
  /** What it brings, in a word or two. */
  readonly name: string
  /** Statements, run in one transaction as the role `uec_owner`. */
  readonly sql: string
}
