/**
 * Floor 8. How many sockets and upgrades one address holds at once.
 */
import { ContextError } from '../errors/context-error.ts'

/** Counts what addresses hold. */
export type AddressLimits = {
  /** Takes a place. @throws {ContextError} `ERR_CONTEXT_TOO_MANY_CONNECTIONS`. */
  readonly take: (address: string) => void
  /** Gives a place back that take() gave. */
  readonly giveBack: (address: string) => void
}

/** Makes a counter with room for so many per address. */
export const addressLimits = (connectionsPerAddress: number): AddressLimits => {
  const held = new Map<string, number>()
  return Object.freeze({
    take: (address: string) => {
      const count = held.get(address) ?? 0
      if (count >= connectionsPerAddress) {
        throw new ContextError('ERR_CONTEXT_TOO_MANY_CONNECTIONS', { issues: [{ path: 'limits.connectionsPerAddress', kind: 'too large' }] })
      }
      held.set(address, count + 1)
    },
    giveBack: (address: string) => {
      const left = (held.get(address) ?? 1) - 1
      if (left === 0) held.delete(address)
      else held.set(address, left)
    },
  })
}
