/**
 * A batch that waited for rows longer than it may: another statement holds them.
 */

/** Nothing of the batch was added. */
export class RowsHeld extends Error {
  override readonly name = 'RowsHeld'

  constructor() {
    super('Rows of a run are held by another statement.')
  }
}

/** Whether a statement gave up on a lock, as `lock_timeout` says. */
export const isLockTimeout = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | undefined)?.code === '55P03'
