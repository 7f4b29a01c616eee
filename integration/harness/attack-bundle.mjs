// The entry file of every bundle: attacks the core that was bundled with it. A bundler finds the packages from the
// directory of the project, where the harness copies this file.
import * as core from 'user-execution-context'
import * as restricted from 'user-execution-context/restricted'
import { attack } from './attack.mjs'
import { rows } from './bundle-rows.mjs'
import * as secondCore from './second-copy/esm/index.js'
import * as secondRestricted from './second-copy/esm/restricted.js'

const bundled = {
  'user-execution-context': core,
  'user-execution-context/restricted': restricted,
  './second-copy/cjs/index.js': secondCore,
  './second-copy/cjs/restricted.js': secondRestricted,
}

/** Attacks with all rows that need nothing of Node, and with rows of the environment's own. */
export async function attackBundle(toMoreRows = () => []) {
  const [runnable, left] = [true, false].map((wanted) =>
    rows.filter(({ imports }) => imports.every((name) => name in bundled) === wanted),
  )
  const ran = runnable.map((row) => ({ ...row, run: () => row.run((name) => bundled[name]) }))
  const { failures, ...result } = await attack([...ran, ...toMoreRows({ core, restricted })], { core, restricted })
  const missing = left.filter(({ imports }) => !imports.some(isOutOfReach)).map(({ name }) => `${name}: was not run`)
  return { ...result, failures: [...failures, ...missing] }
}

/** A module of Node, or a file of the core. */
function isOutOfReach(name) {
  return name.startsWith('node:') || name.includes('/dist/')
}
