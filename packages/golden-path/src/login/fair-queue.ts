/**
 * Waiting for a password to be compared: each address has its turn after the others', and each user name within it.
 */

/** Where work comes from. Work without an address, such as an administrator's, has a turn of its own. */
export type WorkOrigin = { readonly address: string; readonly userName: string }

/** Work that waits. */
export type WaitingWork = {
  readonly origin: WorkOrigin
  /** It is its turn. */
  readonly begin: () => void
  /** There is no room for it. */
  readonly refuse: () => void
}

/** Of one address, by user name. Neither is ever empty. */
type Lane = Map<string, WaitingWork[]>

/** Bounded: when it is full, the newest work of the address with most waiting is refused, and stays no longer. */
export class FairQueue {
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane>()
  readonly #maxWaiting: number
  #size = 0

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /** Takes work. Of several addresses with most waiting, the one whose user name has most waiting gives way. */
  add(work: WaitingWork): void {
    const { address, userName } = work.origin
    const lane: Lane = this.#lanes.get(address) ?? new Map<string, WaitingWork[]>()
    this.#lanes.set(address, lane)
    const waiting = lane.get(userName)
    if (waiting === undefined) lane.set(userName, [work])
    else waiting.push(work)
    if (++this.#size > this.#maxWaiting) this.#giveWay()
  }

  /** The work whose turn it is; undefined when none waits. */
  next(): WaitingWork | undefined {
    for (const [address, lane] of this.#lanes) {
      for (const [userName, waiting] of lane) {
        const work = waiting.shift()
        // Behind all others: addresses, and names within this one.
        lane.delete(userName)
        if (waiting.length > 0) lane.set(userName, waiting)
        this.#lanes.delete(address)
        if (lane.size > 0) this.#lanes.set(address, lane)
        this.#size--
        return work
      }
    }
    return undefined
  }

  #giveWay(): void {
    const lanes = [...this.#lanes].map(([address, lane]) => ({ address, lane, size: sizeOf(lane) }))
    const ofNames = new Map<string, number>()
    for (const { lane } of lanes)
      for (const [userName, { length }] of lane) ofNames.set(userName, (ofNames.get(userName) ?? 0) + length)
    const most = Math.max(...lanes.map(({ size }) => size))
    const candidates = lanes
      .filter(({ size }) => size === most)
      .flatMap(({ address, lane }) => [...lane.keys()].map((userName) => ({ address, lane, userName })))
    // Of several that are alike, the one whose turn is last.
    const { address, lane, userName } = candidates.reduce((one, other) =>
      ofNames.get(other.userName)! >= ofNames.get(one.userName)! ? other : one,
    )
    const waiting = lane.get(userName)!
    const refused = waiting.pop()!
    if (waiting.length === 0) lane.delete(userName)
    if (lane.size === 0) this.#lanes.delete(address)
    this.#size--
    refused.refuse()
  }
}

function sizeOf(lane: Lane): number {
  return [...lane.values()].reduce((sum, { length }) => sum + length, 0)
}
