// Builds the page: its script with the types of the DOM, and its files beside it.
//   node build-page.mjs DIRECTORY    the directory that becomes dist
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const [directory] = process.argv.slice(2)
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const words = ['-p', 'src/page/tsconfig.json', '--outDir', `${directory}/page/assets`]
const { status } = spawnSync(process.execPath, [compiler, ...words], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
for (const file of ['index.html', 'page.css', 'context.css', 'icon.svg'])
  copyFileSync(`src/page/${file}`, `${directory}/page/assets/${file}`)
