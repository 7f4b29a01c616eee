/**
 * One timer for all ends of a registry. It costs nothing while nothing has an end, and keeps no process alive.
 */

/** How late, at most, an end is noticed while the clock runs evenly. */
export const latenessMs = 250
/**
 * How long one timer waits. A timer counts no time while the machine sleeps, and knows nothing of a clock that is set:
 * what has ended meanwhile is found by the next look at the clock.
 */
const maxTimeoutMs = 60_000

/**
 * Calls back with each item when its time has come, at most 250 ms late; at most a minute late where the machine has
 * slept or its clock was set.
 */
export class EndTimer<Item extends object> {
  readonly #due = new Map<number, Set<Item>>()
  /** The slots that hold items, as a binary heap: the earliest is first. */
  readonly #heap: number[] = []
  readonly #onDue: (item: Item) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #armedFor = Infinity
  #isClosed = false

  constructor(onDue: (item: Item) => void) {
    this.#onDue = onDue
  }

  /**
   * Adds an item. It is not noted here which end it has: that would cost as much memory as the item. To move one, take
   * it out first. An item without an end is not kept.
   */
  set(item: Item, endsAtMs: number): void {
    if (endsAtMs === Infinity || this.#isClosed) return
    const slot = toSlot(endsAtMs)
    let items = this.#due.get(slot)
    if (items === undefined) {
      items = new Set()
      this.#due.set(slot, items)
      push(this.#heap, slot)
    }
    items.add(item)
    this.#arm()
  }

  /** Takes an item out that was added with this end. Its slot stays until its time, empty. */
  delete(item: Item, endsAtMs: number): void {
    this.#due.get(toSlot(endsAtMs))?.delete(item)
  }

  /** Stops for good. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#due.clear()
    this.#heap.length = 0
  }

  #arm(): void {
    const next = this.#heap[0]
    if (next === undefined || (this.#timer !== undefined && next >= this.#armedFor)) return
    clearTimeout(this.#timer)
    this.#armedFor = next
    // One that finds nothing due is armed anew.
    const timeoutMs = Math.min(Math.max(next * latenessMs - Date.now(), 0), maxTimeoutMs)
    this.#timer = setTimeout(() => this.#fire(), timeoutMs)
    // In a browser a timer is a number, and keeps nothing alive.
    ;(this.#timer as { unref?: () => void }).unref?.()
  }

  #fire(): void {
    this.#timer = undefined
    const nowMs = Date.now()
    while (this.#heap.length > 0 && this.#heap[0]! * latenessMs <= nowMs) {
      const slot = pop(this.#heap)
      const items = this.#due.get(slot) ?? []
      this.#due.delete(slot)
      for (const item of items) this.#onDue(item)
    }
    this.#arm()
  }
}

function toSlot(endsAtMs: number): number {
  return Math.ceil(endsAtMs / latenessMs)
}

function push(heap: number[], slot: number): void {
  let index = heap.push(slot) - 1
  for (let parent = (index - 1) >> 1; index > 0 && heap[parent]! > heap[index]!; parent = (index - 1) >> 1) {
    ;[heap[parent], heap[index]] = [heap[index]!, heap[parent]!]
    index = parent
  }
}

function pop(heap: number[]): number {
  const first = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return first
  heap[0] = last
  for (let index = 0; ;) {
    const left = 2 * index + 1
    const child = left + 1 < heap.length && heap[left + 1]! < heap[left]! ? left + 1 : left
    if (child >= heap.length || heap[child]! >= heap[index]!) return first
    ;[heap[child], heap[index]] = [heap[index]!, heap[child]!]
    index = child
  }
}
