import { expect, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'
import { strictConfig, temporaryProject } from '../engine/temporary-project.ts'

const head = `import type { Ctx } from './context'
interface Loose { start(c: unknown): string }
`
const placesOf = async (code: string): Promise<string[]> => {
  const root = temporaryProject({
    'tsconfig.json': strictConfig,
    'src/context.ts': 'export interface Ctx { readonly userId: string; readonly requestId: string }\n',
    'src/use.ts': head + code,
  })
  const { findings } = await scan({ root, types: ['src/context.ts#Ctx'] })
  return findings.map(({ kind, text }) => `${kind} ${text}`)
}

test('a static method of the same name stands for nothing that the class implements', async () => {
  const code = `export class Both implements Loose {
  static start(fixed: Ctx): string { return fixed.userId }
  start(own: Ctx): string { return own.userId }
}
`
  expect(await placesOf(code)).toEqual(['loose-method own: Ctx'])
})

test('a constructor stands for no method of that name', async () => {
  const code = `interface Odd { ['constructor'](c: unknown): string }
export class Made implements Odd {
  constructor(fixed: Ctx) { void fixed }
  ['constructor'](own: Ctx): string { return own.userId }
}
`
  expect(await placesOf(code)).toEqual(['loose-method own: Ctx'])
})
