// The programs of docs/guides, each with its real library and two users. They are TypeScript as the pages show it:
// compiled by tsc, and run by a Node that takes off the types.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { agentGuides } from './agents.mjs'
import { signInGuides } from './sign-in.mjs'
import { guides } from './two-users.mjs'

const require = createRequire(import.meta.url)
const here = import.meta.dirname

await check('guides', 'the programs compile on TypeScript 5.9.3', async () => {
  const tsc = join(here, 'node_modules/typescript/bin/tsc')
  const { exitCode, output } = await runProgram(process.execPath, [tsc, '-p', '.'], { cwd: here })
  if (exitCode !== 0) throw new Error(output)
})

for (const { library, what, run } of [...guides, ...agentGuides, ...signInGuides]) {
  const { version } = require(`./node_modules/${library}/package.json`)
  await check(`guide, ${library} ${version}`, what, run)
}
process.exit(0)
