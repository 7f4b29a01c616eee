/**
 * Processes, records and comparisons for the contract of stores of revocations.
 */
import type { RevocationStore, Tombstone } from 'user-execution-context'

/** A process of a deployment, as the cases see it. */
export type RevocationNode = {
  readonly store: RevocationStore
  /** Cuts the process off from where revocations rest, until connect() is called. Left out: it cannot be cut off. */
  readonly cut?: (() => void | Promise<void>) | undefined
  readonly connect?: (() => void | Promise<void>) | undefined
  readonly close?: (() => void | Promise<void>) | undefined
}

/** Opens nodes for a case, and closes them however it ends. */
export type RevocationCheck = (open: () => Promise<RevocationNode>) => Promise<void>

/** A record that no store has. */
export const newTombstone = (more: Partial<Tombstone> = {}): Tombstone => ({
  key: `user:contract:${crypto.randomUUID()}`,
  notBeforeMs: Date.now(),
  untilMs: Date.now() + 3_600_000,
  reason: 'user_revoked',
  ...more,
})

/** Waits until something holds: another process may take its time. */
export const eventually = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const endsAtMs = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error(`In 20 seconds it did not come to this: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Compares as JSON with sorted keys. */
export const expectEqual = (actual: unknown, expected: unknown): void => {
  const [found, wanted] = [toText(actual), toText(expected)]
  if (found !== wanted) throw new Error(`The store gave ${found}, instead of ${wanted}`)
}

/** The code that something is refused with; 'allowed' when it is not. */
export const refusalOf = async (call: () => unknown): Promise<string> => {
  try {
    await call()
    return 'allowed'
  } catch (error) {
    return String((error as { readonly code?: unknown }).code ?? error)
  }
}

function toText(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part
  return String(JSON.stringify(value, sorted))
}
