// The measuring part of `npm run bench`: ratios inside one run, never absolute times.
// Candidates alternate in seeded order, CPU time is counted, the ratio is taken per round, and every table carries the
// same code against itself as a control. Each pair runs in a process of its own, so that no pair spoils another's
// caches.
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'

const seed = Number(process.env.BENCH_SEED ?? 20261123)

/**
 * Runs two candidates in turn. Each is a function that does `operations` operations. Returns the ratios first / second.
 */
export async function compare(first, second, { operations, rounds = 15, warmUps = 4 }) {
  const random = mulberry32(seed)
  for (let round = 0; round < warmUps; round++) {
    await cpuMicros(first, operations)
    await cpuMicros(second, operations)
  }
  const ratios = []
  const nanos = []
  for (let round = 0; round < rounds; round++) {
    const firstGoesFirst = random() < 0.5
    const before = await cpuMicros(firstGoesFirst ? first : second, operations)
    const after = await cpuMicros(firstGoesFirst ? second : first, operations)
    const [own, other] = firstGoesFirst ? [before, after] : [after, before]
    ratios.push(own / other)
    nanos.push((own / operations) * 1000)
  }
  return { ...spread(ratios), ratios, nanos: median(nanos) }
}

/**
 * As {@link compare}, for candidates that answer with a promise: each is one operation, and one waits for the one
 * before.
 */
export async function compareAsync(first, second, { operations, rounds = 31, warmUps = 4 }) {
  const random = mulberry32(seed)
  for (let round = 0; round < warmUps; round++) {
    await cpuMicrosAsync(first, operations)
    await cpuMicrosAsync(second, operations)
  }
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const firstGoesFirst = random() < 0.5
    const before = await cpuMicrosAsync(firstGoesFirst ? first : second, operations)
    const after = await cpuMicrosAsync(firstGoesFirst ? second : first, operations)
    ratios.push(firstGoesFirst ? before / after : after / before)
  }
  return { ...spread(ratios), ratios }
}

/** Runs a bench file in a fresh process with the words as arguments; it prints one JSON line last. */
export function inFreshProcess(file, ...words) {
  return inProcessOf(process.execPath, file, ...words)
}

/** The same by another Node. */
export function inProcessOf(node, file, ...words) {
  const { stdout, stderr, status } = spawnSync(node, ['--expose-gc', file, ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(`${file} ${words.join(' ')} failed:\n${stderr}${stdout}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/**
 * The rounds of several fresh processes together: V8 inlines a little differently in each, which moves a ratio by a
 * tenth.
 */
export function inFreshProcesses(count, node, file, ...words) {
  const rounds = Array.from({ length: count }, () => inProcessOf(node, file, ...words).ratios)
  return spread(rounds.flat())
}

/** Bytes that each value keeps alive, measured over `count` of them. Needs --expose-gc. */
export function retainedBytes(make, count = 200_000) {
  const kept = new Array(count).fill(null)
  const before = heapAfterCollection()
  for (let index = 0; index < count; index++) kept[index] = make(index)
  const after = heapAfterCollection()
  if (kept.length !== count) throw new Error('unreachable')
  return (after - before) / count
}

export const spread = (values) => {
  const sorted = [...values].sort((one, other) => one - other)
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))]
  return { median: at(0.5), low: at(0.1), high: at(0.9) }
}

export const median = (values) => spread(values).median

const formatRatio = ({ median, low, high }) => `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`

/** What was printed: tables of rows, for `--write`. */
export const printed = []

/** One line per row; `goal` is the bound that the row must keep, undefined for information only. */
export function printRow(name, ratio, goal) {
  printRatios(name, [ratio], { atMost: goal })
}

/** A row with a ratio for each environment of the heading. */
export function printRatios(name, ratios, { atMost, atLeast }) {
  const holds = ratios.every(({ median }) => median <= (atMost ?? Infinity) && median >= (atLeast ?? -Infinity))
  const bound = atMost === undefined ? (atLeast === undefined ? '' : `  at least ${atLeast}`) : `  at most ${atMost}`
  const verdict = bound === '' ? '' : `${bound}: ${holds ? 'holds' : 'MISSED'}`
  console.log(`  ${name.padEnd(66)} ${ratios.map(formatRatio).join('  ')}${verdict}`)
  if (!holds) process.exitCode = 1
  const round = (value) => Math.round(value * 100) / 100
  printed.at(-1).rows.push({ name, medians: ratios.map(({ median }) => round(median)), atMost, atLeast })
}

/** Begins a table. `versions` are the Nodes that its columns are of; default the one that runs. */
export function printHeading(title, versions = [process.version]) {
  const [load] = loadavg()
  printed.push({ title, nodes: versions, rows: [] })
  console.log(
    `\n${title}\n  Node ${versions.join(', ')}; ${cpus().length} cores, load ${load.toFixed(2)}, seed ${seed}; ` +
      'median of ratios (10th to 90th percentile)',
  )
}

async function cpuMicros(candidate, operations) {
  const start = process.cpuUsage()
  await candidate(operations)
  const { user, system } = process.cpuUsage(start)
  return user + system
}

async function cpuMicrosAsync(candidate, operations) {
  const start = process.cpuUsage()
  for (let index = 0; index < operations; index++) await candidate()
  const { user, system } = process.cpuUsage(start)
  return user + system
}

function heapAfterCollection() {
  for (let pass = 0; pass < 4; pass++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
