// Compiles src to dist, and the page with its own script. dist is removed first, so that a deleted source file leaves nothing behind.
import { spawnSync } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
for (const project of ['tsconfig.build.json', 'src/server/page/tsconfig.json']) {
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
for (const file of ['index.html', 'page.css', 'icon.svg']) copyFileSync(`src/server/page/${file}`, `dist/server/page/assets/${file}`)
