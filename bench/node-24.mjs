// Node 24, for libraries that do not run on the Node that runs the bench.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLock } from '../integration/harness/install.mjs'

const binaries = fileURLToPath(new URL('../integration/node-binaries', import.meta.url))

/** Node 24 of integration/node-binaries. */
export const node24 = join(binaries, 'node_modules/node-24/bin/node')

/** Installs it, and gives its version. */
export async function installNode24() {
  await installLock(binaries)
  return spawnSync(node24, ['--version'], { encoding: 'utf8' }).stdout.trim()
}
