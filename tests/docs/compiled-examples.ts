// The small programs of examples/, compiled by one compiler.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { compile } from '../violators/compile.ts'
import { blockOptions } from './compiled-blocks.ts'

const namesWith = (file: string): readonly string[] =>
  readdirSync('examples').filter((name) => existsSync(`examples/${name}/${file}`))

export const programs = namesWith('main.ts')
/** Programs that listen: they are run by the tests of packages/http. */
const servers = namesWith('server.ts')

/** Two suites compile at once: each version has a directory of its own. */
export const testExamples = (version: CompilerVersion): void =>
  test(`the examples compile on TypeScript ${version}`, () => {
    const directory = `.data/examples-${version}`
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(directory, { recursive: true })
    for (const name of programs) copyFileSync(`examples/${name}/main.ts`, `${directory}/${name}.ts`)
    for (const name of servers) copyFileSync(`examples/${name}/server.ts`, `${directory}/${name}.ts`)
    const files = [...programs, ...servers].map((name) => `${name}.ts`)
    expect(files.length).toBeGreaterThan(6)
    expect([...compile(version, directory, files, blockOptions).values()].flat()).toEqual([])
  })
