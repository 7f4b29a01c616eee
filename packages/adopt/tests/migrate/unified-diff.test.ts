import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { toUnifiedDiff } from '../../src/migrate/unified-diff.ts'

const directory = mkdtempSync(join(tmpdir(), 'diff-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What `git apply` makes of the text with the diff. */
function applied(before: string, diff: string): string {
  writeFileSync(join(directory, 'file.ts'), before)
  execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: directory, input: diff })
  return readFileSync(join(directory, 'file.ts'), 'utf8')
}

describe('toUnifiedDiff', () => {
  test('gives nothing for equal texts', () => {
    expect(toUnifiedDiff('file.ts', 'a\n', 'a\n')).toBe('')
  })

  test('shows three lines around a change, and joins changes that are near', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`)
    const changed = lines.with(4, 'five\n').with(8, 'nine\n').with(18, 'nineteen\n')
    const diff = toUnifiedDiff('file.ts', lines.join(''), changed.join(''))
    expect(diff.match(/^@@.*@@$/gm)).toEqual(['@@ -2,11 +2,11 @@', '@@ -16,5 +16,5 @@'])
  })

  test('is applied by git to exactly the new text, whatever the lines, line ends and last newline', () => {
    const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', 'd')).map((lines) => lines.join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = toUnifiedDiff('file.ts', before, after)
        // git deletes a file that becomes empty only when told so; migrate never empties one.
        if (diff === '' || before === '' || after === '') return
        expect(applied(before, diff)).toBe(after)
      }),
      { numRuns: 150 },
    )
  })
})
