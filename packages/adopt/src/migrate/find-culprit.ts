/**
 * Finds the site whose move turns the tests red, in as few test runs as halving allows.
 */

/** What is asked: the places of batch ends, and whether the first `count` sites alone are green. */
export type CulpritSearch = {
  readonly size: number
  /** Counts of sites at which a batch ends, ascending; the last is `size`. */
  readonly batchEnds: readonly number[]
  readonly isGreen: (count: number) => Promise<boolean>
}

/**
 * The first site that turns a green prefix red: all sites together are known to be red.
 *
 * @returns Its index, or undefined when no site moved is red already. Whole batches are tried first, then its sites.
 */
export const findCulprit = async ({ size, batchEnds, isGreen }: CulpritSearch): Promise<number | undefined> => {
  if (!(await isGreen(0))) return undefined
  let green = 0
  let red = size
  for (;;) {
    const ends = batchEnds.filter((end) => green < end && end < red)
    const middle = ends.length > 0 ? ends[Math.floor((ends.length - 1) / 2)]! : Math.floor((green + red) / 2)
    if (red - green === 1) return green
    if (await isGreen(middle)) green = middle
    else red = middle
  }
}
