// The testing package in Jest: matchers, serializer, forgeries and canaries with CommonJS and with ES modules, the
// types of its entry point in every resolution, and the example of the documentation.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const require = createRequire(import.meta.url)
const versionOf = (name) => require(`${name}/package.json`).version
const jest = `Jest ${versionOf('jest')}`
const typescript = `TypeScript ${versionOf('typescript')}`
const resolutions = [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
  ['commonjs', 'node10', '--ignoreDeprecations', '6.0'],
]

await check(`${jest} in CommonJS mode`, 'the testing package: matchers, snapshots, forgeries, canaries', () =>
  runJest({ testRegex: 'matchers/matchers\\.test\\.ts$', setupFilesAfterEnv: ['<rootDir>/setup.ts'] }, 46),
)
await check(`${jest} in CommonJS mode`, 'the testing package: with globals', () =>
  runJest({ testRegex: 'matchers/globals\\.test\\.ts$', setupFilesAfterEnv: ['<rootDir>/setup.ts'] }, 1),
)
await check(`${jest} with --experimental-vm-modules`, 'the testing package: matchers', () =>
  runJest({ testRegex: 'matchers/matchers\\.test\\.mjs$', moduleFileExtensions: ['mjs', 'js'] }, 1, [
    '--experimental-vm-modules',
  ]),
)
await check(`${jest}, jest-mock-extended ${versionOf('jest-mock-extended')}`, 'the example of docs/testing.md', () =>
  runJest({ testRegex: 'examples/.*\\.test\\.ts$' }, 2),
)
for (const [module, moduleResolution, ...flags] of resolutions) {
  await check(`${jest}, ${typescript}, ${moduleResolution}`, 'the testing package: types of its matchers', () =>
    compile('--module', module, '--moduleResolution', moduleResolution, ...flags),
  )
}

async function runJest(options, tests, flags = []) {
  const transform = { '^.+\\.ts$': '@swc/jest' }
  const config = JSON.stringify({ rootDir: import.meta.dirname, transform, ...options })
  const bin = join(import.meta.dirname, 'node_modules/jest/bin/jest.js')
  const { exitCode, output } = await runProgram(process.execPath, [...flags, bin, '--ci', '--config', config])
  if (exitCode !== 0 || !output.includes(`Tests:       ${tests} passed, ${tests} total`)) throw new Error(output)
}

async function compile(...flags) {
  const tsc = join(import.meta.dirname, 'node_modules/typescript/bin/tsc')
  const files = [
    'setup.ts',
    'violators.ts',
    'matchers/matchers.test.ts',
    'matchers/globals.test.ts',
    'examples/jest-mock-extended.test.ts',
  ]
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    'false',
    '--target',
    'es2022',
    '--types',
    'node,jest',
  ]
  const { exitCode, output } = await runProgram(process.execPath, [tsc, ...options, ...flags, ...files], {
    cwd: import.meta.dirname,
  })
  if (exitCode !== 0) throw new Error(output)
}
