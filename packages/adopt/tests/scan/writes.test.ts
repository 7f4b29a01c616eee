import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { scan } from '../../src/scan/scan.ts'

const body = `{
  readonly userId!: string
  readonly requestId!: string
  constructor(given: object) {
    Object.assign(this, given)
  }
}
`

test('a class of the family fills itself, and nothing else does', async () => {
  const root = mkdtempSync(join(tmpdir(), 'writes-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }\n')
  const compilerOptions = { target: 'es2022', lib: ['es2022'], module: 'nodenext', strict: true, types: [] }
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
  writeFileSync(join(root, 'src/context.ts'), `export class Ctx ${body}`)
  writeFileSync(join(root, 'src/copy.ts'), `export class Ctx ${body}`)
  writeFileSync(
    join(root, 'src/use.ts'),
    "import { Ctx } from './context.js'\nexport const turn = (c: Ctx) => Object.assign(c, { userId: 'v' })\n",
  )
  const { findings } = await scan({ root, types: ['src/context.ts#Ctx'] })
  const kinds = findings.map(({ kind, file }) => `${kind} ${file}`)
  expect(kinds).toContain('definition-equal src/copy.ts')
  expect(kinds.filter((kind) => kind.startsWith('context-write'))).toEqual(['context-write src/use.ts'])
})
