import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const sitesIn = async (
  declared: string,
  { use = '', factories = [] }: { readonly use?: string; readonly factories?: readonly string[] } = {},
): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': 'export class Context { constructor(readonly userId: string, readonly runId: string) {} }\n',
    'src/declared.d.ts': `import { Context } from './context'\n${declared}`,
    'src/use.ts': `import * as all from './declared'\nexport { all }\n${use}`,
  })
  const { findings } = await scan({ root, types: ['Context'], factories })
  return findings.filter(({ kind }) => kind !== 'factory').map(({ file, kind, text }) => `${file} ${kind}: ${text}`)
}

describe('scan of a declaration file', () => {
  test.each([
    ['a constant', 'export const current: Context', 'current: Context'],
    ['a function', 'export function current(): Context', 'function current(): Context'],
    ['a function without a name', 'export default function (): Promise<Context>', 'function (): Promise<Context>'],
    ['a constant of a namespace', 'export namespace n { const current: Context }', 'current: Context'],
    ['a maker of a class that extends it', 'export class A extends Context { static of(): A }', 'static of(): A'],
    ['a field of a class that extends it', 'export class A extends Context { static current: A }', 'static current: A'],
  ])('finds %s that no code here makes', async (_, declared, text) => {
    expect(await sitesIn(declared)).toEqual([`src/declared.d.ts declared-value: ${text}`])
  })

  test('finds what is made of a class that extends it', async () => {
    const use = "export const a = new all.A('u', 'r')"
    expect(await sitesIn('export class A extends Context {}', { use })).toEqual(["src/use.ts new: new all.A('u', 'r')"])
  })

  test.each([
    ['a function that takes it', 'export function run(context: Context): string'],
    ['a constant that may be absent', 'export const current: Context | undefined'],
    ['a field that may be absent', 'export class A { static current?: Context }'],
    ['a class that is given it', 'export class A { constructor(context: Context); readonly context: Context }'],
    ['a type that has it', 'export interface A { context: Context; current(): Context }'],
  ])('leaves %s alone', async (_, declared) => {
    expect(await sitesIn(declared)).toEqual([])
  })

  test('leaves a factory alone that the user sanctioned', async () => {
    const declared = 'export function createContext(): Context\nexport function other(): Context'
    expect(await sitesIn(declared, { factories: ['createContext'] })).toEqual([
      'src/declared.d.ts declared-value: function other(): Context',
    ])
  })
})
