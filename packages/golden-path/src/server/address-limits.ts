/**
 * How many sockets and upgrades one address holds at once.
 */
import { ContextError } from 'user-execution-context'

/** The places that one address holds: one object for all of them, so that a socket keeps no text of its own. */
export type AddressPlaces = { readonly address: string; held: number }

/** Counts what addresses hold. */
export type AddressLimits = {
  /** Takes a place. @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CONNECTIONS`. */
  readonly take: (address: string) => AddressPlaces
  /** Gives a place back, once for each take(). */
  readonly giveBack: (places: AddressPlaces) => void
}

/** Makes a counter with room for so many per address. */
export const addressLimits = (connectionsPerAddress: number): AddressLimits => {
  const known = new Map<string, AddressPlaces>()
  return Object.freeze({
    take: (address: string) => {
      const places = known.get(address) ?? { address, held: 0 }
      if (places.held >= connectionsPerAddress) {
        throw new ContextError('ERR_CONTEXT_TOO_MANY_CONNECTIONS', {
          issues: [{ path: 'limits.connectionsPerAddress', kind: 'too large' }],
        })
      }
      places.held++
      known.set(address, places)
      return places
    },
    giveBack: (places: AddressPlaces) => {
      places.held--
      if (places.held === 0) known.delete(places.address)
    },
  })
}
