// Runs one vitest project by name, with its tests of memory, and restates its totals in the line that
// scripts/test.mjs reads.
//   node scripts/run-vitest.mjs unit [more vitest arguments]
import { startVitest } from 'vitest/node'

const [project, ...filters] = process.argv.slice(2)
const vitest = await startVitest('test', filters, {
  project: [project, `${project}-memory*`],
  watch: false,
  passWithNoTests: false,
})
const modules = vitest.state.getTestModules()
const tests = modules.flatMap((module) => [...module.children.allTests()])
const passed = tests.filter((test) => test.result().state === 'passed').length
const skipped = tests.filter((test) => test.result().state === 'skipped').length
// A skipped test is counted as failed: a suite that could not run must be seen (see Tests in AGENTS.md).
const brokenModules = modules.filter(
  (module) => module.state() === 'failed' && ![...module.children.allTests('failed')].length,
).length
const unhandled = vitest.state.getUnhandledErrors().length
const failed = tests.length - passed + brokenModules + unhandled
await vitest.close()
if (skipped > 0) console.log(`${skipped} tests were skipped: a skipped test counts as failed`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
