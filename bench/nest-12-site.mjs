// Nest 12 of integration/http-nest-12 with what this repository has built.
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLock } from '../integration/harness/install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const project = join(root, 'integration/http-nest-12')

/** Where the app is. It finds Nest above it. */
export const nest12Site = join(project, '.data/bench')

/** Lays the built package where it finds this Nest. */
export async function layNest12Site() {
  await installLock(project)
  rmSync(nest12Site, { recursive: true, force: true })
  const laid = join(nest12Site, 'node_modules/@user-execution-context/http')
  for (const path of ['package.json', 'dist'])
    cpSync(join(root, 'packages/http', path), join(laid, path), { recursive: true })
}
