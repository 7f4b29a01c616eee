// The blocks of TypeScript in the documentation, compiled by one compiler: each compiles, or fails as it says.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import { compile, compilers, type Diagnostic } from '../violators/compile.ts'
import { findExamples, findPageBlocks, pages, toOneLine } from './code-blocks.ts'

const versions = Object.keys(compilers) as CompilerVersion[]
export const newestVersion = versions.at(-1)!
export const olderVersions = versions.slice(0, -1)

/** NestJS has decorators of parameters, which the standard does not know. */
export const blockOptions = { experimentalDecorators: true }

export const blocks = [...pages.flatMap(findPageBlocks), ...findExamples()]
  .filter(({ language }) => language === 'ts')
  .map((block, index) => ({ ...block, file: `block-${index}.ts` }))

/** Two suites compile at once: each version has a directory of its own. */
export const describeBlocks = (version: CompilerVersion): void => {
  describe(`the documentation, on TypeScript ${version}`, () => {
    const directory = `.data/documentation-${version}`
    let found: ReadonlyMap<string, readonly Diagnostic[]>
    beforeAll(() => {
      rmSync(directory, { recursive: true, force: true })
      mkdirSync(directory, { recursive: true })
      for (const { file, text } of blocks) writeFileSync(join(directory, file), `${text}\nexport {}\n`)
      const files = blocks.map(({ file }) => file)
      found = compile(version, directory, files, blockOptions)
    })

    test.each(blocks.filter(({ fails }) => !fails))('compiles at $place', ({ file }) => {
      expect(found.get(file)).toEqual([])
    })

    test.each(blocks.filter(({ fails }) => fails))('fails as stated at $place', ({ file, says, claims }) => {
      const messages = found.get(file)!
      const printed = toOneLine(messages.map(({ code, text }) => `error ${code}: ${text}`).join(' '))
      expect(messages.length).toBeGreaterThan(0)
      expect(says.length).toBeGreaterThan(0)
      // The pages print what the newest compiler says; the words that matter are those of all.
      for (const words of [...says, ...(version === newestVersion ? claims : [])]) expect(printed).toContain(words)
    })
  })
}
