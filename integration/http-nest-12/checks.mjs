// Nest 12, which is ES modules only: the programs of http-nest-11, type-checked against it and compiled to ES modules
// and to CommonJS, where Node loads Nest by `require`.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { toTwoUserCells } from '../../scripts/table-row.mjs'
import { check } from '../harness/check.mjs'
import { expectRow } from '../harness/expect-row.mjs'
import { runProgram } from '../harness/run-program.mjs'

const here = import.meta.dirname
const source = join(here, '.data/src')
const files = ['app', 'live-client', 'two-users', 'transports']
const { version } = createRequire(import.meta.url)('@nestjs/core/package.json')
const nest = `Nest ${version}`
const program = 'integration/http-nest-11/app.ts'
const said = 'http: two users on Express and Fastify, with ws and Socket.IO; nobody is served without the guard'

rmSync(join(here, '.data'), { recursive: true, force: true })
mkdirSync(source, { recursive: true })
for (const file of files) cpSync(join(here, `../http-nest-11/${file}.ts`), join(source, `${file}.ts`))
// ES modules name the file that they import with its ending, which the CommonJS programs leave out.
for (const file of files) {
  const path = join(source, `${file}.ts`)
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from '\.\/[\w-]+)'/g, "$1.js'"))
}

for (const [format, module, type] of [
  ['ES modules', 'esnext', 'module'],
  ['CommonJS', 'commonjs', 'commonjs'],
])
  await check(`${nest} in ${format}, Node ${process.versions.node}`, said, async () => {
    const output = join(here, `.data/${type}`)
    await run(['node_modules/typescript/bin/tsc', '--module', module, '--outDir', output])
    writeFileSync(join(output, 'package.json'), JSON.stringify({ type }))
    const { transports } = await import(join(output, 'transports.js'))
    const { expectRefusal, expectTwoUsersApart } = await import(join(output, 'two-users.js'))
    if (transports.length !== 4) throw new Error(`${transports.length} pairs of adapters`)
    for (const { create, connect, refusal } of transports) {
      const counts = await expectTwoUsersApart(create, connect, refusal)
      await expectRefusal(create, connect)
      const cells = toTwoUserCells({ program }, readFileSync(join(here, '../..', program), 'utf8'), counts)
      expectRow('docs/http.md', 'NestJS', version, cells)
    }
  })
process.exit(0)

async function run(words) {
  const { exitCode, output } = await runProgram(process.execPath, words, { cwd: here })
  if (exitCode !== 0) throw new Error(output)
}
