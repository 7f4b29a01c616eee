/**
 * Ids of the tool calls of one run.
 */
import { randomUUID } from 'node:crypto'
import { findIdIssue } from 'user-execution-context'

/**
 * Ids of tool calls, unique in the run and of the form that events have: models repeat theirs, and some make long ones.
 */
export class CallIds {
  readonly #used = new Set<string>()
  readonly #open = new Map<string, string[]>()

  /** The id of a new call. */
  open(id: string): string {
    const own = findIdIssue(id) === undefined && !this.#used.has(id) ? id : randomUUID()
    this.#used.add(own)
    this.#open.set(id, [...(this.#open.get(id) ?? []), own])
    return own
  }

  /** The id of the call that ends. Calls of one id are taken to end in the order in which they were opened. */
  close(id: string): string | undefined {
    return this.#open.get(id)?.shift()
  }
}
