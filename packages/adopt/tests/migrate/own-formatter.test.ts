import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openCase } from './migrate-case.ts'
import type { OpenCase } from './migrate-case.ts'

let open: OpenCase | undefined
afterEach(() => open?.remove())

const literal = "{ userId, threadId: 'thread_1', runId: 'run_1' }"
const siteOf = (comma: string): string =>
  `import type { UserExecutionContext } from './context.js'${comma}\n\n` +
  `export const open = (userId: string): UserExecutionContext => (${literal})${comma}\n`

/** A case whose own Prettier writes no semicolons. */
function openFormatted(): string {
  open = openCase('layout')
  mkdirSync(join(open.root, 'node_modules'), { recursive: true })
  symlinkSync(dirname(resolve('../../node_modules/prettier/package.json')), join(open.root, 'node_modules/prettier'))
  writeFileSync(join(open.root, '.prettierrc'), '{ "semi": false, "singleQuote": true, "printWidth": 120 }')
  return open.root
}

describe('migrate', () => {
  test("formats a file with the code base's own Prettier when it was formatted before", async () => {
    const root = openFormatted()
    writeFileSync(join(root, 'src/formatted.ts'), siteOf(''))
    await open!.run({ write: true })
    expect(readFileSync(join(root, 'src/formatted.ts'), 'utf8')).toContain(
      "  createForUser(vouchForUser(userId, { reason: 'migrated from src/formatted.ts:3' }), {\n" +
        "    threadId: parseThreadId('thread_1'),\n    runId: parseRunId('run_1'),\n  })\n",
    )
  })

  test('leaves the layout of a file that was not formatted', async () => {
    const root = openFormatted()
    writeFileSync(join(root, 'src/loose.ts'), `${siteOf(';')}export const  spaced = 1;\n`)
    await open!.run({ write: true })
    const text = readFileSync(join(root, 'src/loose.ts'), 'utf8')
    expect(text).toContain('export const  spaced = 1;\n')
    expect(text).toContain(
      "=> createForUser(vouchForUser(userId, { reason: 'migrated from src/loose.ts:3' }), { threadId",
    )
  })
})
