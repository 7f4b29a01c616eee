import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sealText } from '../../src/scan/seal-probe.ts'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const literal = "{ userId: 'u', threadId: 't', runId: 'r' }"
const heldBy = async (files: Record<string, string>, types = ['src/context.ts#Context']): Promise<string[]> => {
  const root = temporaryProject({ 'tsconfig.json': strictConfig, ...files })
  const { findings } = await scan({ root, types })
  return findings
    .filter(({ kind }) => !/definition|factory/.test(kind))
    .map(({ file, kind, heldBy: holder }) => `${file} ${kind} ${holder}`)
}

describe('the brand probe', () => {
  test.each([
    ['an interface', 'export interface Context { userId: string; threadId: string; runId: string }\n'],
    ['a class', 'export class Context { userId = ""; threadId = ""; runId = "" }\n'],
    ['an alias of an object', 'export type Context = { userId: string; threadId: string; runId: string }\n'],
    [
      'an alias of an intersection',
      'type Ids = { userId: string; threadId: string }\nexport type Context = Ids & { runId: string }\n',
    ],
    [
      'a generic interface',
      'export interface Context<Extra = unknown> { userId: string; threadId: string; runId: string; extra?: Extra }\n',
    ],
  ])('seals %s', async (_, definition) => {
    const use =
      `import type { Context } from './context'\nexport const c: Context = ${literal}\n` +
      "export const d = JSON.parse('{}') as Context\n"
    expect(await heldBy({ 'src/context.ts': definition, 'src/use.ts': use })).toEqual([
      'src/use.ts literal-annotation tsc',
      'src/use.ts cast check',
    ])
  })

  test('sees a site beside the definition, whose offsets the seal moves', async () => {
    const file =
      'export interface Context { userId: string; threadId: string; runId: string }\n' +
      `export const c: Context = ${literal}\nexport interface Last { a: Context }\n` +
      `export const l: Last = { a: ${literal} }\n`
    expect(await heldBy({ 'src/context.ts': file })).toEqual([
      'src/context.ts literal-annotation tsc',
      'src/context.ts literal-property tsc',
    ])
  })

  test('says check for files that no tsconfig includes: plain tsc never sees them', async () => {
    const definition = 'export interface Context { userId: string; threadId: string; runId: string }\n'
    const use = `import type { Context } from '../src/context'\nexport const c: Context = ${literal}\n`
    expect(await heldBy({ 'src/context.ts': definition, 'tests/use.ts': use })).toEqual([
      'tests/use.ts literal-annotation check',
    ])
  })

  test('says tsc for a class that is named, and check for a constructor that was passed in', async () => {
    const use =
      "import * as all from './context'\nimport { Context as C } from './context'\n" +
      'export const made = [new C(), new all.Context()]\nexport const f = (Make: new () => C) => new Make()\n'
    expect(
      await heldBy({
        'src/context.ts': 'export class Context { userId = "" }\n',
        'src/use.ts': use,
        'tests/far.ts': "import { Context } from '../src/context'\nexport const c = new Context()\n",
      }),
    ).toEqual(['src/use.ts new tsc', 'src/use.ts new tsc', 'src/use.ts new check', 'tests/far.ts new check'])
  })

  test('finds literals behind a list, an outer object and a generic call', async () => {
    const definition =
      'export interface Context { userId: string; threadId: string; runId: string }\n' +
      'export declare function all(contexts: readonly Context[]): void\n' +
      'export declare function job(job: { name: string; context: Context }): void\n'
    const use =
      `import { all, job } from './context'\nconst list = [${literal}]\nall(list)\n` +
      `const outer = { name: 'n', context: ${literal} }\njob(outer)\n`
    expect(await heldBy({ 'src/context.ts': definition, 'src/use.ts': use })).toEqual([
      'src/use.ts literal-untyped tsc',
      'src/use.ts literal-untyped tsc',
    ])
  })

  test('moves offsets there and back', () => {
    const text = 'interface A { a: 1 } type B = { b: 2 }; end'
    const definition = (form: 'interface' | 'type', start: number, end: number) =>
      ({ raw: { form, body: { start, end } } }) as never
    const sealed = sealText(text, [definition('interface', 12, 20), definition('type', 30, 38)])
    for (const word of ['interface', 'a: 1', 'b: 2', 'end']) {
      const [original, moved] = [text.indexOf(word), sealed.text.indexOf(word)]
      expect([sealed.toSealed(original), sealed.toOriginal(moved)]).toEqual([moved, original])
    }
  })
})

describe('the type of this package', () => {
  const install = (root: string): void => {
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    write(
      'node_modules/user-execution-context/package.json',
      '{"name":"user-execution-context","type":"module","types":"./dist/index.d.ts","exports":{".":{"types":"./dist/index.d.ts","default":"./dist/index.js"}}}',
    )
    write(
      'node_modules/user-execution-context/dist/index.d.ts',
      "export type { UserExecutionContext } from './context.ts';\nexport { createForUser } from './context.ts';\n",
    )
    write(
      'node_modules/user-execution-context/dist/context.d.ts',
      'declare class Sealed { private readonly seal; readonly userId: string; readonly threadId: string }\n' +
        'export declare class UserExecutionContext extends Sealed { private constructor(); readonly runId: string ' +
        '}\nexport declare const createForUser: (user: string) => UserExecutionContext;\n',
    )
  }

  test('is the canonical one where the package is installed, and its casts and any are found', async () => {
    const use =
      "import { createForUser, type UserExecutionContext } from 'user-execution-context'\n" +
      "const run = (c: UserExecutionContext) => c.userId\nrun(createForUser('u'))\nrun(JSON.parse('{}'))\n" +
      'export const c = {} as UserExecutionContext\n'
    const root = temporaryProject({ 'package.json': '{}', 'tsconfig.json': strictConfig, 'src/use.ts': use })
    install(root)
    const result = await scan({ root })
    expect([result.canonical?.file, result.canonical?.fields.map(({ name }) => name)]).toEqual([
      'node_modules/user-execution-context/dist/context.d.ts',
      ['runId', 'seal', 'userId', 'threadId'],
    ])
    expect(result.findings.map(({ kind, heldBy: holder }) => `${kind} ${holder}`)).toEqual([
      'any-flow check',
      'cast check',
    ])
    expect(result.partial).toBe(false)
  })

  test('is found clean when nothing goes past the factory', async () => {
    const root = temporaryProject({
      'package.json': '{}',
      'tsconfig.json': strictConfig,
      'src/use.ts': "import { createForUser } from 'user-execution-context'\nexport const c = createForUser('u')\n",
    })
    install(root)
    const { findings, partial, trust } = await scan({ root })
    expect([findings, partial, trust.figure]).toEqual([[], false, 1])
  })

  test('says what stays unresolved when a package is not installed', async () => {
    const root = temporaryProject({
      'package.json': '{}',
      'tsconfig.json': strictConfig,
      'src/use.ts':
        "import { createForUser } from 'user-execution-context'\nimport { far } from 'far'\n" +
        "export const c = [createForUser('u'), far()]\n",
    })
    install(root)
    const { trust } = await scan({ root })
    expect([trust.importsTotal, trust.importsUnresolved, trust.unresolvedModules[0]?.[1]]).toEqual([2, 1, 1])
    expect(trust.unresolvedTypes).toBeGreaterThanOrEqual(0)
    expect(trust.figure).toBeLessThan(1)
  })
})
