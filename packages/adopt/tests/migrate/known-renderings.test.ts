// A file is rendered once for each set of units, and anew for every other set.
import { describe, expect, it } from 'vitest'
import { parseSyntax } from '../../src/engine/syntax.ts'
import type { ChangeUnit, EditedFile } from '../../src/migrate/change-unit.ts'
import { renderOnce } from '../../src/migrate/known-renderings.ts'
import { mergeStyles, readStyle } from '../../src/migrate/source-style.ts'

const text = 'export const first = 1\nexport const second = 2\n'

function openFile(): EditedFile {
  const tree = parseSyntax('src/numbers.ts', text)
  return { file: tree.file, tree, style: mergeStyles(readStyle(text, tree.program), [], { isTypeOnlyNeeded: true }) }
}

function replaceDigit(digit: string, by: string, printed: string[]): ChangeUnit {
  const start = text.indexOf(digit)
  const print = (): string => {
    printed.push(digit)
    return by
  }
  return { file: 'src/numbers.ts', purpose: 'site', edits: [{ start, end: start + 1, print }], wants: [] }
}

describe('renderings of one file', () => {
  const printed: string[] = []
  const one = replaceDigit('1', 'one', printed)
  const two = replaceDigit('2', 'two', printed)

  it('are computed once for the same units, whatever was asked between', () => {
    const file = openFile()
    const both = renderOnce(file, [one, two])
    expect(renderOnce(file, [one]).text).toContain('first = one\nexport const second = 2')
    printed.length = 0
    expect(renderOnce(file, [one, two])).toBe(both)
    expect(printed).toEqual([])
  })

  it('differ for a unit more, a unit less and another unit of the same place', () => {
    const file = openFile()
    const texts = [[one, two], [two], [], [replaceDigit('1', 'three', printed), two], [one, two]].map(
      (units) => renderOnce(file, units).text,
    )
    expect(texts[1]).toContain('first = 1\nexport const second = two')
    expect(texts[2]).toBe(text)
    expect(texts[3]).toContain('first = three')
    expect(texts[4]).toBe(texts[0])
  })

  it('are those of the file that is asked for', () => {
    const other = { ...openFile(), tree: parseSyntax('src/numbers.ts', text.replace('first', 'third')) }
    renderOnce(openFile(), [one])
    expect(renderOnce(other, [one]).text).toContain('third = one')
  })
})
