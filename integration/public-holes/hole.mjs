// A hole is shown twice: the bare library lets it happen, ours does not. A program fails when either is otherwise.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const versionOf = (name) => `${name} ${require(`./node_modules/${name}/package.json`).version}`

/**
 * Runs both. `bare` and `ours` give what was seen, in words; `isOpen` says whether these words show the hole.
 */
export async function showHole({ hole, libraries, bare, ours, isOpen }) {
  console.log(`${hole}, on ${libraries.map(versionOf).join(', ')}, Node ${process.version}`)
  const [ofBare, ofOurs] = [await bare(), await ours()]
  console.log(`  bare: ${ofBare}\n  ours: ${ofOurs}`)
  const asShown = isOpen(ofBare) && !isOpen(ofOurs)
  console.log(asShown ? '  open in the bare library, closed in ours' : '  NOT AS SHOWN')
  process.exit(asShown ? 0 : 1)
}
