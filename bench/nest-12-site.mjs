// Nest 12 of integration/http-nest-12 with what this repository has built, and the Node that it asks for.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLock } from '../integration/harness/install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const project = join(root, 'integration/http-nest-12')
const binaries = join(root, 'integration/node-binaries')

/** Where the app is. It finds Nest above it. */
export const nest12Site = join(project, '.data/bench')
/** The Node that runs it. */
export const nest12Node = join(binaries, 'node_modules/node-24/bin/node')

/** Lays the built package where it finds this Nest, and gives the version of its Node. */
export async function layNest12Site() {
  await installLock(project)
  await installLock(binaries)
  rmSync(nest12Site, { recursive: true, force: true })
  const laid = join(nest12Site, 'node_modules/@user-execution-context/http')
  for (const path of ['package.json', 'dist'])
    cpSync(join(root, 'packages/http', path), join(laid, path), { recursive: true })
  return spawnSync(nest12Node, ['--version'], { encoding: 'utf8' }).stdout.trim()
}
