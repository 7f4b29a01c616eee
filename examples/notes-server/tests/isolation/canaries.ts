/**
 * Marks that belong to one user each, and the search for them where they must not be.
 */
import { randomFrom, type Random } from './random.ts'

/** Something was found where only another user's marks may be. */
export type Leak = { readonly where: string; readonly owner: number; readonly found: number }

/** A register of all marks of one simulation. */
export class Canaries {
  readonly #owners = new Map<string, number>()

  /** A new mark of this user: `canary` and 32 hex digits. */
  plant(user: number, random: Random): string {
    const canary = `canary${Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('')}`
    this.#owners.set(canary, user)
    return canary
  }

  /** The users whose marks a text holds. -1 stands for a mark that nobody planted. */
  findOwners(text: string): Set<number> {
    return new Set([...text.matchAll(/canary[0-9a-f]{32}/g)].map(([canary]) => this.#owners.get(canary) ?? -1))
  }

  /** What is wrong in a text that only this user may have marks in. */
  findLeaks(where: string, owner: number, text: string): Leak[] {
    return [...this.findOwners(text)].filter((found) => found !== owner).map((found) => ({ where, owner, found }))
  }
}

/** One of the values, by chance. */
export const oneOf = <Value>(random: Random, values: readonly Value[]): Value =>
  values[randomFrom(random, 0, values.length - 1)]!
