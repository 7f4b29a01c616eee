// Bundles of the core for Node and for the browser, run with the forgery table.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { installChromium, launchArguments } from '../../scripts/chromium.mjs'
import { check, expectNone } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'
import { bundleWithEsbuild, bundleWithRollup, bundleWithWebpack, compileWithSwc } from './bundle.mjs'

const home = import.meta.dirname
const versionOf = (name) => createRequire(import.meta.url)(`${name}/package.json`).version
const bundlers = {
  [`esbuild ${versionOf('esbuild')}`]: bundleWithEsbuild,
  [`rollup ${versionOf('rollup')}`]: bundleWithRollup,
  [`webpack ${versionOf('webpack')}`]: bundleWithWebpack,
  [`swc ${versionOf('@swc/core')}`]: compileWithSwc,
}

/** In an ES module esbuild answers no `require` of a module of Node; this line is what its users add. */
const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

for (const [environment, bundle] of Object.entries(bundlers)) {
  await check(environment, 'an ES2022 bundle: the forgery table, but for what needs Node or a file', async () => {
    const { exitCode, stdout, output } = await runProgram(process.execPath, [await bundle('program.mjs')])
    if (exitCode !== 0) throw new Error(output)
    expectRefused(JSON.parse(stdout))
  })
}

await checkAmbient()
await checkBelowEs2022()
await checkBrowser()

async function checkAmbient() {
  await check(
    `esbuild ${versionOf('esbuild')}`,
    'an ES module for Node, with a banner that defines require: the ambient context',
    async () => {
      const { output } = await runProgram(process.execPath, [
        await bundleWithEsbuild('ambient.mjs', { banner: { js: requireBanner } }),
      ])
      if (output.trim() !== 'true') throw new Error(output)
    },
  )
}

/** Below ES2022 the mark becomes a WeakSet whose methods a program can patch. */
async function checkBelowEs2022() {
  const environment = `esbuild ${versionOf('esbuild')}`
  await check(environment, 'a bundle for ES2020: the core refuses to load, in a sentence', async () => {
    const { exitCode, output } = await runProgram(process.execPath, [
      await bundleWithEsbuild('program.mjs', { target: 'es2020' }),
    ])
    if (exitCode === 0 || !output.includes('ES2022')) throw new Error(`Exit code ${exitCode}:\n${output}`)
  })
}

async function checkBrowser() {
  const browser = await chromium.launch({ executablePath: installChromium(), args: launchArguments })
  try {
    // Without its version, which is another whenever Debian has a newer one: the page of all rows would be wrong then.
    const environment = 'Chromium of Debian, bundle of esbuild'
    await check(
      environment,
      'the forgery table, with a Web Worker and a frame for the rows that need Node',
      async () => {
        const page = await browser.newPage()
        const failures = []
        page.on('pageerror', (error) => failures.push(error.message))
        await page.goto(pathToFileURL(await writePage()).href)
        expectRefused(
          await page.evaluate(() => globalThis.attacked).catch((error) => ({ failures: [...failures, error.message] })),
        )
      },
    )
  } finally {
    await browser.close()
  }
}

/** One file, because a page from the disk may load no module. */
async function writePage() {
  const script = readFileSync(await bundleWithEsbuild('page.mjs', { platform: 'browser' }), 'utf8')
  const file = join(home, '.data/page.html')
  writeFileSync(
    file,
    `<!doctype html><body><script type="module">${script.replaceAll('</script', '<\\/script')}</script></body>`,
  )
  return file
}

function expectRefused({ ran, failures }) {
  expectNone(failures)
  if (!(ran > 50)) throw new Error(`Only ${ran} rows ran`)
}
