// Nest 12, which is ES modules only: the tests of packages/http that Nest 11 runs, and the programs of http-nest-11,
// type-checked against it and compiled to ES modules and to CommonJS, where Node loads Nest by `require`.
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const here = import.meta.dirname
const root = join(here, '../..')
const source = join(here, '.data/src')
const files = ['app', 'live-client', 'microservice', 'two-users', 'transports']
const { version } = createRequire(import.meta.url)('@nestjs/core/package.json')
const nest = `Nest ${version}`
const said =
  'http: two users on Express and Fastify, with ws and Socket.IO; nobody is served without the guard or by a message'

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
      await expectTwoUsersApart(create, connect, refusal)
      await expectRefusal(create, connect)
    }
    const { expectRefusedMessages } = await import(join(output, 'microservice.js'))
    await expectRefusedMessages()
  })

await check(
  `${nest}, Node ${process.versions.node}, Vitest`,
  'http: every test of packages/http that Nest 11 passes, examples/nestjs and nestjs-cls among them',
  async () => {
    const output = await runTests(['nestjs.test.ts', 'nestjs-stopped.test.ts'])
    const counted = /Tests {2}(\d+) passed \(\1\)/.exec(output)
    if (!(Number(counted?.[1]) >= 39)) throw new Error(output)
  },
)
process.exit(0)

/** Runs tests of packages/http where this Nest and the packed packages are found: below this directory. */
async function runTests(tests) {
  const copy = join(here, '.data/repository')
  const shared = ['client.ts', 'run-example.ts', 'two-user-rows.ts']
  for (const path of [
    ...[...tests, ...shared].map((file) => `packages/http/tests/frameworks/${file}`),
    ...['tsconfig.json', 'packages/http/tsconfig.json', 'examples/nestjs/server.ts', 'examples/nestjs/tsconfig.json'],
    ...['count-glue.mjs', 'page-row.ts', 'table-row.mjs', 'vitest-project.ts', 'fresh-modules.ts'].map(
      (file) => `scripts/${file}`,
    ),
  ]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
  mkdirSync(join(copy, 'bench'))
  for (const path of ['docs', 'bench/results']) symlinkSync(join(root, path), join(copy, path))
  cpSync(join(root, 'packages/http/vitest.config.ts'), join(copy, 'packages/http/vitest.config.ts'))
  const write = process.env.INTEGRATION_WRITE === 'yes' ? ['-u'] : []
  const words = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...write]
  const { exitCode, output } = await runProgram(process.execPath, words, { cwd: join(copy, 'packages/http') })
  if (exitCode !== 0) throw new Error(output)
  return output
}

async function run(words) {
  const { exitCode, output } = await runProgram(process.execPath, words, { cwd: here })
  if (exitCode !== 0) throw new Error(output)
}
