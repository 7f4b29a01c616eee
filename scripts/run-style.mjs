// Suite "style": the formatter and the linter, over the whole tree. Each is one test. A file that the formatter found
// in order is read again only after a change of its text, of the options or of the formatter, which is
// most of the time.
import { spawnSync } from 'node:child_process'

const checks = [
  [
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    '--cache',
    '--cache-strategy=content',
    '--log-level',
    'warn',
    '.',
  ],
  ['node_modules/oxlint/bin/oxlint', '--deny-warnings'],
]
const failed = checks.filter((words) => spawnSync(process.execPath, words, { stdio: 'inherit' }).status !== 0).length
console.log(`${checks.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
