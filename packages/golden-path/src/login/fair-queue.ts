/**
 * Waiting for a password to be compared: each address has its turn after the others', and each user name within it.
 */
import { FailedAddresses } from './failed-addresses.ts'
import { toNetworks, type Networks } from './ipv6-networks.ts'

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
type Lane = {
  readonly networks: Networks
  readonly names: Map<string, WaitingWork[]>
  /** How much of late failed there, as of its last work or failure: to weigh all each time would cost too much. */
  failed: number
}

/** Bounded: when it is full, one gives way, is refused and stays no longer. */
export class FairQueue {
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane>()
  /** How many wait, by network, by address and by user name. */
  readonly #waitingBy = new Map<string, number>()
  readonly #maxWaiting: number
  readonly #failed = new FailedAddresses()
  #size = 0

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /**
   * Takes work. When there is no room, the newest work of the address gives way where most failed of late. Of several
   * that are alike, it is the one with most waiting: in its network, at its address, for its user name.
   */
  add(work: WaitingWork): void {
    const { address, userName } = work.origin
    const lane: Lane = this.#lanes.get(address) ?? { networks: toNetworks(address), names: new Map(), failed: 0 }
    lane.failed = this.#failed.weigh(lane.networks)
    this.#lanes.set(address, lane)
    const waiting = lane.names.get(userName)
    if (waiting === undefined) lane.names.set(userName, [work])
    else waiting.push(work)
    this.#count(lane, userName, 1)
    if (this.#size > this.#maxWaiting) this.#giveWay()
  }

  /** A password from there was wrong. */
  noteFailure({ address }: WorkOrigin): void {
    const lane = this.#lanes.get(address)
    const networks = lane?.networks ?? toNetworks(address)
    this.#failed.note(networks)
    if (lane !== undefined) lane.failed = this.#failed.weigh(networks)
  }

  /** The work whose turn it is; undefined when none waits. */
  next(): WaitingWork | undefined {
    for (const [address, lane] of this.#lanes) {
      for (const [userName, waiting] of lane.names) {
        const work = waiting.shift()
        // Behind all others: addresses, and names within this one.
        lane.names.delete(userName)
        if (waiting.length > 0) lane.names.set(userName, waiting)
        this.#lanes.delete(address)
        if (lane.names.size > 0) this.#lanes.set(address, lane)
        this.#count(lane, userName, -1)
        return work
      }
    }
    return undefined
  }

  #giveWay(): void {
    let mostFailed = 0
    for (const { failed } of this.#lanes.values()) mostFailed = Math.max(mostFailed, failed)
    let last: { readonly lane: Lane; readonly userName: string } | undefined
    let most: readonly number[] = []
    for (const lane of this.#lanes.values()) {
      if (lane.failed < mostFailed) continue
      for (const userName of lane.names.keys()) {
        const weight = this.#keysOf(lane, userName).map((key) => this.#waitingBy.get(key)!)
        // Of several that are alike, the one whose turn is last.
        if (!isNoLess(weight, most)) continue
        most = weight
        last = { lane, userName }
      }
    }
    const { lane, userName } = last!
    const waiting = lane.names.get(userName)!
    const refused = waiting.pop()!
    if (waiting.length === 0) lane.names.delete(userName)
    if (lane.names.size === 0) this.#lanes.delete(lane.networks.address)
    this.#count(lane, userName, -1)
    refused.refuse()
  }

  #count(lane: Lane, userName: string, change: 1 | -1): void {
    this.#size += change
    for (const key of new Set(this.#keysOf(lane, userName))) {
      const count = (this.#waitingBy.get(key) ?? 0) + change
      if (count === 0) this.#waitingBy.delete(key)
      else this.#waitingBy.set(key, count)
    }
  }

  /** The widest network first. */
  #keysOf({ networks: { address, site = address, block = address } }: Lane, userName: string): readonly string[] {
    return [block, site, address, `name ${userName}`]
  }
}

/** Whether the first number that differs is the larger one. */
function isNoLess(weight: readonly number[], than: readonly number[]): boolean {
  const index = weight.findIndex((count, position) => count !== than[position])
  return index === -1 || weight[index]! > (than[index] ?? -1)
}
