import { describe, expect, test } from 'vitest'
import { typeOf, written } from './class-program.ts'
import { runProgram } from './run-program.ts'

// The sealed context has metadata as agentContext.
const required = typeOf('  metadata: Record<string, any>\n')
const optional = typeOf('  metadata?: Record<string, any>\n')
const giving = written.replace(' }', ", metadata: { locale: 'de' } }")
const left = giving.replace('userId,', "userId: '',")
const read = "const read = (c: RequestContext): string => String(c.metadata?.['locale'])\n"

/** Two values, of which the first could move. */
const run = (context: string, second: string, reader = read): ReturnType<typeof runProgram> =>
  runProgram(
    context,
    `import { RequestContext } from './context.js'
${reader}export const handle = (userId: string): unknown => {
  const a: RequestContext = ${giving}
  const b: RequestContext = ${second}
  return [read(a), read(b)]
}
`.replace('import { Req', context.includes('class') ? 'import { Req' : 'import { type Req'),
  )

describe('a value that stays and gives a field which is read by another name afterwards', () => {
  const ofClass = `export class RequestContext {
  constructor(public userId: string, public threadId: string, public runId: string, public metadata: object) {}
}
`
  const reader = 'const read = (c: RequestContext): string => JSON.stringify(c.metadata)\n'
  test.each([
    ['a literal', required, left],
    ['a literal of an optional field', optional, left],
    ['a value that is asserted', required, `JSON.parse('{ "metadata": { "locale": "de" } }') as RequestContext`],
    ['a value of anything', optional, `JSON.parse('{ "metadata": { "locale": "de" } }')`],
    ['a literal with a spread', optional, `{ ...(JSON.parse('{ "metadata": { "locale": "de" } }')), userId: '' }`],
    ['a value that is marked', required, `\n    // TODO(user-execution-context): no\n    ${giving}`],
  ])('keeps its type, and what else gives it: %s', async (_name, context, second) => {
    const { before, after, result } = await run(context, second)
    expect(before).toEqual(['de', 'de'])
    expect([after, result.moved, result.readsMoved]).toEqual([before, 0, 0])
    expect(result.definitionsLeft.map(({ reason }) => reason).join()).toContain('a value that stays gives metadata')
  })

  test('keeps its class', async () => {
    const made = (user: string): string => `new RequestContext(${user}, 't', 'r', { locale: 'de' })`
    const { before, after, result } = await runProgram(
      ofClass,
      `import { RequestContext } from './context.js'\n${reader}export const handle = (userId: string): unknown =>
  [read(${made('userId')}), read(${made("''")})]\n`,
    )
    expect(before).toEqual(['{"locale":"de"}', '{"locale":"de"}'])
    expect([after, result.moved]).toEqual([before, 0])
  })

  test('is none where it does not give it', async () => {
    const { before, after, result } = await run(optional, left.replace(/, metadata.*(?= })/, ''))
    expect(before).toEqual(['de', 'undefined'])
    expect([after, result.moved, result.readsMoved]).toEqual([before, 1, 1])
  })

  test('is none where only its own class takes itself apart', async () => {
    const own = ofClass.replace(
      /\}\n$/,
      `  copy(): RequestContext {
    const { userId, threadId, runId, metadata } = this
    return new RequestContext(userId, threadId, runId, metadata)
  }\n}\n`,
    )
    const made = (user: string): string => `new RequestContext(${user}, 't', 'r', { locale: 'de' })`
    const { before, after, result } = await runProgram(
      own,
      `import { RequestContext } from './context.js'\nconst read = (c: RequestContext): string => c.userId
export const handle = (userId: string): unknown => [read(${made('userId')}), read(${made("''")})]\n`,
    )
    expect([after, result.moved]).toEqual([before, 1])
  })

  test('keeps a type that another member keeps, with what gives the field', async () => {
    const more = optional.replace('}\n', '  close?(): void\n}\n')
    const { before, after, result, reasons } = await run(
      more,
      giving,
      `${read}export const end = (c: RequestContext): void => c.close?.()\n`,
    )
    expect([after, result.moved]).toEqual([before, 0])
    expect(reasons[0]).toBe('its type stays, src/sites.ts:2 reads metadata of it, and the new context has no metadata')
  })
})

describe('a pattern that takes a renamed field', () => {
  test.each([
    ['by its name', '(c: RequestContext): string => { const { metadata } = c; return String(metadata.locale) }'],
    [
      'by another',
      '(c: RequestContext): string => { const { metadata: own, runId } = c; return String(own.locale || runId) }',
    ],
    ['as a parameter', '({ metadata }: RequestContext): string => String(metadata.locale)'],
    ['apart', '({ metadata: { locale } }: RequestContext): string => String(locale)'],
    [
      'into a name that is there',
      '(c: RequestContext): string => { let metadata; ({ metadata } = c); return String(metadata.locale) }',
    ],
  ])('takes the new one: %s', async (_name, arrow) => {
    const { before, after, result } = await run(required, giving, `const read = ${arrow}\n`)
    expect(before).toEqual(['de', 'de'])
    expect([after, result.moved, result.readsMoved]).toEqual([before, 2, 1])
  })

  test('keeps its type where no member alone is the field', async () => {
    const { before, after, result } = await runProgram(
      typeOf('  createdAt: Date\n'),
      `import type { RequestContext } from './context.js'
const read = ({ createdAt }: RequestContext): number => createdAt.getTime()
export const handle = (userId: string): unknown => {
  const c: RequestContext = ${written.replace(' }', ', createdAt: new Date(7) }')}
  return read(c)
}
`,
    )
    expect(before).toBe(7)
    expect([after, result.moved]).toEqual([before, 0])
  })
})

describe('a read that would not compile by its new name', () => {
  test.each([
    ['a member', '(c: RequestContext): string => c.metadata.locale'],
    ['a pattern', '({ metadata: { locale } }: RequestContext): string => locale'],
  ])('keeps the type, and what gives the field: %s', async (_name, arrow) => {
    const { before, after, result } = await run(required, giving, `const read = ${arrow}\n`)
    expect(before).toEqual(['de', 'de'])
    expect([after, result.moved]).toEqual([before, 0])
    expect(result.definitionsLeft.map(({ reason }) => reason).join()).toContain('metadata is read at src/sites.ts:2')
  })
})

describe('a field that is read by what no rename follows', () => {
  test.each([
    ['a narrower type', '(c: { metadata?: Record<string, any> }): string => c.metadata?.locale'],
    ['Pick', "(c: Pick<RequestContext, 'metadata'>): string => c.metadata?.locale"],
    ['Partial', '(c: Partial<RequestContext>): string => c.metadata?.locale'],
    ['any', '(c: any): string => c.metadata?.locale'],
    ['a pattern of any', '({ metadata }: any): string => metadata?.locale'],
    ['a text', "(c: RequestContext): string => c['metadata']?.locale"],
    ['in', "(c: RequestContext): string => 'metadata' in c ? 'de' : ''"],
  ])('keeps the sites that give it: %s', async (_name, arrow) => {
    const { before, after, result, reasons } = await run(optional, giving, `const read = ${arrow}\n`)
    expect(before).toEqual(['de', 'de'])
    expect([after, result.moved]).toEqual([before, 0])
    expect(reasons[0]).toContain('src/sites.ts:2 reads metadata of it')
  })

  test('lets a site move whose values do not come there', async () => {
    const reader = `const other = (row: { metadata?: Record<string, any> }): string => row.metadata?.locale
void other({ metadata: {} })\n`
    const { before, after, result } = await run(optional, giving, read + reader)
    expect([after, result.moved]).toEqual([before, 2])
  })
})
