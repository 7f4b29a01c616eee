import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const context = 'export class Context { constructor(readonly userId: string, readonly runId: string) {} }\n'
const heading = "import { Context } from './context'\n"

const sitesIn = async (use: string, engine?: 'typescript-6'): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': context,
    'src/use.ts': heading + use,
  })
  const { findings } = await scan({ root, types: ['Context'], ...(engine && { engine }) })
  return findings
    .filter(({ kind }) => kind !== 'factory')
    .map(({ kind, type, text, heldBy }) => `${kind} of ${type}, ${heldBy}: ${text}`)
}

describe('scan', () => {
  test.each([
    ['a class that extends it', "class A extends Context {}\nexport const c = new A('u', 'r')", "new A('u', 'r')"],
    [
      'one that extends that one, with a constructor of its own',
      "class A extends Context {}\nclass B extends A { constructor() { super('u', 'r') } }\nexport const c = new B()",
      'new B()',
    ],
    [
      'a class without a name',
      "export const c = new (class extends Context {})('u', 'r')",
      "new (class extends Context {})('u', 'r')",
    ],
    [
      'Reflect.construct',
      "export const c: unknown = Reflect.construct(Context, ['u', 'r'])",
      "Reflect.construct(Context, ['u', 'r'])",
    ],
    [
      'Reflect.construct of a class that extends it',
      "class A extends Context {}\nexport const c: unknown = Reflect.construct(A, ['u', 'r'])",
      "Reflect.construct(A, ['u', 'r'])",
    ],
    [
      'Reflect.construct for its prototype',
      'export const c: unknown = Reflect.construct(Object, [], Context)',
      'Reflect.construct(Object, [], Context)',
    ],
    [
      'Reflect.construct of a class that was passed in',
      "export const make = (T: typeof Context): unknown => Reflect.construct(T, ['u', 'r'])",
      "Reflect.construct(T, ['u', 'r'])",
    ],
  ])('finds a construction past the factory by %s', async (_, use, site) => {
    for (const engine of [undefined, 'typescript-6'] as const)
      expect(await sitesIn(use, engine)).toEqual([`new of Context, check: ${site}`])
  })

  test('finds a value of a class that has a private member and the fields, beside one that is a context', async () => {
    const use =
      "class A { private own = 1; readonly userId = 'u'; readonly runId = 'r'; read(): number { return this.own } }\n" +
      'export const f = (c: Context | undefined, a: A): Context => c ?? a'
    expect(await sitesIn(use)).toEqual(['look-alike of Context, tsc: a'])
  })

  test.each([
    ['another class', 'class A { readonly userId = 1 }\nexport const c = new A()'],
    [
      'a class that holds it',
      'class A { constructor(readonly c: Context) {} }\nexport const f = (c: Context) => new A(c)',
    ],
    ['Reflect.construct of another class', 'export const c: unknown = Reflect.construct(Map, [])'],
    ['a list of it', 'export const c = new Map<string, Context>()'],
  ])('takes no construction of %s for one', async (_, use) => {
    expect(await sitesIn(use)).toEqual([])
  })
})
