/**
 * The cell that a verified user and all contexts of theirs share: when their proof ends, and whether it has ended.
 *
 * The attack it stops: a proof that is checked once and believed without an end. Nothing outside can lengthen it: the
 * functions that change a cell are handed over once, to the registry, when this package loads.
 */
import { ContextError } from '../errors/context-error.ts'

/** Why an identity ended: its proof's time is over, somebody signed out, or a right was taken away. */
export type IdentityEndReason = 'expired' | 'session_revoked' | 'user_revoked' | 'tenant_revoked' | 'rights_changed'
/** The error that says so. */
export type IdentityEndError = ContextError<'ERR_CONTEXT_IDENTITY_EXPIRED' | 'ERR_CONTEXT_IDENTITY_REVOKED'>
/** Called once, when the identity ends. */
export type IdentityEndListener = (error: IdentityEndError, reason: IdentityEndReason) => void
/** Hears of the end of an identity by a method: an object that is there anyway needs no function of its own. */
export type IdentityWatcher = {
  /** Called once, when the identity ends. Must not throw: what it throws is reported as an uncaught error. */
  identityEnded(error: IdentityEndError, reason: IdentityEndReason): void
}

/** Whether a registry still hears of revocations. One for all cells of the registry. */
export type Lease = {
  /** What a timer flips: cheap to read, up to 250 ms late. */
  isUnknown: boolean
  /** Looks at the clock. */
  readonly isOverdue: () => boolean
}

let isLive: (cell: Cell) => boolean
let assertLive: (cell: Cell) => void
let assertKnown: (cell: Cell) => void
let assertBegins: (cell: Cell, nowMs: number) => void
let endsAtMs: (cell: Cell) => number
let isEnded: (cell: Cell) => boolean
let change: {
  open: (endsAtMs: number, lease: Lease | undefined) => Cell
  end: (cell: Cell, reason: IdentityEndReason) => boolean
  extend: (cell: Cell, endsAtMs: number) => void
  endOf: (cell: Cell) => IdentityEndReason | undefined
  watch: (cell: Cell, watcher: IdentityWatcher) => void
  /** Says whether nobody watches any more. */
  unwatch: (cell: Cell, watcher: IdentityWatcher) => boolean
}

/** The lease of every cell that has ended. */
const ended: Lease = Object.freeze({ isUnknown: true, isOverdue: () => true })

/** A class of its own: a watcher of somebody's may be a Set. */
class Several extends Set<IdentityWatcher> {}

class Cell {
  #endsAtMs: number
  #ended: IdentityEndReason | undefined
  /** Of the registry; where the identity has ended, one that says so: the flag is then one read. */
  #lease: Lease | undefined
  /** One, as most cells have, or several: a set of one would be most of what an idle socket costs here. */
  #watchers: IdentityWatcher | Several | undefined

  private constructor(endsAtMs: number, lease: Lease | undefined) {
    this.#endsAtMs = endsAtMs
    this.#ended = undefined
    this.#lease = lease
    this.#watchers = undefined
  }

  static {
    // A registry flips the flag in time. Without one, the clock is read each time.
    isLive = (cell) => {
      const lease = cell.#lease
      return lease === undefined ? Date.now() < cell.#endsAtMs : !lease.isUnknown
    }
    assertLive = (cell) => {
      const lease = cell.#lease
      if (lease === undefined ? Date.now() < cell.#endsAtMs : !lease.isUnknown) return
      assertKnown(cell)
      throw toEndError('expired')
    }
    assertKnown = (cell) => {
      if (cell.#ended !== undefined) throw toEndError(cell.#ended)
      if (cell.#lease?.isUnknown) throw new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN')
    }
    assertBegins = (cell, nowMs) => {
      if (cell.#lease !== undefined) {
        assertKnown(cell)
        if (cell.#lease?.isOverdue()) throw new ContextError('ERR_CONTEXT_LIVENESS_UNKNOWN')
      }
      if (cell.#endsAtMs <= nowMs) throw toEndError('expired')
    }
    endsAtMs = (cell) => cell.#endsAtMs
    isEnded = (cell) => cell.#ended !== undefined
    change = {
      open: (endsAtMs, lease) => new Cell(endsAtMs, lease),
      end: (cell, reason) => {
        if (cell.#ended !== undefined) return false
        cell.#ended = reason
        cell.#lease = ended
        const watchers = cell.#watchers instanceof Several ? [...cell.#watchers] : [cell.#watchers]
        cell.#watchers = undefined
        for (const watcher of watchers) if (watcher !== undefined) tell(watcher, reason)
        return true
      },
      extend: (cell, endsAtMs) => {
        cell.#endsAtMs = Math.max(cell.#endsAtMs, endsAtMs)
      },
      endOf: (cell) => cell.#ended,
      watch: (cell, watcher) => {
        const before = cell.#watchers
        if (before === undefined) cell.#watchers = watcher
        else if (before instanceof Several) before.add(watcher)
        else cell.#watchers = new Several([before, watcher])
      },
      unwatch: (cell, watcher) => {
        const before = cell.#watchers
        if (before instanceof Several) {
          before.delete(watcher)
          return before.size === 0
        }
        if (before === watcher) cell.#watchers = undefined
        return before === watcher
      },
    }
  }
}

export type { Cell }

/** Whether the identity is live, by the flag where there is a registry. */
export const isCellLive: (cell: Cell) => boolean = isLive
/** Refuses an identity that has ended, by the flag where there is a registry. */
export const assertCellLive: (cell: Cell) => void = assertLive
/** Refuses an identity that has ended by now, exactly: for what begins from outside. */
export const assertCellBegins = (cell: Cell, nowMs: number): void => assertBegins(cell, nowMs)
/** When the proof ends, milliseconds since the epoch; Infinity for never. */
export const cellEndsAtMs = (cell: Cell): number => endsAtMs(cell)
/** Whether the end was noticed. */
export const isCellEnded = (cell: Cell): boolean => isEnded(cell)

/** The error for an end. */
export const toEndError = (reason: IdentityEndReason): IdentityEndError => {
  if (reason === 'expired') return new ContextError('ERR_CONTEXT_IDENTITY_EXPIRED')
  return reason === 'rights_changed'
    ? new ContextError('ERR_CONTEXT_IDENTITY_REVOKED', {
        fix: 'A right of the user was taken away: ask the user to sign in again, which gives the rights of today.',
      })
    : new ContextError('ERR_CONTEXT_IDENTITY_REVOKED')
}

let handedOver = false
/** The functions that change a cell: once, for the registry. A later caller reached this file by a path. */
export const takeCellChanges = (): typeof change => {
  if (handedOver) throw new ContextError('ERR_CONTEXT_NOT_CONSTRUCTIBLE')
  handedOver = true
  return change
}

function tell(watcher: IdentityWatcher, reason: IdentityEndReason): void {
  try {
    watcher.identityEnded(toEndError(reason), reason)
  } catch (error) {
    // As the platform does with a listener that throws: the others are called, and the failure is reported, not lost.
    queueMicrotask(() => {
      throw error
    })
  }
}
