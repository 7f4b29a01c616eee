import { describe, expect, test } from 'vitest'
import { parseSyntax } from '../../src/engine/syntax.ts'
import { applyTextEdits } from '../../src/migrate/text-edit.ts'
import { isMarked, toMarkEdits } from '../../src/migrate/todo-marks.ts'
import type { Mark } from '../../src/migrate/todo-marks.ts'

function marked(text: string, word: string, mark: Partial<Mark> = {}): string {
  const edits = toMarkEdits(
    parseSyntax('a.tsx', text),
    [{ offset: text.indexOf(word), reason: 'why', callers: [], ...mark }],
    '\n',
  )
  return applyTextEdits(text, edits)
}

describe('toMarkEdits', () => {
  test('sets one comment above the line, as deep as the line', () => {
    expect(marked('{\n\tconst a = here\n}\n', 'here')).toBe(
      '{\n\t// TODO(user-execution-context): why\n\tconst a = here\n}\n',
    )
  })

  test('names three callers and counts the others', () => {
    expect(marked('here\n', 'here', { callers: ['a.ts:1', 'b.ts:2', 'c.ts:3', 'd.ts:4', 'e.ts:5'] })).toContain(
      'why (called from a.ts:1, b.ts:2, c.ts:3 and 2 more)',
    )
  })

  test('changes nothing when it is set again', () => {
    const once = marked('const a = here\n', 'here', { directive: true })
    expect(once).toBe('// TODO(user-execution-context): why\n// @ts-expect-error\nconst a = here\n')
    expect(marked(once, 'here', { directive: true })).toBe(once)
    expect(isMarked(parseSyntax('a.ts', once), once.indexOf('here'))).toBe(true)
  })

  test('says one thing of one line: the reason of the site, else what stays there, else what is silenced', () => {
    const site = { reason: 'site', callers: ['a.ts:1'] }
    const sites = [site, { ...site, callers: ['b.ts:2', 'a.ts:1'] }]
    const aside = { reason: 'stays', callers: [], isAside: true }
    const silenced = { reason: 'silenced', callers: [], directive: true }
    const comments = (marks: readonly Omit<Mark, 'offset'>[]): string[] =>
      toMarkEdits(
        parseSyntax('a.ts', 'here\n'),
        marks.map((mark) => ({ ...mark, offset: 0 })),
        '\n',
      ).flatMap(({ text }) => text.trimEnd().split('\n'))
    const todo = '// TODO(user-execution-context):'
    const directive = '// @ts-expect-error'
    const called = `${todo} site (called from a.ts:1, b.ts:2)`
    expect(comments([silenced, aside, ...sites])).toEqual([called, directive])
    expect(comments([aside, silenced])).toEqual([`${todo} stays`, directive])
    expect(comments([silenced, silenced])).toEqual([`${todo} silenced`, directive])
  })

  test('never lands inside a template or JSX, where it would be content', () => {
    expect(marked('const a = `\n  ${here}\n`\n', 'here')).toBe(
      '// TODO(user-execution-context): why\nconst a = `\n  ${here}\n`\n',
    )
    expect(marked('const a = (\n  <p>\n    {here}\n  </p>\n)\n', 'here')).toBe(
      'const a = (\n  // TODO(user-execution-context): why\n  <p>\n    {here}\n  </p>\n)\n',
    )
  })
})
