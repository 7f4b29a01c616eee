// What a scan of the legacy code base costs beside plain `tsc --noEmit` of the pinned compiler on the same tree:
// CPU seconds of whole processes with all they start, interleaved, medians, as ratios.
//   node bench/adopt.mjs [rounds]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { generateLegacyApp } from '../tests/fixtures/legacy-app/generate.mjs'
import { installPackages } from '../tests/fixtures/legacy-app/packages.mjs'

const projects = ['.', 'jobs', 'workers']
/** From the issue: whole scan, and definitions, `new` and casts only. */
const limits = { full: 3.0, fast: 0.6 }

/**
 * @param {{ rounds?: number }} options
 * @returns rows `{ name, cpuSeconds, ratio, limit }`; the first one is tsc
 */
export function benchAdopt({ rounds = 5 } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'legacy-app-bench-'))
  try {
    generateLegacyApp(root)
    installPackages(root)
    const tsc = projects.map((project) => [resolve('node_modules/typescript/bin/tsc'), '-p', join(root, project), '--noEmit'])
    const scan = [resolve('dist/adopt/bin.js'), 'scan', root, '--format', 'json', '--quiet']
    const runs = {
      tsc: () => sum(tsc.map((command) => cpuSecondsOfWaited(command, root))),
      full: () => cpuSecondsOf(scan, root, [0, 1]),
      fast: () => cpuSecondsOf([...scan, '--fast'], root, [0, 1]),
    }
    const seconds = { tsc: [], full: [], fast: [] }
    for (let round = 0; round < rounds; round++) for (const name of Object.keys(runs)) seconds[name].push(runs[name]())
    const base = median(seconds.tsc)
    const row = (name, title, limit) => ({ name: title, cpuSeconds: median(seconds[name]), ratio: median(seconds[name]) / base, limit })
    return [row('tsc', 'tsc --noEmit', undefined), row('full', 'scan', limits.full), row('fast', 'scan --fast', limits.fast)]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** User and system time of tsc, its launcher included: the shell's `times` says what it waited for. */
function cpuSecondsOfWaited(command, cwd) {
  const shell = ['-c', '"$@" >/dev/null; status=$?; times; exit $status', 'sh', process.execPath, ...command]
  const { status, stdout, stderr } = spawnSync('sh', shell, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`A measured command ended with ${status}: ${stderr}`)
  const [, children] = stdout.trim().split('\n')
  return sum([...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds)))
}

/** User and system time of a Node program and of all its children, whether it waits for them or not. */
function cpuSecondsOf(command, cwd, allowedExitCodes) {
  const file = join(cwd, 'node_modules/cpu-at-exit.txt')
  const parameters = ['--import', new URL('cpu-at-exit.mjs', import.meta.url).href, ...command]
  const { status, stderr } = spawnSync(process.execPath, parameters, { cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CPU_AT_EXIT_FILE: file } })
  if (!allowedExitCodes.includes(status)) throw new Error(`A measured command ended with ${status}: ${stderr}`)
  return Number(readFileSync(file, 'utf8'))
}

function median(values) {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)]
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}

/** The rows as lines of text. */
export function printAdopt(rows) {
  const load = loadavg().map((value) => value.toFixed(2)).join(' ')
  const lines = rows.map(({ name, cpuSeconds, ratio, limit }) => {
    const verdict = limit === undefined ? '' : `  at most ${limit.toFixed(1)}: ${ratio <= limit ? 'holds' : 'EXCEEDED'}`
    return `  ${name.padEnd(14)} ${cpuSeconds.toFixed(2).padStart(6)} CPU s   ${ratio.toFixed(2).padStart(5)} x tsc${verdict}`
  })
  return [`scan beside tsc on the legacy code base, 380 files (load ${load})`, ...lines].join('\n')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(printAdopt(benchAdopt({ rounds: Number(process.argv[2] ?? 5) })))
