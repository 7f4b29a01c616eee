// Suite "types": strict tsc passes over sources and tests, and over the script of the page (which has the DOM instead
// of Node). One project is one test.
import { spawnSync } from 'node:child_process'

const projects = ['tsconfig.json', 'src/server/page/tsconfig.json']
const failed = projects.filter((project) =>
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project, '--noEmit'], { stdio: 'inherit' }).status !== 0)
console.log(`${projects.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)
