import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { cases, expectedProblems } from './cases.ts'
import { installEslint, makeDirectory, runEslint, runEslint9, runOxlint } from './hosts.ts'

beforeAll(installEslint)

const own = {
  'src/own.ts': `
import type { RequestContext } from 'my-framework'
import type { UserExecutionContext } from 'user-execution-context'
export const mine = (body: unknown) => body as RequestContext
export const theirs = (body: unknown) => body as UserExecutionContext
`,
}
const ownOptions = {
  'user-execution-context/no-context-assertion': ['error', { types: ['RequestContext'], modules: ['my-framework'] }],
}

describe('the package', () => {
  test('is one plugin by import and by require, as the default export and by the names of its parts', async () => {
    const { default: plugin } = await import('eslint-plugin-user-execution-context')
    const required = createRequire(import.meta.url)('eslint-plugin-user-execution-context') as Record<string, unknown>
    expect(required['default']).toBe(plugin)
    for (const part of ['meta', 'rules', 'configs'] as const) expect(required[part]).toBe(plugin[part])
    expect(Object.keys(plugin.configs.recommended.rules)).toHaveLength(Object.keys(plugin.rules).length)
  })
})

describe.each([
  ['ESLint 10', runEslint],
  ['ESLint 9', runEslint9],
  ['oxlint', runOxlint],
] as const)('the plugin in %s', (_host, runHost) => {
  test('reports every violator of every rule at its line, and nothing else', () => {
    expect(
      runHost(makeDirectory(cases))
        .map(({ at }) => at)
        .sort(),
    ).toEqual(expectedProblems())
  })

  test('tells a double assertion from a plain one, and names the fix', () => {
    const problems = runHost(makeDirectory({ 'src/a.ts': cases['src/assertions.ts'] ?? '' }))
    const doubles = problems
      .filter(({ message }) => message.includes('double assertion'))
      .map(({ at }) => Number(/:(\d+) /.exec(at)?.[1]))
    expect(doubles.toSorted((left, right) => left - right)).toEqual([18, 19, 20])
    expect(problems.every(({ message }) => /createForUser\(\)|isUserExecutionContext\(\)/.test(message))).toBe(true)
  })

  test('holds another type when it is told its name and module', () => {
    expect(runHost(makeDirectory(own), ownOptions).map(({ at }) => at)).toEqual(['src/own.ts:4 no-context-assertion'])
  })

  test('refuses an option that it does not know', () => {
    const unknown = { 'user-execution-context/no-context-assertion': ['error', { type: 'RequestContext' }] }
    expect(() => runHost(makeDirectory(own), unknown)).toThrow()
  })
})
