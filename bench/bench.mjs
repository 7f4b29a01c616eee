// npm run bench                      every section
// npm run bench -- core              the sections named
// npm run bench -- core --write      keeps what was printed in bench/results, and writes the figures of the README
// Prints ratios; a missed goal makes the exit code 1. See bench/measure.mjs for the method.
import { adopt } from './adopt.mjs'
import { agents } from './agents.mjs'
import { core } from './core.mjs'
import { delivery, soak } from './delivery.mjs'
import { writeFigures, writeResult } from './figures.mjs'
import { http } from './http.mjs'
import { mcp } from './mcp.mjs'
import { printed } from './measure.mjs'
import { postgres } from './postgres.mjs'
import { signIn } from './sign-in.mjs'
import { sockets } from './sockets.mjs'
import { transfer } from './transfer.mjs'

const sections = { core, delivery, sockets, signIn, http, transfer, mcp, agents, postgres, adopt, soak }
const words = process.argv.slice(2)
const named = words.filter((word) => word !== '--write')
const unknown = named.filter((name) => !(name in sections))
if (unknown.length > 0) {
  console.error(`No such section: ${unknown.join(', ')}. Sections: ${Object.keys(sections).join(', ')}`)
  process.exit(2)
}
for (const [name, run] of Object.entries(sections)) {
  if (named.length > 0 && !named.includes(name)) continue
  await run()
  const tables = printed.splice(0)
  if (words.includes('--write')) writeResult(name, tables)
}
if (words.includes('--write')) writeFigures()
