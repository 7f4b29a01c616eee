/**
 * Keeps of a run what the code base's own tests let pass. A batch that turns them red is tried again without the site
 * that did it, and rolled back as a whole when it is red still.
 */
import { findCulprit } from './find-culprit.ts'
import type { MovedSite, Reverted } from './migrate-options.ts'
import type { RunPlan } from './round.ts'

/** Sites to leave where they are, as `file:start`, with the reason to mark them with. */
export type LeftOut = ReadonlyMap<string, string>

/** `refused`: by the compiler of the code base, after green tests. */
export type Verdict = 'green' | 'red' | 'refused'

export type Verification = {
  readonly attempt: (leftOut: LeftOut) => Promise<RunPlan>
  /** Writes, runs the tests, and puts back unless they are green. */
  readonly tryToKeep: (plan: RunPlan) => Promise<Verdict>
  /** Writes, runs the tests, and puts back. */
  readonly isGreen: (plan: RunPlan) => Promise<boolean>
  /** Name of the batch that a file belongs to. */
  readonly batchOf: (file: string) => string
}

export type Verified = {
  readonly plan: RunPlan
  readonly verdict: Verdict
  readonly reverted: readonly Reverted[]
}

/** @param first - The whole run, proved by the compiler. What is kept at the end is written. */
export const verifyRun = async (
  first: RunPlan,
  { attempt, tryToKeep, isGreen, batchOf }: Verification,
): Promise<Verified> => {
  const order = [...first.movedSites].sort((a, b) => compare(batchOf(a.file), batchOf(b.file)))
  const leftOut = new Map<string, string>()
  const reverted: Reverted[] = []
  let plan = first
  for (;;) {
    const verdict = await tryToKeep(plan)
    const open = order.filter((site) => !leftOut.has(keyOf(site)))
    if (verdict !== 'red') return { plan, verdict, reverted }
    const culprit = await findCulprit({
      size: open.length,
      batchEnds: endsOf(open.map(({ file }) => batchOf(file))),
      isGreen: async (count) => {
        const trial = new Map([...leftOut, ...open.slice(count).map((site) => [keyOf(site), 'on trial'] as const)])
        return isGreen(await attempt(trial))
      },
    })
    // What remains are the definitions and reads, which no site can be blamed for.
    if (culprit === undefined) return { plan, verdict, reverted }
    const batch = batchOf(open[culprit]!.file)
    const isKnown = reverted.some((one) => one.batch === batch)
    revert(open[culprit]!, batch, { isCulprit: true })
    if (isKnown) for (const site of open) if (batchOf(site.file) === batch) revert(site, batch, { isCulprit: false })
    plan = await attempt(leftOut)
  }

  function revert(site: MovedSite, batch: string, { isCulprit }: Pick<Reverted, 'isCulprit'>): void {
    if (leftOut.has(keyOf(site))) return
    leftOut.set(keyOf(site), isCulprit ? 'the tests turn red when it moves' : `rolled back with its batch (${batch})`)
    reverted.push({ ...site, batch, isCulprit })
  }
}

/** Identity of a site in the tree as it was read. */
export const keyOf = ({ file, start }: { readonly file: string; readonly start: number }): string => `${file}:${start}`

function endsOf(batches: readonly string[]): number[] {
  return batches.flatMap((batch, index) => (batch === batches[index + 1] ? [] : [index + 1]))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
