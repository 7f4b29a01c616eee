// The core in other runtimes: Bun and Deno import and require the installed package, workerd takes a bundle.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { check, expectNone } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const home = import.meta.dirname
const modules = join(home, 'node_modules')
const versionOf = (name) => createRequire(import.meta.url)(`./node_modules/${name}/package.json`).version

/**
 * As wrangler bundles: a `require` of a module of Node becomes an import, which workerd answers with `nodejs_compat`.
 */
const nodeModules = {
  name: 'modules of Node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, namespace: 'required' } : { path, external: true },
    )
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({
      contents: `import all from '${path}'\nmodule.exports = all`,
    }))
  },
}

await checkModules(`Bun ${versionOf('@oven/bun-linux-x64')}`, '@oven/bun-linux-x64/bin/bun', [])
await checkModules(`Deno ${versionOf('@deno/linux-x64-glibc')}`, '@deno/linux-x64-glibc/deno', [
  'run',
  '-A',
  '--no-remote',
])

const workerd = `workerd ${versionOf('workerd')}`
await check(workerd, 'a bundle: the forgery table, but for what needs Node or a file', async () => {
  await testWorker('worker.mjs', [])
})
await check(workerd, 'a bundle as wrangler makes it, with nodejs_compat: the ambient context', () =>
  testWorker('ambient-worker.mjs', ['nodejs_compat']),
)

async function checkModules(environment, binary, words) {
  const { exitCode, stdout, output } = await runProgram(join(modules, binary), [...words, 'attack-modules.mjs'], {
    cwd: home,
  })
  const found = (name) => {
    if (exitCode !== 0) throw new Error(output)
    return JSON.parse(stdout)[name]
  }
  await check(environment, 'import: the forgery table', () => expectNone(found('imported')))
  await check(environment, 'require: the forgery table', () => expectNone(found('required')))
  await check(environment, 'import and require give one seal', () => expectTrue(found('oneSeal')))
  await check(environment, 'the ambient context', () => expectTrue(found('ambient')))
}

async function testWorker(entry, compatibilityFlags) {
  const outfile = join(home, '.data', entry)
  await build({
    entryPoints: [join(home, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    plugins: compatibilityFlags.length > 0 ? [nodeModules] : [],
    logLevel: 'silent',
  })
  const config = join(home, '.data', `${entry}.capnp`)
  const flags = compatibilityFlags.map((flag) => `"${flag}"`).join()
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
const main :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "${entry}")],
  compatibilityDate = "2026-07-01",
  compatibilityFlags = [${flags}],
);
`,
  )
  const { exitCode, output } = await runProgram(join(modules, '@cloudflare/workerd-linux-64/bin/workerd'), [
    'test',
    config,
  ])
  if (exitCode !== 0 || !output.includes('[ PASS ]')) throw new Error(output)
  return output
}

function expectTrue(value) {
  if (value !== true) throw new Error(`Expected true, got ${value}`)
}
