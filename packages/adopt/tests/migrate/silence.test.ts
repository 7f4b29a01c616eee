import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openChecker } from '../../src/engine/open-checker.ts'
import type { Checker } from '../../src/engine/checker.ts'
import { settleLeft } from '../../src/migrate/settle-left.ts'
import { findSilenced } from '../../src/migrate/silenced-types.ts'
import { diagnose, openWorkspace } from '../../src/migrate/workspace.ts'
import type { Workspace } from '../../src/migrate/workspace.ts'
import { openCase } from './migrate-case.ts'
import type { OpenCase } from './migrate-case.ts'

let open: OpenCase | undefined
let checker: Checker | undefined
afterEach(async () => {
  await checker?.close()
  open?.remove()
})

async function openFiles(files: Readonly<Record<string, string>>): Promise<Workspace> {
  open = openCase('class-a-duplicates')
  for (const [file, text] of Object.entries(files)) writeFileSync(join(open.root, file), text)
  checker = await openChecker({ root: open.root })
  return openWorkspace(open.root, checker, {})
}

describe('settleLeft', () => {
  test('never silences an error at an import: it stays unsettled', async () => {
    const text = "import { value } from './first-value.js'\nexport const twice = value + value\n"
    const workspace = await openFiles({ 'src/first-value.ts': 'export const value = 1\n', 'src/user.ts': text })
    const start = text.indexOf('./first-value.js')
    const { unsettled, suppressed, texts } = settleLeft(
      workspace,
      [
        {
          file: 'src/user.ts',
          purpose: 'read',
          edits: [{ start, end: start + './first-value.js'.length, print: () => './gone.js' }],
          wants: [],
        },
      ],
      { offers: [], marks: [], before: diagnose(workspace, new Map()) },
    )
    expect(unsettled).toEqual([{ file: 'src/user.ts', code: 2307 }])
    expect(suppressed).toEqual([])
    expect(texts.get('src/user.ts')).not.toContain('@ts-expect-error')
  })
})

describe('findSilenced', () => {
  test('names what lost its type in a changed file and in one that imports it', async () => {
    const workspace = await openFiles({
      'src/value.ts': 'export const value = { id: 1 }\n',
      'src/user.ts': "import { value } from './value.js'\nexport const id = value.id\n",
      'src/other.ts': 'export const other: any = 1\n',
    })
    expect(findSilenced(workspace, new Map([['src/value.ts', 'export const value: any = { id: 1 }\n']]))).toEqual([
      { file: 'src/value.ts', line: 1, name: 'value' },
      { file: 'src/user.ts', line: 1, name: 'value' },
      { file: 'src/user.ts', line: 2, name: 'id' },
    ])
  })

  test('takes no name of a module for a name without a type', async () => {
    const workspace = await openFiles({
      'src/value.ts': 'export type Value = string\n',
      'src/user.ts': "import * as all from './value.js'\nexport const id: all.Value = ''\n",
    })
    const text = "import * as all from './value.js'\nexport const id = '' as all.Value as all.Value\n"
    expect(findSilenced(workspace, new Map([['src/user.ts', text]]))).toEqual([])
  })

  test('names an import that does not resolve, and nothing that was any before', async () => {
    const workspace = await openFiles({ 'src/other.ts': 'export const other: any = 1\n' })
    expect(findSilenced(workspace, new Map([['src/other.ts', 'export const other: any = 2\n']]))).toEqual([])
    expect(
      findSilenced(
        workspace,
        new Map([['src/other.ts', "import type { T } from 'gone'\nexport const other: any = 2\nexport type U = T\n"]]),
      ),
    ).toContainEqual({ file: 'src/other.ts', line: 1, name: 'T' })
  })
})
