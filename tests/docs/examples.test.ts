// The small programs of examples/ compile, and print what their output.txt says, with the packed packages.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, compilers } from '../violators/compile.ts'
import { makePackedDirectory, runProgram } from './packed-directory.ts'

const programs = readdirSync('examples').filter((name) => existsSync(`examples/${name}/main.ts`))
/** Programs that listen: they are run by the tests of packages/http. */
const servers = readdirSync('examples').filter((name) => existsSync(`examples/${name}/server.ts`))
const compiled = '.data/examples'
let directory: string

beforeAll(() => {
  directory = makePackedDirectory(['.', 'packages/golden-path'])
  rmSync(compiled, { recursive: true, force: true })
  mkdirSync(compiled, { recursive: true })
  for (const name of programs) copyFileSync(`examples/${name}/main.ts`, `${compiled}/${name}.ts`)
  for (const name of servers) copyFileSync(`examples/${name}/server.ts`, `${compiled}/${name}.ts`)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the examples', () => {
  test('are all listed', () => {
    expect(programs.length).toBeGreaterThan(3)
    const page = readFileSync('examples/README.md', 'utf8')
    expect(readdirSync('examples').filter((name) => name !== 'README.md' && !page.includes(`[${name}](`))).toEqual([])
  })

  test.each(programs)('print what they say: %s', (name) => {
    const { status, stdout, stderr } = runProgram(
      directory,
      name,
      'ts',
      readFileSync(`examples/${name}/main.ts`, 'utf8'),
    )
    expect(status, stderr).toBe(0)
    expect(stdout).toBe(readFileSync(`examples/${name}/output.txt`, 'utf8'))
  })

  test.each(Object.keys(compilers) as (keyof typeof compilers)[])('compile on TypeScript %s', (version) => {
    const found = compile(
      version,
      compiled,
      [...programs, ...servers].map((name) => `${name}.ts`),
      { experimentalDecorators: true },
    )
    expect([...found.values()].flat()).toEqual([])
  })
})
