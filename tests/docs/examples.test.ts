// The small programs of examples/ compile, and print what their output.txt says, with the packed packages.
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newestVersion } from './compiled-blocks.ts'
import { programs, testExamples } from './compiled-examples.ts'
import { makePackedDirectory, runProgram } from './packed-directory.ts'

let directory: string
beforeAll(() => {
  directory = makePackedDirectory(['.', 'packages/golden-path'])
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
})

testExamples(newestVersion)
