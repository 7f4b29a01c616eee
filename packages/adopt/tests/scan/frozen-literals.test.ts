import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const ids = "{ userId, runId: 'r' }"

const sitesIn = async (maker: string, use: string, engine?: 'typescript-6'): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': `export interface Context { readonly userId: string; readonly runId: string }
export const run = (context: Context): string => context.userId\n`,
    'src/make.ts': `${maker}\n`,
    'src/use.ts': `import { run } from './context'\nimport { make } from './make'\n${use}\n`,
  })
  const { findings } = await scan({ root, types: ['Context'], ...(engine && { engine }) })
  return findings.filter(({ kind }) => kind !== 'factory').map(({ file, kind, text }) => `${file} ${kind}: ${text}`)
}

describe('scan of frozen literals', () => {
  test.each([
    ['literal-inferred-return', `export const make = (userId: string) => Object.freeze(${ids})`],
    ['literal-inferred-return', `export function make(userId: string) { return Object.freeze(${ids}) }`],
    ['literal-inferred-return', `export const make = async (userId: string) => Object.freeze(${ids})`],
    [
      'literal-untyped',
      `const userId = 'u'\nconst made = Object.freeze(${ids})\nexport const make = (_: string) => made`,
    ],
  ])('finds one %s in a maker without a type, however many uses it has: %s', async (kind, maker) => {
    const use = "run(await make('u'))\nrun(await make('v'))"
    for (const engine of [undefined, 'typescript-6'] as const)
      expect(await sitesIn(maker, use, engine)).toEqual([`src/make.ts ${kind}: Object.freeze(${ids})`])
  })

  test('finds one where the place that takes it is not checked, and the error there', async () => {
    const use = "// @ts-ignore\nrun(make('u'))"
    expect(await sitesIn(`export const make = (userId: string) => Object.freeze(${ids})`, use)).toHaveLength(2)
  })

  test.each([
    ['one that no place takes', `export const make = (userId: string) => Object.freeze(${ids})`],
    ['one of another shape', `export const make = (userId: string) => Object.freeze({ userId })`],
  ])('leaves %s alone', async (_, maker) => {
    expect(await sitesIn(maker, "export const made = make('u')\nexport const f = run")).toEqual([])
  })
})
