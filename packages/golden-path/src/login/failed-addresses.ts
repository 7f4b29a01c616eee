/**
 * From where passwords were wrong of late: when there is no room for all, an address that guesses gives way.
 */
import type { Networks } from './ipv6-networks.ts'

const windowMs = 900_000
const maxNetworks = 300_000
/** What a failure of a neighbour counts: of the same /56, of the same /48. An attacker may have all of either. */
const perSite = 1 / 8
const perBlock = 1 / 64

type Count = { failures: number; readonly endsAtMs: number }

/** Counts wrong passwords by address and by the networks around it, for 15 minutes from the first of them. */
export class FailedAddresses {
  /** The oldest first. */
  readonly #counts = new Map<string, Count>()

  /** A password from there was wrong. */
  note({ address, site, block }: Networks): void {
    const nowMs = performance.now()
    this.#prune(nowMs)
    for (const network of [address, site, block]) {
      if (network === undefined) continue
      const known = this.#find(network, nowMs)
      if (known === undefined) this.#counts.set(network, { failures: 1, endsAtMs: nowMs + windowMs })
      else known.failures++
    }
  }

  /** How much of late failed there: 0 where nothing did, less than 1 where a few neighbours did. */
  weigh({ address, site, block }: Networks): number {
    if (this.#counts.size === 0) return 0
    const nowMs = performance.now()
    const failuresOf = (network: string | undefined): number =>
      network === undefined ? 0 : (this.#find(network, nowMs)?.failures ?? 0)
    return failuresOf(address) + failuresOf(site) * perSite + failuresOf(block) * perBlock
  }

  #find(network: string, nowMs: number): Count | undefined {
    const known = this.#counts.get(network)
    if (known === undefined || known.endsAtMs > nowMs) return known
    this.#counts.delete(network)
    return undefined
  }

  #prune(nowMs: number): void {
    for (const [network, { endsAtMs }] of this.#counts) {
      if (endsAtMs > nowMs && this.#counts.size < maxNetworks) return
      this.#counts.delete(network)
    }
  }
}
