// Chance by name: the same seed and the same names give the same number, whatever else was drawn before, so that the
// troubles of a seed come again although the processes do not run as they did.
import { createHash } from 'node:crypto'

/** Numbers of one seed. */
export class Chance {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /** A number from 0 up to, not including, 1. */
  of(...names: readonly (string | number)[]): number {
    return (
      createHash('sha256')
        .update(`${this.#seed} ${names.join(' ')}`)
        .digest()
        .readUInt32BE() /
      2 ** 32
    )
  }

  /** A whole number from low to high, both included. */
  from(low: number, high: number, ...names: readonly (string | number)[]): number {
    return low + Math.floor(this.of(...names) * (high - low + 1))
  }

  /** One of some values. */
  one<Value>(values: readonly Value[], ...names: readonly (string | number)[]): Value {
    return values[this.from(0, values.length - 1, ...names)]!
  }
}

export const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs))
