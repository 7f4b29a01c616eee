// Errors that a comment hides for a whole file, and claims that JavaScript makes in comments.
import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { temporaryProject } from '../engine/temporary-project.ts'

const context = `export class Ctx {
  readonly #sealed = true
  private constructor(readonly userId: string, readonly runId: string) {}
  static of(user: string): Ctx { return new Ctx(user, 'r') }
}
export const run = (c: Ctx): string => c.userId
export const service = { run }
export const late = (n: number, c: Ctx = Ctx.of('u')): string => c.userId + n
export const maybe = (n: number, c?: Ctx): string => (c?.userId ?? '') + n
export const any = <T extends Ctx | undefined>(c: T): T => c
`
const options = { strict: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', types: [] }
const config = JSON.stringify({ compilerOptions: { ...options, allowJs: true, checkJs: true }, include: ['src'] })

const sitesIn = async (file: string, text: string, tsconfig = config): Promise<string[]> => {
  const root = temporaryProject({ 'tsconfig.json': tsconfig, 'src/ctx.ts': context, [file]: text })
  const { findings } = await scan({ root, types: ['src/ctx.ts#Ctx'], factories: ['of'] })
  return findings
    .filter((one) => one.file === file && one.kind !== 'factory')
    .map(({ line, kind }) => `${line} ${kind}`)
}

describe('errors that are hidden', () => {
  test('are found wherever they stand in a file that is not checked', async () => {
    const head = `// @ts-nocheck\nimport { Ctx, run } from './ctx'\n`
    const text = `${head}run('u')\n\nrun(Ctx.of('u'))\nexport const c: Ctx = 1\n`
    expect(await sitesIn('src/all.ts', text)).toEqual(['3 suppressed-error', '6 suppressed-error'])
  })

  test('are left alone in such a file where they are about something else', async () => {
    const text = `// @ts-nocheck\nimport { Ctx, run } from './ctx'\nrun(Ctx.of(1), 2)\nexport const n: string = 1\n`
    expect(await sitesIn('src/all.ts', text)).toEqual([])
  })

  test.each([
    ['// @ts-nocheck', true],
    ['/* first */\n#!no\n// @ts-nocheck', false],
    ['#!/usr/bin/env node\n/* first */\n// @ts-nocheck', true],
    ['const first = 1\n// @ts-nocheck', false],
    ['/*\n// @ts-nocheck\n*/', false],
    ['// @ts-nocheck\n// @ts-check', false],
  ])('are those of the whole file only where the directive is read: %s', async (head, isRead) => {
    const text = `${head}\nimport { run } from './ctx'\nrun('u')\n`
    expect(await sitesIn('src/all.ts', text)).toHaveLength(isRead ? 1 : 0)
  })

  test('are judged by the line of the name that is called', async () => {
    const head = `import { service } from './ctx'\n`
    expect(await sitesIn('src/call.ts', `${head}service\n  // @ts-ignore\n  .run()\n`)).toEqual(['2 suppressed-error'])
    expect(await sitesIn('src/call.ts', `${head}// @ts-ignore\nservice\n  .run()\n`)).toEqual([])
  })

  test.each([
    ['late()', []],
    ["late('x')", []],
    ["maybe('x')", []],
    ['any(undefined)', []],
    ['<T extends Ctx>(c: T): unknown => run(c, 1)', []],
    ['<T extends string>(c: T): unknown => run(c)', ['3 suppressed-error']],
    ['run()', ['3 suppressed-error']],
  ])('are left alone where a context may be left out: %s', async (code, sites) => {
    const text = `import { any, late, maybe, run, type Ctx } from './ctx'\n// @ts-ignore\nexport const a = ${code}\n`
    const used = `${text}export const used = [any, late, maybe, run] as readonly unknown[] & { ctx?: Ctx }\n`
    expect((await sitesIn('src/late.ts', used)).filter((one) => one.startsWith('3'))).toEqual(sites)
    const loose = JSON.stringify({ compilerOptions: { ...options, strict: false }, include: ['src'] })
    expect((await sitesIn('src/late.ts', used, loose)).filter((one) => one.startsWith('3'))).toEqual(sites)
  })

  test('name a write of a field by its own kind', async () => {
    const head = `import type { Ctx } from './ctx'\n`
    const text = `${head}export const f = (c: Ctx) => {\n  // @ts-ignore\n  c.userId = 'v'\n}\n`
    expect(await sitesIn('src/write.ts', text)).toEqual(['4 context-write'])
  })
})

const script = (code: string): string => `import { Ctx, run } from './ctx'\n${code}\nexport const used = [Ctx, run]\n`

describe('comments of JavaScript', () => {
  test.each([
    ['/** @type {Ctx} */\nexport const c = /** @type {any} */ ({})', '3 any-flow'],
    ['run(/** @type {any} */ (used))', '2 any-flow'],
    ['// @ts-expect-error\nrun(1)', '3 suppressed-error'],
    ['/** @param {unknown} v @returns {v is Ctx} */\nexport const isIt = (v) => v !== 1', '2 type-guard'],
    ['/** @param {unknown} v\n * @returns {asserts v is Ctx} */\nexport function assertIt(v) {}', '3 type-guard'],
  ])('make a context out of another value: %s', async (code, site) => {
    expect(await sitesIn('src/script.js', script(code))).toEqual([site])
  })

  test.each([
    "/** @type {Ctx} */\nexport const c = Ctx.of('u')",
    '/** @type {string} */\nexport const c = /** @type {any} */ ({})',
    '/** @param {Ctx | undefined} v @returns {v is Ctx} */\nexport const isIt = (v) => v !== undefined',
    "/** @param {unknown} v @returns {v is string} */\nexport const isIt = (v) => typeof v === 'string'",
    '// @ts-ignore\nCtx.of(1)',
  ])('are left alone where nothing is made: %s', async (code) => {
    expect(await sitesIn('src/script.js', script(code))).toEqual([])
  })
})
