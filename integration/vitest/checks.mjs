// vitest with the core as it is installed by default (external), inlined, and linked from another directory. Beside it
// a library that vitest leaves to Node: it must share the seal.
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const home = import.meta.dirname
const installed = join(home, 'node_modules/user-execution-context')
const linked = join(home, '.data/linked/user-execution-context')
const { version } = createRequire(import.meta.url)('vitest/package.json')
const environment = `vitest ${version}`

installLibrary()
await check(environment, 'core external (the default): the forgery table', () => runVitest({}))
await check(environment, 'core inlined: the forgery table', () => runVitest({ inline: ['user-execution-context'] }))
await check(environment, 'core linked: the forgery table', async () => {
  link()
  try {
    await runVitest({})
  } finally {
    unlink()
  }
})

async function runVitest(deps) {
  const server = `server: { deps: ${JSON.stringify(deps)} }`
  const config = `export default { test: { include: ['core/*.test.mjs'], ${server} } }\n`
  writeFileSync(join(home, '.data/vitest.config.mjs'), config)
  const bin = join(home, 'node_modules/vitest/vitest.mjs')
  const { exitCode, output } = await runProgram(
    process.execPath,
    [bin, 'run', '--root', home, '--config', '.data/vitest.config.mjs'],
    { cwd: home },
  )
  if (exitCode !== 0 || !/Tests +3 passed \(3\)/.test(output)) throw new Error(output)
}

function installLibrary() {
  const library = join(home, 'node_modules/library')
  mkdirSync(library, { recursive: true })
  writeFileSync(join(library, 'package.json'), '{ "name": "library", "type": "module", "exports": "./library.mjs" }')
  cpSync(join(home, 'library.mjs'), join(library, 'library.mjs'))
}

/** As `npm link` does it: the package lies elsewhere, beside its own dependencies. */
function link() {
  rmSync(join(home, '.data/linked'), { recursive: true, force: true })
  mkdirSync(join(home, '.data/linked'), { recursive: true })
  renameSync(installed, linked)
  mkdirSync(join(linked, 'node_modules'))
  symlinkSync(join(home, 'node_modules/ts-brand'), join(linked, 'node_modules/ts-brand'))
  symlinkSync(linked, installed)
}

function unlink() {
  rmSync(installed)
  rmSync(join(linked, 'node_modules'), { recursive: true })
  renameSync(linked, installed)
}
