// Suite "types": one strict tsc pass over sources and tests. One project is one test.
import { spawnSync } from 'node:child_process'

const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { stdio: 'inherit' })
console.log(status === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed')
process.exit(status ?? 1)
