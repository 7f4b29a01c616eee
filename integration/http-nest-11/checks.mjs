// Nest 11 in CommonJS with Jest: the configuration that `nest new` writes, and the same with @swc/jest.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { check } from '../harness/check.mjs'
import { runProgram } from '../harness/run-program.mjs'

const versionOf = (name) => createRequire(import.meta.url)(`${name}/package.json`).version
const nest = `Nest ${versionOf('@nestjs/core')} in CommonJS, Node ${process.versions.node}, Jest ${versionOf('jest')}`
// @nestjs/cli writes these lines; its `rootDir` is the directory of the sources.
const base = { moduleFileExtensions: ['js', 'json', 'ts'], testRegex: '.*\\.spec\\.ts$', testEnvironment: 'node' }
const decorators = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
  },
  module: { type: 'commonjs' },
}
const transforms = {
  [`ts-jest ${versionOf('ts-jest')} (TypeScript ${versionOf('typescript')})`]: 'ts-jest',
  [`@swc/jest ${versionOf('@swc/jest')}`]: ['@swc/jest', decorators],
}

for (const [name, transform] of Object.entries(transforms))
  await check(
    `${nest}, ${name}`,
    'http: two users on Express and Fastify, with ws and Socket.IO; nobody is served without the guard or by a message',
    () => runJest({ ...base, transform: { '^.+\\.(t|j)s$': transform } }),
  )

async function runJest(options) {
  const config = JSON.stringify({ rootDir: import.meta.dirname, ...options })
  const bin = join(import.meta.dirname, 'node_modules/jest/bin/jest.js')
  const { exitCode, output } = await runProgram(process.execPath, [bin, '--ci', '--config', config])
  if (exitCode !== 0 || !output.includes('Tests:       9 passed, 9 total')) throw new Error(output)
}
