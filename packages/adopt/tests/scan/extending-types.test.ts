// A value of a type that extends the context is a context: found where it is made, with any number of keys of its own.
import { describe, expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const types = `export interface Context { userId: string; note?: string }
export interface Company extends Context { companyId: string; plan: string; seats: number }
export interface Workspace extends Company { workspaceId: string }
export type Drive = Company & { drive: string; place: string }
`
const heading = `import type { Company, Context, Drive, Workspace } from './context'
declare function save(name: string, context?: Company): void
`

const sitesIn = async (use: string, engine?: 'typescript-6'): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': types,
    'src/use.ts': heading + use,
  })
  const { findings } = await scan({ root, types: ['Context'], ...(engine && { engine }) })
  return findings
    .filter(({ kind, file }) => kind !== 'factory' && file === 'src/use.ts')
    .map(({ kind, type, text, heldBy }) => `${kind} of ${type}, ${heldBy}: ${text}`)
}

const company = "{ userId: 'u', companyId: 'c', plan: 'p', seats: 1 }"
const workspace = "{ userId: 'u', companyId: 'c', plan: 'p', seats: 1, workspaceId: 'w' }"

describe('scan', () => {
  test.each([
    ['an argument', `save('n', ${company})`, `literal-argument of Context, tsc: ${company}`],
    ['a variable', `export const c: Company = ${company}`, `literal-annotation of Context, tsc: ${company}`],
    [
      'a type two steps away',
      `export const f = (): Workspace => (${workspace})`,
      `literal-return of Context, tsc: ${workspace}`,
    ],
    [
      'an intersection with it',
      `export const d = (company: Company): Drive => ({ ...company, drive: 'd', place: 'f' })`,
      "literal-return of Context, check: { ...company, drive: 'd', place: 'f' }",
    ],
    [
      'a spread of a context, which tsc takes for sealed',
      `export const f = (c: Context): void => save('n', { ...c, companyId: 'c', plan: 'p', seats: 1 })`,
      "literal-argument of Context, check: { ...c, companyId: 'c', plan: 'p', seats: 1 }",
    ],
    [
      'a property',
      `export const f = (c: Company): { c: Company } => ({ c: { ...c, userId: 'other' } })`,
      "literal-property of Context, check: { ...c, userId: 'other' }",
    ],
    [
      'a variable without a type, handed on',
      `export const f = (): void => { const c = ${company}; save('n', c) }`,
      `literal-untyped of Context, tsc: ${company}`,
    ],
    [
      'one that is frozen first',
      `export const c: Company = Object.freeze(${company})`,
      `literal-untyped of Context, tsc: Object.freeze(${company})`,
    ],
    [
      'a copy',
      `export const f = (c: Company): Company => Object.assign({}, c)`,
      'generic-result of Context, check: Object.assign({}, c)',
    ],
  ])('finds a literal of a type that extends the context: %s', async (_, use, site) => {
    for (const engine of [undefined, 'typescript-6'] as const) expect(await sitesIn(use, engine)).toEqual([site])
  })

  test.each([
    [
      'a part of it',
      `export const c: Pick<Company, 'companyId' | 'plan' | 'seats'> = { companyId: 'c', plan: 'p', seats: 1 }`,
    ],
    ['all but one of its fields', `export const c: Omit<Company, 'note'> = ${company}`],
    ['all of its fields, none required', `export const c: Partial<Company> = ${company}`],
    [
      'a type that holds it',
      'export const f = (company: Company): { a: 1; b: 2; company: Company } => ({ a: 1, b: 2, company })',
    ],
  ])('takes no literal of %s for one', async (_, use) => {
    expect(await sitesIn(use)).toEqual([])
  })

  test('lists what makes such a type among the factories', async () => {
    const root = temporaryProject({
      'tsconfig.json': strictConfig,
      'src/context.ts': types,
      'src/use.ts': `${heading}export function toCompany(userId: string): Company {\n  return ${company}\n}\n`,
    })
    const { factories } = await scan({ root, types: ['Context'] })
    expect(factories.map(({ signature }) => signature)).toEqual(['(userId: string): Company'])
  })
})
