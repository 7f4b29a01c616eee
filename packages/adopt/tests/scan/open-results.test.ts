import { expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const head = `import type { Ctx } from './context'
interface Schema<T> { parse(value: unknown): T }
export const take = (schema: Schema<Ctx>): string => schema.parse({}).userId
export const count = (schema: Schema<number>): number => schema.parse({})
class Plain implements Schema<any> { parse(value: unknown): any { return value } }
class Later { async parse(value: unknown): Promise<any> { return value } }
class Strict implements Schema<Ctx> {
  parse(): Ctx { throw new Error('no') }
}
`
const placesOf = async (code: string): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': 'export interface Ctx { readonly userId: string; readonly requestId: string }\n',
    'src/use.ts': head + code,
  })
  const { findings } = await scan({ root, types: ['src/context.ts#Ctx'] })
  return findings.flatMap(({ kind, text }) => (kind === 'factory' ? [] : [`${kind} ${text}`]))
}

test.each([
  ['take(new Plain())', 'any-flow new Plain()'],
  ['export const schema: Schema<Ctx> = new Plain()', 'any-flow new Plain()'],
  ['const plain = new Plain()\nexport const schemas: Schema<Ctx>[] = [plain]', 'any-flow plain'],
  ['const loose: Schema<any> = new Plain()\ntake(loose)', 'any-flow loose'],
  ['export const later: Schema<Promise<Ctx>> = new Later()', 'any-flow new Later()'],
  ['take({ parse: (value: any) => value })', 'any-flow value'],
])('an object whose method gives anything is no maker of contexts: %s', async (code, place) => {
  expect(await placesOf(code)).toEqual([place])
})

test.each([
  'take(new Strict())',
  'count(new Plain())',
  'export const loose: Schema<any> = new Strict()',
  'export const same: Plain = new Plain()\nvoid [Later]',
])('and what no context is taken from is none: %s', async (code) => {
  expect(await placesOf(code)).toEqual([])
})
