/**
 * What a file reads like with units, computed once per set of them: a proof that halves its suspects renders the
 * whole tree for each question, and only few files differ from the question before.
 */
import { renderFile } from './change-unit.ts'
import type { ChangeUnit, EditedFile, Rendering } from './change-unit.ts'

type Known = { readonly units: readonly ChangeUnit[]; readonly rendering: Rendering }

/** The last sets of each file: halving goes back to a set that was tried some questions ago. */
const setsKept = 8

const knownOf = new WeakMap<EditedFile, Known[]>()

/** The rendering of a file with these units. The units are compared by identity: a unit never changes. */
export const renderOnce = (edited: EditedFile, units: readonly ChangeUnit[]): Rendering => {
  const known = knownOf.get(edited) ?? []
  const at = known.findIndex((one) => isSameList(one.units, units))
  const found = at === -1 ? { units, rendering: renderFile(edited, units) } : known[at]!
  knownOf.set(edited, [found, ...known.filter((one) => one !== found)].slice(0, setsKept))
  return found.rendering
}

const isSameList = (some: readonly ChangeUnit[], others: readonly ChangeUnit[]): boolean =>
  some.length === others.length && some.every((unit, index) => unit === others[index])
