// What a row of the tables of crossings is: the attempt of a thief on what is a victim's.
import type { LiveSessions, UserExecutionContext } from 'user-execution-context'
import { call, type Exports } from './entry-points.ts'

/** Both are live, in one registry, and of one thread and run id: a thief can name what it likes. */
export type Crossed = {
  readonly exports: Exports
  readonly core: Exports
  readonly sessions: LiveSessions
  readonly victim: UserExecutionContext
  readonly thief: UserExecutionContext
}

/**
 * - `refused`: what the thief gets for the victim's name: a code, or the answer for a name of nobody.
 * - `nothing`: it names nothing of anybody, and why. It is called nevertheless.
 */
export type Crossing =
  | { readonly refused: unknown; readonly attempt: (crossed: Crossed) => unknown }
  | { readonly nothing: string }

export type Functions = Readonly<Record<string, (...parameters: unknown[]) => any>>

export const refused = (answer: unknown, attempt: (crossed: Crossed) => unknown): Crossing => ({
  refused: answer,
  attempt,
})

export const openHandles = (core: Exports): Functions =>
  call(core, 'ownedHandles', { ttlMs: 9000, maxPerUser: 2, maxTotal: 9 }) as Functions
