import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formatNames, helpText } from '../../src/cli-options.ts'
import { kindGuide } from '../../src/kind-guide.ts'
import plugin from 'eslint-plugin-user-execution-context'

const page = readFileSync('../../docs/adoption.md', 'utf8')

describe('docs/adoption.md', () => {
  test('lists every kind as the guide has it, in its order, and no other', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.*) \| (yes|shown only) \|$/gm)].map(
      ([, kind, title, held]) => [kind, title, held],
    )
    expect(rows).toEqual(
      Object.entries(kindGuide).map(([kind, { title, severity }]) => [
        kind,
        title,
        severity === 'violation' ? 'yes' : 'shown only',
      ]),
    )
  })

  test('names every format and lint rule, and only options that the help has', () => {
    for (const name of [...formatNames, ...Object.keys(plugin.rules)]) expect(page).toContain(name)
    const options = page.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []
    expect(options.filter((option) => !helpText.includes(option))).toEqual([])
    expect(options.length).toBeGreaterThan(5)
  })
})
