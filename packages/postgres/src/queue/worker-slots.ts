/**
 * How many runs a process may execute at once, shared by its workers: one for each database. Where slots are few, who
 * was served longest ago comes first, so that no database keeps another from its turn.
 */

/** A worker that takes slots. */
export type SlotTaker = { readonly slotsTaken: number; readonly look: () => void }

/** Of one claim. */
const mostAtOnce = 50

export class WorkerSlots {
  readonly #total: number
  readonly #reserved = new Map<SlotTaker, number>()
  /** Who was given less than they would take, and when each was served last. */
  readonly #waiting = new Set<SlotTaker>()
  readonly #servedAt = new Map<SlotTaker, number>()
  #serves = 0

  constructor(total: number) {
    this.#total = total
  }

  join(taker: SlotTaker): void {
    this.#servedAt.set(taker, 0)
  }

  leave(taker: SlotTaker): void {
    this.#servedAt.delete(taker)
    this.#waiting.delete(taker)
  }

  /** Slots for a claim, until settle() says that it has been answered. */
  reserve(taker: SlotTaker, most: number = mostAtOnce): number {
    const takers = [...this.#servedAt.keys()]
    const free = this.#free()
    const before = [...this.#waiting].filter((each) => this.#isBefore(each, taker))
    const given = Math.min(most, Math.ceil(free / Math.max(1, takers.length)), Math.max(0, free - before.length))
    if (given === 0) this.#waiting.add(taker)
    else {
      this.#waiting.delete(taker)
      this.#servedAt.set(taker, ++this.#serves)
    }
    this.#reserved.set(taker, given)
    return given
  }

  /** The claim has been answered: what came counts as taken, and the rest is free. */
  settle(taker: SlotTaker): void {
    const reserved = this.#reserved.get(taker) ?? 0
    this.#reserved.delete(taker)
    if (reserved > 0) this.tell()
  }

  /** There may be a slot: those who wait for one look. */
  tell(): void {
    for (const taker of this.#waiting) taker.look()
  }

  /**
   * Gives a turn for one job more where a slot is free that no other worker waits for. The taker counts it among its
   * slots from then on.
   */
  take(taker: SlotTaker): boolean {
    const others = [...this.#waiting].filter((each) => each !== taker)
    if (this.#free() <= others.length) return false
    this.#servedAt.set(taker, ++this.#serves)
    return true
  }

  #free(): number {
    const takers = [...this.#servedAt.keys()]
    const used = takers.reduce((sum, each) => sum + each.slotsTaken + (this.#reserved.get(each) ?? 0), 0)
    return Math.max(0, this.#total - used)
  }

  #isBefore(one: SlotTaker, other: SlotTaker): boolean {
    return (this.#servedAt.get(one) ?? 0) < (this.#servedAt.get(other) ?? 0)
  }
}
