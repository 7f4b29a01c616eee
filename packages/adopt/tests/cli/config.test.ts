import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AdoptError } from '../../src/adopt-error.ts'
import { configFileName, readConfig, parseConfig } from '../../src/config.ts'
import { packageTarget } from '../../src/migrate/package-target.ts'

const makeTree = (text: string): { top: string; below: string } => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'config-')))
  const below = join(top, 'packages', 'app')
  mkdirSync(below, { recursive: true })
  writeFileSync(join(top, configFileName), text)
  return { top, below }
}

describe('readConfig', () => {
  test('finds the file above, and counts paths from its directory', () => {
    const { top, below } = makeTree('\uFEFF{ "types": ["RequestContext"] }')
    expect(readConfig(below)).toEqual({
      root: top,
      file: join(top, configFileName),
      config: { types: ['RequestContext'] },
    })
  })

  test('takes the nearest one', () => {
    const { below } = makeTree('{}')
    writeFileSync(join(below, configFileName), '{ "baseline": "b.json" }')
    expect(readConfig(below).config).toEqual({ baseline: 'b.json' })
  })

  test('refuses a named file that is not there', () => {
    expect(() => readConfig(makeTree('{}').top, 'other.json')).toThrow('other.json cannot be read')
  })
})

describe('parseConfig', () => {
  test('accepts a whole migrate target', () => {
    const config = { migrate: { target: packageTarget, testFiles: ['**/*.test.ts'] } }
    expect(parseConfig(JSON.stringify(config), 'c.json')).toEqual(config)
  })

  test('reports every issue at once, with its path and never with the value', () => {
    const text =
      '{ "type": "secret-value", "types": [], "factories": ["", 5], "migrate": { "target": { "type": {} } } }'
    const read = () => parseConfig(text, 'c.json')
    expect(read).toThrow(AdoptError)
    const issues = [
      'type: is not an option. Options here: $schema, types',
      'types: needs at least 1 item',
      'factories[0]: must not be empty',
      'factories[1]: must be string',
      'migrate.target: expression is missing',
      'migrate.target.type: module is missing',
    ]
    for (const said of issues) expect(read).toThrow(said)
    expect(read).not.toThrow('secret-value')
  })

  test.each(['', '[]', '{ "types": ["a"], }', '// no comments\n{}'])('refuses %j', (text) => {
    expect(() => parseConfig(text, 'c.json')).toThrow(AdoptError)
  })
})
