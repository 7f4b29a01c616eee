/**
 * What one program says about one file. Everything that is reported of a file comes from here, so that the answers of
 * files nobody changed can be kept.
 */
import type { FoundCall, FoundFactory } from './ask-factories.ts'
import type { Site } from './site.ts'

export type FileAnswers = {
  /** Constructions that the node itself shows. They stand in this file. */
  readonly direct: readonly Site[]
  /** Values that go somewhere in this file. A literal among them may stand in another. */
  readonly flows: readonly Site[]
  /** Sites that only the seal brings to light. */
  readonly discovered: readonly Site[]
  readonly factories: readonly FoundFactory[]
  readonly calls: readonly FoundCall[]
  readonly typesAsked: number
  readonly typesUnresolved: number
  /** Nodes on which the compiler failed. */
  readonly failures: number
}

/** Puts lists about many files into one list for each. */
export const groupByFile = <Item>(
  items: readonly Item[],
  fileOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const file = fileOf(item)
    const group = groups.get(file)
    if (group) group.push(item)
    else groups.set(file, [item])
  }
  return groups
}
