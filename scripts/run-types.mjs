// Suite "types": a strict tsc pass over the sources and tests of each package and over the script of the page (which
// has the DOM instead of Node), then the type tests of each package.
import { spawnSync } from 'node:child_process'
import { runTypeTests } from './type-tests.mjs'
import { workspaces } from './workspaces.mjs'

const directories = ['.', ...workspaces()]
const projects = [...directories, 'examples/notes-server/src/page']
const failed = projects.filter(
  (project) =>
    spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project, '--noEmit'], { stdio: 'inherit' })
      .status !== 0,
)
const typeTests = await runTypeTests(directories.filter((directory) => !directory.startsWith('examples/')))
console.log(`${projects.length - failed.length + typeTests.passed} passed, ${failed.length + typeTests.failed} failed`)
process.exit(failed.length + typeTests.failed === 0 ? 0 : 1)
