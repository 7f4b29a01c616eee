// Section "adopt": what a scan of the legacy code base costs beside plain `tsc --noEmit` of the pinned compiler on the
// same tree. CPU seconds of whole processes with all they start, the candidates in turn, the ratio taken per round.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateLegacyApp } from '../packages/adopt/tests/fixtures/legacy-app/generate.mjs'
import { installPackages } from '../packages/adopt/tests/fixtures/legacy-app/packages.mjs'
import { median, printHeading, printRow, spread } from './measure.mjs'

const projects = ['.', 'jobs', 'workers']
const rounds = 9
/** From the issue: every question, and definitions, `new` and casts only. */
const goals = { full: 3, fast: 0.6 }

export function adopt() {
  const root = mkdtempSync(join(tmpdir(), 'legacy-app-bench-'))
  try {
    const { files, sites } = generateLegacyApp(root)
    installPackages(root)
    printHeading(
      `CPU of scanning ${files.length} files with ${sites.length} constructions / tsc --noEmit on the same tree, ` +
        'whole processes',
    )
    printRows(measure(root))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function measure(root) {
  const tsc = () =>
    sum(
      projects.map((project) =>
        cpuSecondsOfWaited([resolve('node_modules/typescript/bin/tsc'), '-p', join(root, project), '--noEmit'], root),
      ),
    )
  const scan = [resolve('packages/adopt/dist/bin.js'), 'scan', root, '--format', 'json', '--quiet']
  const seconds = { tsc: [], control: [], full: [], fast: [] }
  for (let round = 0; round < rounds; round++) {
    seconds.tsc.push(tsc())
    seconds.full.push(cpuSecondsOf(scan, root))
    seconds.control.push(tsc())
    seconds.fast.push(cpuSecondsOf([...scan, '--fast'], root))
  }
  return seconds
}

function printRows({ tsc, control, full, fast }) {
  const row = (name, own, goal) =>
    printRow(
      `${name}: ${median(own).toFixed(2)} s / ${median(tsc).toFixed(2)} s`,
      spread(own.map((value, round) => value / base(tsc, control, round))),
      goal,
    )
  row('control: tsc / itself', control)
  row('scan, every question', full, goals.full)
  row('scan --fast: definitions, new and casts', fast, goals.fast)
}

/** A round's scan stands between two runs of tsc: their mean is what it is compared with. */
function base(tsc, control, round) {
  return (tsc[round] + control[round]) / 2
}

/** User and system time of tsc, its launcher included: the shell's `times` says what it waited for. */
function cpuSecondsOfWaited(command, cwd) {
  const shell = ['-c', '"$@" >/dev/null; status=$?; times; exit $status', 'sh', process.execPath, ...command]
  const { status, stdout, stderr } = spawnSync('sh', shell, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`tsc ended with ${status}: ${stderr}`)
  const [, children] = stdout.trim().split('\n')
  return sum(
    [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds)),
  )
}

/**
 * User and system time of a Node program and of all its children, whether it waits for them or not. Reads /proc: Linux
 * only.
 */
function cpuSecondsOf(command, cwd) {
  const file = join(cwd, 'node_modules/cpu-at-exit.txt')
  const parameters = ['--require', fileURLToPath(new URL('cpu-at-exit.cjs', import.meta.url)), ...command]
  const env = { ...process.env, CPU_AT_EXIT_FILE: file }
  const { status, stderr } = spawnSync(process.execPath, parameters, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // 1: the code base is full of findings. Anything else did not scan it.
  if (status !== 1) throw new Error(`scan ended with ${status}: ${stderr}`)
  return Number(readFileSync(file, 'utf8'))
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}
