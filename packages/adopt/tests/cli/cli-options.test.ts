import { describe, expect, test } from 'vitest'
import { commandNames, formatNames, helpText, parseCliOptions } from '../../src/cli-options.ts'

describe('parseCliOptions', () => {
  test('reads a command, a directory and options in any order', () => {
    const words = ['--format', 'html', 'scan', '--type', 'A', 'packages/app', '--type=B', '--all']
    expect(parseCliOptions(words)).toMatchObject({
      command: 'scan',
      directory: 'packages/app',
      format: 'html',
      type: ['A', 'B'],
      all: true,
    })
  })

  test.each([
    [['scna'], 'scna is not a command. Choose one of: init, scan, migrate, seal, check.'],
    [['scan', '--format', 'xml'], 'xml is not a format.'],
    [['scan', '--tpye', 'A'], "Unknown option '--tpye'"],
    [['scan', 'a', 'b'], 'Give one directory at most'],
    [['check', '--since'], "'--since <value>' argument missing"],
  ])('refuses %j with a sentence', (words, said) => {
    expect(() => parseCliOptions(words)).toThrow(said)
  })
})

describe('helpText', () => {
  test('names every command and format, and no option that is not there', () => {
    for (const name of [...commandNames, ...formatNames]) expect(helpText).toContain(name)
    const named = [...new Set(helpText.match(/(?<=\s)--[a-z-]+/g))]
    const isKnown = (option: string): boolean =>
      [[option], [option, 'html']].some((words) => {
        try {
          return parseCliOptions(words).command === undefined
        } catch {
          return false
        }
      })
    expect(named.filter((option) => !isKnown(option))).toEqual([])
    expect(named.length).toBeGreaterThan(20)
  })

  test('stands with the options of the commands that take them, and others refuse them', () => {
    for (const [command, option] of [
      ['scan', '--write'],
      ['check', '--undo'],
      ['migrate', '--start-baseline'],
      ['init', '--since=HEAD'],
    ] as const)
      expect(() => parseCliOptions([command, option])).toThrow(/is an option of .* does not take it\. Run adopt --help/)
    expect(parseCliOptions(['migrate', '--write']).write).toBe(true)
  })

  test('fits a terminal of 100 columns', () => {
    expect(helpText.split('\n').filter((line) => line.length > 100)).toEqual([])
  })
})
