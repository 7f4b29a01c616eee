/**
 * The steps of a close(). A step that fails must not keep the later ones from their work: clients would stay connected,
 * and a lock held, for as long as the process lives.
 */

/** Runs each step until it has succeeded once. */
export class ClosingSteps {
  readonly #done = new Set<string>()

  /**
   * Runs all steps in their order, those after one that failed too. Called again, it runs those that failed.
   *
   * @throws What a step threw; an AggregateError where several did.
   */
  async run(steps: Readonly<Record<string, () => unknown>>): Promise<void> {
    const failures: unknown[] = []
    for (const [name, step] of Object.entries(steps)) {
      if (this.#done.has(name)) continue
      try {
        await step()
        this.#done.add(name)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'Several parts could not be closed.')
  }
}
