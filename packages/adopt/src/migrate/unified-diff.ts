/**
 * Unified diff of one file, three lines of context, in the form that `git apply` and `patch -p1` take.
 * Beside the floors: imports none of them.
 */

/** @returns The diff with its `---` and `+++` lines, or an empty string when the texts are equal. */
export const toUnifiedDiff = (file: string, before: string, after: string): string => {
  if (before === after) return ''
  const hunks = toHunks(toDifference(toLines(before), toLines(after)))
  return `--- a/${file}\n+++ b/${file}\n${hunks.map(printHunk).join('')}`
}

type LineChange = { readonly mark: ' ' | '-' | '+'; readonly text: string }
type Hunk = { readonly beforeStart: number; readonly afterStart: number; readonly lines: readonly LineChange[] }

const contextLines = 3

/** Lines with their line ends, so that CRLF files and a missing last newline survive. */
function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function toDifference(before: string[], after: string[]): LineChange[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++
  const middle = shortestEdit(before.slice(head, before.length - tail), after.slice(head, after.length - tail))
  return [...before.slice(0, head).map(keep), ...middle, ...before.slice(before.length - tail).map(keep)]
}

const keep = (text: string): LineChange => ({ mark: ' ', text })

/** Greedy shortest edit script (Myers 1986): the trace of furthest points, walked back. */
function shortestEdit(before: string[], after: string[]): LineChange[] {
  const trace: Map<number, number>[] = []
  let furthest = new Map<number, number>([[1, 0]])
  for (let depth = 0; depth <= before.length + after.length; depth++) {
    trace.push(new Map(furthest))
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      let x = isDown(furthest, diagonal, depth)
        ? (furthest.get(diagonal + 1) ?? 0)
        : (furthest.get(diagonal - 1) ?? 0) + 1
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++
      furthest.set(diagonal, x)
      if (x >= before.length && x - diagonal >= after.length) return walkBack(trace, before, after)
    }
    furthest = new Map(furthest)
  }
  return []
}

function isDown(furthest: Map<number, number>, diagonal: number, depth: number): boolean {
  return (
    diagonal === -depth ||
    (diagonal !== depth && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1))
  )
}

function walkBack(trace: readonly Map<number, number>[], before: string[], after: string[]): LineChange[] {
  const changes: LineChange[] = []
  let x = before.length
  let y = after.length
  for (let depth = trace.length - 1; depth >= 0; depth--) {
    const furthest = trace[depth]!
    const diagonal = x - y
    const previous = isDown(furthest, diagonal, depth) ? diagonal + 1 : diagonal - 1
    const fromX = depth === 0 ? 0 : (furthest.get(previous) ?? 0)
    const fromY = depth === 0 ? 0 : fromX - previous
    while (x > fromX && y > fromY && x > 0 && y > 0 && before[x - 1] === after[y - 1]) {
      changes.push(keep(before[x - 1]!))
      x--
      y--
    }
    if (depth === 0) break
    if (x === fromX) changes.push({ mark: '+', text: after[--y]! })
    else changes.push({ mark: '-', text: before[--x]! })
  }
  return changes.reverse()
}

function toHunks(changes: readonly LineChange[]): Hunk[] {
  const hunks: Hunk[] = []
  const changed = changes.flatMap((change, index) => (change.mark === ' ' ? [] : [index]))
  for (let at = 0; at < changed.length;) {
    let last = at
    while (last + 1 < changed.length && changed[last + 1]! - changed[last]! <= 2 * contextLines + 1) last++
    const from = Math.max(0, changed[at]! - contextLines)
    const to = Math.min(changes.length, changed[last]! + contextLines + 1)
    const earlier = changes.slice(0, from)
    hunks.push({
      beforeStart: earlier.filter((change) => change.mark !== '+').length + 1,
      afterStart: earlier.filter((change) => change.mark !== '-').length + 1,
      lines: changes.slice(from, to),
    })
    at = last + 1
  }
  return hunks
}

function printHunk({ beforeStart, afterStart, lines }: Hunk): string {
  const beforeCount = lines.filter((line) => line.mark !== '+').length
  const afterCount = lines.filter((line) => line.mark !== '-').length
  // An empty side is numbered from the line before it: what patch expects of a new or emptied file.
  const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`
  return `@@ -${range(beforeStart, beforeCount)} +${range(afterStart, afterCount)} @@\n${lines.map(printLine).join('')}`
}

function printLine({ mark, text }: LineChange): string {
  return text.endsWith('\n') ? `${mark}${text}` : `${mark}${text}\n\\ No newline at end of file\n`
}
