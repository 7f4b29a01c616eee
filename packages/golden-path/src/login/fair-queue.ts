/**
 * Waiting for a password to be compared: each address has its turn after the others', and each user name within it.
 */
import { encodeKey } from 'user-execution-context'
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
  /**
   * How much of late failed there, as of its last work or failure: to weigh all each time would cost too much. Less
   * than nothing where the only one that waits was right before.
   */
  failed: number
}

/** Names that signed in at an address. Bounded: those that did longest ago are forgotten. */
const maxKnown = 100_000

/** Bounded: when it is full, one gives way, is refused and stays no longer. */
export class FairQueue {
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane>()
  /** How many wait, by network, by address and by user name. */
  readonly #waitingBy = new Map<string, number>()
  readonly #maxWaiting: number
  readonly #failed = new FailedAddresses()
  /** Where which name has signed in, until it fails there. */
  readonly #known = new Set<string>()
  #size = 0

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /**
   * Takes work. When there is no room, the newest work of the address gives way where most failed of late. Of several
   * that are alike, it is the one with most waiting: in its network, at its address, for its user name. Whoever signed
   * in there before gives way last, for one attempt at a time: of the first guesses of a flood nothing is known.
   */
  add(work: WaitingWork): void {
    const { address, userName } = work.origin
    const lane: Lane = this.#lanes.get(address) ?? { networks: toNetworks(address), names: new Map(), failed: 0 }
    this.#lanes.set(address, lane)
    const waiting = lane.names.get(userName)
    if (waiting === undefined) lane.names.set(userName, [work])
    else waiting.push(work)
    this.#weigh(lane)
    this.#count(lane, userName, 1)
    if (this.#size > this.#maxWaiting) this.#giveWay()
  }

  /** A password from there was right. */
  noteSuccess(origin: WorkOrigin): void {
    const place = toPlace(origin)
    // At the end, so that the oldest are first.
    this.#known.delete(place)
    this.#known.add(place)
    if (this.#known.size > maxKnown) this.#known.delete(this.#known.values().next().value!)
  }

  /** A password from there was wrong. */
  noteFailure(origin: WorkOrigin): void {
    const { address } = origin
    this.#known.delete(toPlace(origin))
    const lane = this.#lanes.get(address)
    this.#failed.note(lane?.networks ?? toNetworks(address))
    if (lane !== undefined) this.#weigh(lane)
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
    let mostFailed = -1
    for (const lane of this.#lanes.values()) mostFailed = Math.max(mostFailed, lane.failed)
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
    else this.#weigh(lane)
    this.#count(lane, userName, -1)
    refused.refuse()
  }

  #weigh(lane: Lane): void {
    const [works] = lane.names.values()
    const isAlone = lane.names.size === 1 && works!.length === 1
    lane.failed = isAlone && this.#known.has(toPlace(works![0]!.origin)) ? -1 : this.#failed.weigh(lane.networks)
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

function toPlace({ address, userName }: WorkOrigin): string {
  return encodeKey([address, userName])
}

/** Whether the first number that differs is the larger one. */
function isNoLess(weight: readonly number[], than: readonly number[]): boolean {
  const index = weight.findIndex((count, position) => count !== than[position])
  return index === -1 || weight[index]! > (than[index] ?? -1)
}
