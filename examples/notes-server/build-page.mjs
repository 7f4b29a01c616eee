// Builds the page: its script with the types of the DOM, and its files beside it.
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const { status } = spawnSync(process.execPath, [compiler, '-p', 'src/page/tsconfig.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
for (const file of ['index.html', 'page.css', 'icon.svg']) copyFileSync(`src/page/${file}`, `dist/page/assets/${file}`)
