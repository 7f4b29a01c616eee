// Every block that needs nothing of the reader is run against the packed packages in an empty directory.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { workspaces } from '../../scripts/workspaces.mjs'
import { findExamples, findPageBlocks, pages, toOneLine, type CodeBlock } from './code-blocks.ts'
import { makePackedDirectory, runProgram } from './packed-directory.ts'

/** Names of the reader's own, addresses and servers: what runs only in an application. */
const needsReader = /\bdeclare\b|https?:\/\/|\.listen\(|process\.|from 'vitest'|from '\.\/|expect\(/
const blocks = [...pages.flatMap(findPageBlocks), ...findExamples()].map((block, index) => ({
  ...block,
  name: `block-${index}`,
}))
const printing = blocks.filter(({ runs }) => runs)
const others = blocks.filter(({ runs, fails, language, text }) => {
  return !runs && !fails && language === 'ts' && !needsReader.test(text)
})

let directory: string
beforeAll(() => {
  const published = workspaces().filter((workspace) => workspace.startsWith('packages/'))
  directory = makePackedDirectory(['.', ...published])
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const run = ({ name, language, text }: CodeBlock & { readonly name: string }) =>
  runProgram(directory, name, language, text)

describe('the documentation, in an empty directory', () => {
  test('has blocks that run', () => {
    expect(printing.length).toBeGreaterThan(2)
    expect(others.length).toBeGreaterThan(10)
    expect(printing.filter(({ claims }) => claims.length === 0).map(({ place }) => place)).toEqual([])
  })

  test.each(printing)('prints what the page says at $place', (block) => {
    const { status, stdout, stderr } = run(block)
    expect(status, stderr).toBe(0)
    const printed = toOneLine(stdout)
    if (block.claims.length === 1) expect(printed).toBe(block.claims[0])
    for (const piece of block.claims) expect(printed).toContain(piece)
  })

  test.each(others)('runs without an error at $place', (block) => {
    const { status, stderr } = run(block)
    expect(status, stderr).toBe(0)
  })

  test('would see a block that throws, and one that prints something else', () => {
    const text = `import { createForUser } from 'user-execution-context'\ncreateForUser('ada' as never)\n`
    const { status, stderr } = runProgram(directory, 'violator', 'ts', text)
    expect(status).toBe(1)
    expect(stderr).toContain('no identity provider verified')
  })
})
