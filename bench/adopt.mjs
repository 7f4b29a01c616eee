// Section "adopt": what scan, check and migrate cost beside plain `tsc --noEmit` of the pinned compiler on the same
// tree. CPU seconds and peak memory of whole processes with all they start. BENCH_FILES names other sizes, as in
// `BENCH_FILES=20000 npm run bench -- adopt`.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writeTree } from './adopt-trees.mjs'
import { median, printHeading, printRow, spread } from './measure.mjs'
import { costOf } from './process-cost.mjs'

const sizes = (process.env.BENCH_FILES ?? '500,5000').split(',').map(Number)
/** A large tree takes minutes for one round. */
const roundsOf = (size) => (size > 1000 ? 1 : 3)

/** From the issue, over plain tsc; `changed` over `tsc --incremental` after the same change. */
const goals = {
  sparse: { scan: 1, memory: 2, unchanged: 0.15, changed: 1.5, migrate: 4, fast: 0.2 },
  dense: { scan: 2, memory: 2, unchanged: 0.15, changed: 1.5, migrate: 4, fast: 0.2 },
}

export async function adopt() {
  for (const size of sizes) for (const density of ['sparse', 'dense']) await adoptTree(size, density)
}

async function adoptTree(size, density) {
  const root = mkdtempSync(join(tmpdir(), 'adopt-bench-'))
  try {
    const modules = writeTree(root, size, density)
    commit(root)
    printHeading(`${size} files, ${density}: CPU of whole processes / tsc --noEmit on the same tree`)
    printRows(await measure(root, modules, roundsOf(size)), goals[density])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function measure(root, modules, rounds) {
  const costs = { tsc: [], control: [], scan: [], fast: [], unchanged: [], changed: [], migrate: [] }
  const incremental = []
  const keep = async (list, cost) => void list.push(await cost)
  await tsc(root, ...incrementally)
  await tool(root, 'check', '--start-baseline')
  for (let round = 0; round < rounds; round++) {
    await keep(costs.tsc, tsc(root))
    await keep(costs.scan, tool(root, 'scan', '--no-cache'))
    await keep(costs.control, tsc(root))
    await keep(costs.fast, tool(root, 'scan', '--fast'))
    await keep(costs.unchanged, tool(root, 'check'))
    // A body of a function in the middle of the tree: what both tools have to find out is that nobody else sees it.
    const { path } = modules[Math.floor(((round + 1) * modules.length) / (rounds + 2))]
    appendFileSync(
      join(root, path),
      `\nfunction changed${round}(): number {\n  return ${round}\n}\nchanged${round}()\n`,
    )
    await keep(incremental, tsc(root, ...incrementally))
    await keep(costs.changed, tool(root, 'check', '--since', 'HEAD'))
  }
  await keep(costs.migrate, tool(root, 'migrate', '--no-cache'))
  return { ...costs, incremental }
}

function printRows({ tsc: own, control, incremental, ...costs }, goal) {
  const base = own.map((cost, round) => (cost.cpuSeconds + control[round].cpuSeconds) / 2)
  const row = (name, list, over, most) => {
    const seconds = list.map((cost) => cost.cpuSeconds)
    const text = `${name}: ${median(seconds).toFixed(2)} s / ${median(over).toFixed(2)} s`
    printRow(text, spread(seconds.map((value, round) => value / over[round % over.length])), most)
  }
  row(
    'control: tsc / itself',
    control,
    own.map((cost) => cost.cpuSeconds),
  )
  row('scan, every question', costs.scan, base, goal.scan)
  row('scan --fast: definitions, new and casts', costs.fast, base, goal.fast)
  row('check, nothing changed', costs.unchanged, base, goal.unchanged)
  const incrementalSeconds = incremental.map((cost) => cost.cpuSeconds)
  row('check --since, one file changed / tsc --incremental', costs.changed, incrementalSeconds, goal.changed)
  row('migrate, a dry run', costs.migrate, base, goal.migrate)
  const megabytes = (list) => median(list.map((cost) => cost.peakBytes / 1e6))
  const memory = costs.scan.map((cost, round) => cost.peakBytes / own[round].peakBytes)
  const text = `scan, peak memory: ${megabytes(costs.scan).toFixed(0)} MB / ${megabytes(own).toFixed(0)} MB`
  printRow(text, spread(memory), goal.memory)
}

const incrementally = ['--incremental', '--tsBuildInfoFile', 'node_modules/.cache/bench.tsbuildinfo']

function tsc(root, ...words) {
  return checked([resolve('node_modules/typescript/bin/tsc'), '-p', root, '--noEmit', ...words], root, [0])
}

/** 1: the code base is full of findings, or a dry run would edit. Anything else did not do its work. */
function tool(root, command, ...words) {
  const own = [resolve('packages/adopt/dist/bin.js'), command, root, '--format', 'json', '--quiet', ...words]
  return checked(own, root, [0, 1])
}

async function checked(command, cwd, accepted) {
  const cost = await costOf([process.execPath, ...command], cwd)
  if (!accepted.includes(cost.status)) throw new Error(`${command.join(' ')} ended with ${cost.status}: ${cost.errors}`)
  return cost
}

function commit(root) {
  writeFileSync(join(root, '.gitignore'), 'node_modules\n')
  const git = (...words) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...words], { cwd: root })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-q', '-m', 'Tree')
}
