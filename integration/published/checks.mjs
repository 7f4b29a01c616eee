// The tarballs as they would be published: what publint and attw say of each, and what an installation of the core
// costs.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const tarballs = JSON.parse(process.env.INTEGRATION_TARBALLS)
const core = 'user-execution-context'
/** Packages that load by `import` and by `require` in every resolution that attw knows. The others are ES modules. */
const dual = [core, '@user-execution-context/testing', '@user-execution-context/http']
const require = createRequire(import.meta.url)
const versionOf = (name) => require(`./node_modules/${name}/package.json`).version
const publint = `publint ${versionOf('publint')}`
const attw = `attw ${versionOf('@arethetypeswrong/cli')}`

for (const [name, tarball] of Object.entries(tarballs)) {
  await check(publint, name, () => expectExit(['node_modules/publint/src/cli.js', tarball, '--strict']))
  if (dual.includes(name) || name.startsWith('eslint-plugin-'))
    await check(attw, `${name} in every resolution`, () => runAttw(tarball))
  else if (name !== '@user-execution-context/adopt')
    await check(attw, `${name}, ES modules only`, () => runAttw(tarball, '--profile', 'esm-only'))
}
await checkInstallation()

function runAttw(tarball, ...words) {
  return expectExit(['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--no-color', '--no-emoji', ...words])
}

async function expectExit(words) {
  const { exitCode, output } = await runProgram(process.execPath, words, { cwd: import.meta.dirname })
  if (exitCode !== 0) throw new Error(output)
}

async function checkInstallation() {
  const project = mkdtempSync(join(tmpdir(), 'empty-project-'))
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  const words = ['install', '--omit=dev', '--prefer-offline', '--no-fund', '--no-audit', tarballs[core]]
  const { exitCode, output } = await runProgram('npm', words, { cwd: project })
  const modules = join(project, 'node_modules')
  await check('npm install of the core', 'at most 1 MB on disk', () => {
    if (exitCode !== 0) throw new Error(output)
    const bytes = sizeOf(modules)
    if (bytes > 1_000_000) throw new Error(`${bytes} bytes`)
  })
  await check('npm install of the core', 'at most 2 packages, and no command', () => {
    const names = readdirSync(modules).filter((name) => name !== '.package-lock.json')
    if (names.length === 0 || names.length > 2 || names.includes('.bin'))
      throw new Error(`Installed: ${names.join(', ')}`)
  })
  rmSync(project, { recursive: true })
}

/** What the files take on disk, in whole blocks. */
function sizeOf(directory) {
  return readdirSync(directory, { recursive: true })
    .map((name) => statSync(join(directory, name)))
    .reduce((sum, { blocks }) => sum + blocks * 512, 0)
}
