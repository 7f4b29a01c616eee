// typedoc, which needs TypeScript 6, reads the declarations of the core: each type in a public signature is exported.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const home = import.meta.dirname
const versionOf = (name) => createRequire(import.meta.url)(`./node_modules/${name}/package.json`).version
const environment = `typedoc ${versionOf('typedoc')} (TypeScript ${versionOf('typescript')})`

await check(environment, 'documents the core without a warning', async () => {
  const declarations = ['index', 'restricted', 'ambient'].map((name) =>
    join(home, `node_modules/user-execution-context/dist/cjs/${name}.d.ts`),
  )
  const words = [
    '--treatWarningsAsErrors',
    // A table of values whose keys are the codes; the union of its keys is exported.
    '--intentionallyNotExported',
    'errorCodes',
    '--excludeExternals',
    'false',
    '--json',
    '.data/core.json',
    '--tsconfig',
    'tsconfig.json',
  ]
  const { exitCode, output } = await runProgram(
    process.execPath,
    ['node_modules/typedoc/bin/typedoc', ...words, '--readme', 'none', '--disableSources', ...declarations],
    { cwd: home },
  )
  if (exitCode !== 0) throw new Error(output)
})
