// npm run bench              every section
// npm run bench -- core      the sections named
// Prints ratios; a missed goal makes the exit code 1. See bench/measure.mjs for the method.
import { adopt } from './adopt.mjs'
import { core } from './core.mjs'
import { delivery, soak } from './delivery.mjs'
import { sockets } from './sockets.mjs'

const sections = { core, delivery, sockets, adopt, soak }
const named = process.argv.slice(2)
const unknown = named.filter((name) => !(name in sections))
if (unknown.length > 0) {
  console.error(`No such section: ${unknown.join(', ')}. Sections: ${Object.keys(sections).join(', ')}`)
  process.exit(2)
}
for (const [name, run] of Object.entries(sections)) {
  if (named.length === 0 || named.includes(name)) await run()
}
