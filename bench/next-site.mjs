// The app of bench/next-app, built as in production with the Next.js of integration/http-next.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLock } from '../integration/harness/install.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const project = join(root, 'integration/http-next')

/** Where the app is built. Next.js finds itself above it. */
export const nextSite = join(project, '.data/bench')

/** Builds the app, with what this repository has built. */
export async function buildNextSite() {
  await installLock(project)
  rmSync(nextSite, { recursive: true, force: true })
  cpSync(join(root, 'bench/next-app'), nextSite, { recursive: true })
  layPackage(join(nextSite, 'node_modules/@user-execution-context/http'))
  const next = join(project, 'node_modules/next/dist/bin/next')
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [next, 'build'], {
    cwd: nextSite,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`next build failed:\n${stdout}${stderr}`)
}

/** A package that is the built one: Next.js takes what a link leads to into its bundles, and with it a second seal. */
function layPackage(directory) {
  mkdirSync(directory, { recursive: true })
  const manifest = { name: '@user-execution-context/http', version: '0.0.0', exports: { './next': './next.js' } }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  const built = join(root, 'packages/http/dist/cjs/next.js')
  writeFileSync(join(directory, 'next.js'), `module.exports = require(${JSON.stringify(built)})\n`)
}
