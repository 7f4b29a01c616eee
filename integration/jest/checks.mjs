// Jest in CommonJS mode: the core with the default configuration of each transformer, and each package of ES modules
// with the one line that its README gives.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const versionOf = (name) => createRequire(import.meta.url)(`${name}/package.json`).version
const jest = `Jest ${versionOf('jest')} in CommonJS mode`
const tsJest = `${jest}, ts-jest ${versionOf('ts-jest')} (TypeScript ${versionOf('typescript')})`
const swcJest = `${jest}, @swc/jest ${versionOf('@swc/jest')}`
const swc = { transform: { '^.+\\.(t|j)sx?$': '@swc/jest' } }

await check(tsJest, 'default configuration: the forgery table', () => runJest('core', { preset: 'ts-jest' }, 2))
await check(swcJest, 'default configuration: the forgery table', () => runJest('core', swc, 2))
for (const [directory, tests] of Object.entries({ 'golden-path': 1, 'transfer': 1, 'mcp': 2, 'postgres': 1 })) {
  const transformIgnorePatterns = readTransformLine(directory)
  await check(tsJest, `${directory}, with the line of its README`, () =>
    runJest(directory, { preset: 'ts-jest/presets/js-with-ts', transformIgnorePatterns }, tests),
  )
  await check(swcJest, `${directory}, with the line of its README`, () =>
    runJest(directory, { ...swc, transformIgnorePatterns }, tests),
  )
  await check(swcJest, `${directory}, with --experimental-vm-modules and no line`, () =>
    runJest(directory, swc, tests, ['--experimental-vm-modules']),
  )
}

async function runJest(directory, options, tests, flags = []) {
  const config = JSON.stringify({ rootDir: import.meta.dirname, roots: [`<rootDir>/${directory}`], ...options })
  const bin = join(import.meta.dirname, 'node_modules/jest/bin/jest.js')
  const { exitCode, output } = await runProgram(process.execPath, [...flags, bin, '--ci', '--config', config])
  if (exitCode !== 0 || !output.includes(`Tests:       ${tests} passed, ${tests} total`)) throw new Error(output)
}

/** The value of `transformIgnorePatterns` as the README of a package prints it. */
function readTransformLine(directory) {
  const page = `packages/${directory}/README.md`
  const readme = readFileSync(join(process.env.INTEGRATION_ROOT, page), 'utf8')
  const [, value] = readme.match(/transformIgnorePatterns: (\[.+\])/) ?? []
  if (value === undefined) throw new Error(`${page} gives no transformIgnorePatterns line.`)
  return JSON.parse(value.replaceAll("'", '"'))
}
