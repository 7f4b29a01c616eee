// The configurations that the README shows, in the linters that they are for.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { installEslint, makeDirectory, readEslint, readOxlint } from './hosts.ts'

beforeAll(installEslint)

const readme = readFileSync('README.md', 'utf8')
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)![1]!
const files = {
  'src/handler.ts': `
import type { UserExecutionContext } from 'user-execution-context'
import { vouchForUser } from 'user-execution-context/restricted'
export const forged = (body: unknown) => body as UserExecutionContext
export const user = () => vouchForUser('a-1', { reason: 'in a handler' })
`,
  'jobs/nightly.ts': `
import { vouchForUser } from 'user-execution-context/restricted'
export const user = () => vouchForUser('a-1', { reason: 'nightly report' })
`,
}
const expected = ['src/handler.ts:3 no-vouch-outside', 'src/handler.ts:4 no-context-assertion']

describe('the configuration of the README', () => {
  test.each(['eslint', 'eslint-9'] as const)('works in %s', (name) => {
    const directory = makeDirectory(files)
    symlinkSync(
      resolve('tests/host/node_modules/@typescript-eslint'),
      join(directory, 'node_modules/@typescript-eslint'),
    )
    writeFileSync(join(directory, 'eslint.config.mjs'), block('js'))
    expect(readEslint(name, directory).map(({ at }) => at)).toEqual(expected)
  })

  test('works in oxlint', () => {
    const directory = makeDirectory(files)
    writeFileSync(join(directory, '.oxlintrc.json'), block('json'))
    const found = readOxlint(directory).map(({ at }) => at)
    expect(found.toSorted()).toEqual(expected)
  })

  test('names every rule', () => {
    for (const rule of [
      'no-context-assertion',
      'no-vouch-outside',
      'no-module-context',
      'no-enter-with',
      'no-computed-reason',
      'no-context-write',
      'no-loose-method',
    ])
      expect(readme).toContain(`| \`${rule}\``)
  })
})
