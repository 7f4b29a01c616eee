// The violators that the command is held to, and what of them the rules see: they have no types, and one file at a
// time.
import { beforeAll, describe, expect, test } from 'vitest'
import { writeRows } from '../../adopt/tests/scan/planted/loose-rows.ts'
import { formNames, treeFiles, twins, violators } from '../../adopt/tests/scan/planted/planted-tree.ts'
import { makeDirectory, runOxlint, type Problem } from './hosts.ts'

const options = { types: ['Ctx', 'Context', 'Carried'] }
const rules = ['no-context-assertion', 'no-context-write', 'no-loose-method']
const overrides = Object.fromEntries(rules.map((rule) => [`user-execution-context/${rule}`, ['error', options]]))

const listsOfContexts = [
  'a list that was filtered',
  'a list of a map',
  'a list that may be changed',
  'a list of something else, asserted',
]

describe('the rules on the planted violators of adopt', () => {
  let problems: readonly Problem[]
  beforeAll(() => {
    problems = runOxlint(makeDirectory(treeFiles('open')), overrides)
  })

  /** Rows that a rule reports at their line, in every way of importing. */
  const seenBy = (rule: string): string[] => {
    const places = new Set(problems.map(({ at }) => at))
    const seen = violators.filter(({ file, line }) => places.has(`${file}:${line} ${rule}`))
    return [...new Set(seen.map(({ row }) => row))].filter(
      (row) => seen.filter((one) => one.row === row).length === formNames.length,
    )
  }

  test('see every write into a context that a name leads to', () => {
    const seen = seenBy('no-context-write')
    const unseen = writeRows.map(({ name }) => name).filter((name) => !seen.includes(name))
    expect(unseen).toEqual(['Object.assign to a held one'])
  })

  test('see a loose method whose type stands in the same file', () => {
    expect(seenBy('no-loose-method')).toEqual([
      'a class that implements an interface beside it',
      'a class that extends one beside it',
      'a method that is written at a place with a type beside it',
    ])
  })

  test('see an assertion to the type', () => {
    expect(seenBy('no-context-assertion')).toMatchInlineSnapshot(`
      [
        "cast",
        "cast through unknown",
        "request cast to an intersection",
        "request cast to an inline type",
        "cast to a holder, optional",
        "cast to an array",
        "cast to a readonly array",
        "cast to a Map",
        "cast to a tuple",
        "cast to a Promise",
        "cast to an intersection",
        "cast to an alias of its own",
        "type guard",
        "type guard, arrow",
        "type guard in a filter",
        "type guard, method",
        "type guard of a holder",
        "assertion function",
        "a class that does the work of the generic that it extends, beside one that does not",
        "a function asserted to be a guard",
        "a list of something else, asserted",
        "null, asserted",
        "one without fields, asserted",
      ]
    `)
  })

  test.each(rules)('say nothing of the repaired ones: %s', (rule) => {
    const files = new Set(twins.map(({ file }) => file))
    const said = problems.filter(({ at }) => at.endsWith(` ${rule}`) && files.has(at.split(':')[0]!))
    const rowOf = (at: string): string => twins.find(({ file }) => file === at.split(':')[0])!.row
    // Only types tell that a list holds nothing but contexts.
    const byTypes = new Set(rule === 'no-context-assertion' ? listsOfContexts : [])
    expect(said.map(({ at }) => rowOf(at)).filter((row) => !byTypes.has(row))).toEqual([])
  })
})
