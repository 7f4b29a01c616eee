// Runs suites and closes with "N passed, N failed". A suite that runs no test has failed.
//   npm test                     the fast suites; with CI set, all of them
//   npm test -- unit adopt       the suites named, and all suites of the packages named
//   npm run soak                 the long version of the suites that have one
import { spawn } from 'node:child_process'
import { installChromium } from './chromium.mjs'
import { suites, suitesNamed } from './suites.mjs'

const words = process.argv.slice(2)
const soak = words[0] === '--soak'
const named = soak ? words.slice(1) : words
const unknown = named.filter((word) => suitesNamed(word).length === 0)
if (unknown.length > 0) {
  console.error(`No such suite or package: ${unknown.join(', ')}. Suites: ${suites.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const isSelected = ({ name, ci = false, soak: isLong = false }) => {
  if (soak && !isLong) return false
  if (named.length > 0) return named.some((word) => suitesNamed(word).some((suite) => suite.name === name))
  return soak || !ci || Boolean(process.env.CI)
}
const selected = suites.filter(isSelected)

// Before all suites: two that both installed it at once would fail on each other's lock.
if (selected.some(({ needsChromium }) => needsChromium)) {
  try {
    installChromium()
  } catch (error) {
    // The suites that need it fail and say so too; the others still run.
    console.error(error.message)
  }
}

/** After this time a suite hangs and is ended: a loop without a pause keeps the timers of its tests from firing. */
const usualLongestMs = soak ? 7_200_000 : 900_000
const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    for (const child of running) stop(child)
    process.exit(130)
  })

// Three at a time for two cores: some suites compute, others wait for timers, sockets and a browser.
const waiting = [...selected]
const outcomes = []
await Promise.all(
  Array.from({ length: 3 }, async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) outcomes.push(await runSuite(suite))
  }),
)

for (const { name, passed, failed, seconds } of outcomes) {
  console.log(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${passed} passed, ${failed} failed (${seconds} s)`,
  )
}
const left = suites.filter((suite) => suite.ci && !isSelected(suite)).map(({ name }) => name)
if (named.length === 0 && !soak && left.length > 0)
  console.log(`\nNot run, because they take minutes: ${left.join(', ')}. They run with CI=true, or by name.`)
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

async function runSuite({ name, directory, command, longestMs = usualLongestMs }) {
  const startedAtMs = Date.now()
  const { exitCode, output } = await capture(command, directory, longestMs)
  const counts = lastCounts(output)
  const passed = counts?.passed ?? 0
  // Guards the runner itself: a crash, or a suite that found nothing to run, is a failure.
  const failed = Math.max(counts?.failed ?? 0, exitCode !== 0 || passed === 0 ? 1 : 0)
  // A soak prints its seeds, so its output is always shown.
  if (failed > 0 || soak) process.stdout.write(`\n--- ${name} ---\n${output}\n`)
  if (failed > 0 && !counts) console.log(`${name}: exit code ${exitCode}, and no closing "N passed, N failed" line`)
  return { name, passed, failed, seconds: ((Date.now() - startedAtMs) / 1000).toFixed(1) }
}

function capture([file, ...words], directory, longestMs) {
  return new Promise((resolve) => {
    // A group of its own, so that what a suite has started ends with it.
    const child = spawn(file, words, {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...(soak ? { SOAK: 'true' } : {}) },
    })
    let output = ''
    running.add(child)
    const timer = setTimeout(() => {
      output += `\nStopped after ${longestMs / 1000} seconds: the suite hangs.\n`
      stop(child)
    }, longestMs)
    const keep = (chunk) => (output += chunk)
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ exitCode: 1, output: `${output}${error.message}` }))
    child.on('close', (exitCode) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ exitCode, output })
    })
  })
}

function stop({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function lastCounts(output) {
  const line = output.match(/^(\d+) passed, (\d+) failed$/gm)?.at(-1)
  if (!line) return undefined
  const [passed, failed] = line.match(/\d+/g).map(Number)
  return { passed, failed }
}
