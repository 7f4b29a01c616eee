// Suite "style": the formatter and the linter, over the whole tree. Each is one test.
import { spawnSync } from 'node:child_process'

const checks = [
  ['node_modules/oxfmt/bin/oxfmt', '--check'],
  ['node_modules/oxlint/bin/oxlint', '--deny-warnings'],
]
const failed = checks.filter((words) => spawnSync(process.execPath, words, { stdio: 'inherit' }).status !== 0).length
console.log(`${checks.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
