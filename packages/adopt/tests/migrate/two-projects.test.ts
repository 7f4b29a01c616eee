// A tree of two programs, of which each sees only some places of a value: what either sees counts.
import { describe, expect, test } from 'vitest'
import { strictConfig } from './migrate-case.ts'
import { runProgram } from './run-program.ts'
import { typeOf, written } from './class-program.ts'

const config = strictConfig.replace('"noUnusedLocals":true', '"noUnusedLocals":false')
const own = JSON.stringify({ ...(JSON.parse(config) as object), include: ['src'] })
const ofTests = JSON.stringify({ extends: '../tsconfig.json', include: ['.'] })

/** src/sites.ts is of the first program, tests/log.ts of the second alone. */
const run = (sites: string, log: string, shared: string): ReturnType<typeof runProgram> =>
  runProgram(`${typeOf('')}${shared}`, sites, {
    files: { 'tsconfig.json': own, 'tests/tsconfig.json': ofTests, 'tests/log.ts': log },
  })

describe('a value that another program holds as well', () => {
  const holder = 'export class Holder { ctx?: RequestContext }\n'

  test('is left where its own program writes it as JSON', async () => {
    const { before, after, reasons } = await run(
      `import { Holder } from './context.js'
export const handle = (userId: string): unknown => {
  const h = new Holder()
  h.ctx = ${written}
  return JSON.stringify(h.ctx)
}
`,
      `import { Holder } from '../src/context.js'
export const log = (h: Holder): string => JSON.stringify(h.ctx)
`,
      holder,
    )
    expect(before).toBe('{"userId":"User_1","threadId":"thread_1","runId":"run_1"}')
    expect(after).toBe(before)
    expect(reasons[0]).toContain('it is written as JSON at')
  })

  test('is left where only the other program writes it as JSON', async () => {
    const { result, reasons } = await run(
      `import { Holder } from './context.js'
export const handle = (userId: string): unknown => {
  const h = new Holder()
  h.ctx = ${written}
  return h.ctx.userId
}
`,
      `import { Holder } from '../src/context.js'
export const log = (h: Holder): string => JSON.stringify(h.ctx)
`,
      holder,
    )
    expect(result.moved).toBe(0)
    expect(reasons[0]).toContain('it is written as JSON at tests/log.ts:2')
  })

  test('is left where only the other program makes it', async () => {
    const { result, reasons } = await run(
      `import { type RequestContext } from './context.js'
export const text = (c: RequestContext): string => JSON.stringify(c)
export const handle = (userId: string): unknown => userId
`,
      `import { text } from '../src/sites.js'
export const log = (userId: string): string => text(${written})
`,
      '',
    )
    expect(result.moved).toBe(0)
    expect(reasons[0]).toContain('it is written as JSON at src/sites.ts:2')
  })
})
