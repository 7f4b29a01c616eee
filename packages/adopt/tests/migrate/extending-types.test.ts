// A value of a type that extends the context may be written by what only that type has.
import { describe, expect, test } from 'vitest'
import { typeOf, written } from './class-program.ts'
import { runProgram } from './run-program.ts'

const run = (types: string, use: string): ReturnType<typeof runProgram> =>
  runProgram(
    typeOf(''),
    `import type { RequestContext } from './context.js'
${types}
export const handle = (userId: string): unknown => {
  ${use}
}
`,
  )

const read = "const read = (c: Extra): unknown => { c.note = 'x'; return c.note }"

describe('a literal of a type that extends the context', () => {
  test.each([
    ['an interface', 'interface Extra extends RequestContext { note?: string }'],
    ['an intersection', 'type Extra = RequestContext & { note?: string }'],
  ])('stays where the type has more: %s', async (_name, type) => {
    const { before, after, result, reasons } = await run(
      `${type}\n${read}`,
      `const c: Extra = ${written}\n  return read(c)`,
    )
    expect(before).toBe('x')
    expect([after, result.moved]).toEqual([before, 0])
    expect(reasons[0]).toContain('its type extends the context with note')
  })

  test('moves where the type has no more, or is one of several', async () => {
    const { before, after, result } = await run(
      `interface Same extends RequestContext { runId: string }
type Other = { kind: string; note?: string }
const idOf = (c: Same): string => c.userId`,
      `const a: Same = ${written}
  const b: RequestContext | Other = ${written}
  return [idOf(a), 'userId' in b]`,
    )
    expect(before).toEqual(['User_1', true])
    expect([after, result.moved]).toEqual([before, 2])
  })
})
