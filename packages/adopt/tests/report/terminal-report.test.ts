import { describe, expect, test } from 'vitest'
import { printTerminal } from '../../src/report/terminal-report.ts'
import { makeReport, makeSite } from './reports.ts'

const source = ['one', 'two', "  run({ userId: 'u' })", 'four', 'five'].join('\n')
const options = { isColored: false, showAll: false, readSource: () => source }

describe('printTerminal', () => {
  test('opens with the headline', () => {
    expect(printTerminal(makeReport(), options).split('\n')[0]).toBe('1,210 of 1,600 moved, 390 left, 1 new')
  })

  test('shows a new violation with a code frame and the fix', () => {
    const text = printTerminal(makeReport({ sites: [makeSite({ line: 3, column: 7, start: 0, end: 15 })] }), options)
    expect(text).toContain(
      [
        '  1 | one',
        '  2 | two',
        "> 3 |   run({ userId: 'u' })",
        '    |       ^^^^^^^^^^^^^^^',
        '  4 | four',
        'fix Take the context as a parameter',
      ].join('\n'),
    )
  })

  test('shows the inventory to scan, and to check only when everything is asked for', () => {
    const hasInventory = (text: string): boolean =>
      text.includes('Factories: 1') && text.includes('Duplicate definitions: 1')
    const scan = makeReport({ command: 'scan' })
    expect(
      [
        printTerminal(scan, options),
        printTerminal(makeReport(), options),
        printTerminal(makeReport(), { ...options, showAll: true }),
      ].map(hasInventory),
    ).toEqual([true, false, true])
  })

  test('does not show known, suppressed and informational sites as violations', () => {
    const text = printTerminal(makeReport(), options)
    expect(text).not.toContain('new src/jobs/nightly.ts')
    expect(text).not.toContain('new src/context.ts')
    expect(text).not.toContain('new src/factory.ts')
  })

  test('counts by directory what is open, and what each of tsc and check holds', () => {
    const text = printTerminal(makeReport(), { ...options, showAll: true })
    expect(text).toMatch(/^ {2}src\/jobs +\. +1 +1$/m)
    expect(text).toContain('plain tsc finds 2 of these alone; 1 only check can hold.')
  })

  test('rounds the trust figure down and names what did not resolve', () => {
    const text = printTerminal(makeReport({ trust: { ...makeReport().trust, figure: 0.9999 } }), options)
    expect(text).toContain(
      'Trust 99.9 %: 380 files, 3 of 2,400 imports and 5 of 9,000 types unresolved; 2 files are in no tsconfig',
    )
    expect(text).toContain('Unresolved: left-pad (2).')
  })

  test('says why an analysis is partial', () => {
    expect(printTerminal(makeReport({ partial: true, reasons: ['src/x.ts does not parse'] }), options)).toContain(
      'The analysis is partial:\n  src/x.ts does not parse',
    )
  })

  test('colours when asked to, and only then', () => {
    expect(printTerminal(makeReport(), options)).not.toContain('\u001b')
    expect(printTerminal(makeReport(), { ...options, isColored: true })).toContain('\u001b[1m1,210 of 1,600')
  })

  test('lets no escape or direction character of the code base reach the terminal', () => {
    const hostile = '\u001b[2Jx\u202ey\rz\u0007'
    const report = makeReport({
      sites: [makeSite({ file: `src/${hostile}.ts`, enclosing: hostile, type: hostile })],
      canonicalEvidence: hostile,
      notes: [hostile],
      reasons: [hostile],
      partial: true,
    })
    const text = printTerminal(report, { ...options, readSource: () => `${hostile}\n${hostile}\n${hostile}` })
    expect(text).not.toMatch(/[\u001b\u202e\r\u0007]/)
  })

  test('lists twenty sites of a scan, and all of them when asked', () => {
    const many = makeReport({
      command: 'scan',
      sites: Array.from({ length: 45 }, (_, line) => makeSite({ line, status: 'open' })),
    })
    expect(printTerminal(many, options)).toContain('and 25 more')
    expect(printTerminal(many, { ...options, showAll: true }).match(/ {2}src\/chat\.ts:/g)).toHaveLength(45)
  })
})
