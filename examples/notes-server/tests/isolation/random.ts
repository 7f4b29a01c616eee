/**
 * Seeded chance: a failure of the harness can be run again with the seed that it printed.
 */

/** A number from 0 up to, not including, 1. */
export type Random = () => number

/** Mulberry32: small, seeded, good enough to shuffle a test. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number from low to high, both included. */
export const randomFrom = (random: Random, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1))

export const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))
