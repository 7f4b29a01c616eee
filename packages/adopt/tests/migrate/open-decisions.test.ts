import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decisions, findOpenDecisions } from '../../src/migrate/open-decisions.ts'

const at = (line: number, reason: string) => ({ file: 'a.ts', line, reason })

describe('findOpenDecisions', () => {
  test('groups the sites that one decision settles, largest first', () => {
    const found = findOpenDecisions([
      at(1, 'no user is given'),
      at(2, 'the field logger has no home in the new context'),
      at(3, 'the field userId may be absent, and there is no context without a user'),
      at(4, 'the field tracer has no home in the new context'),
      at(5, 'no user is given: the value is a placeholder'),
      at(6, 'the field logger has no home in the new context'),
    ])
    expect(found).toEqual([
      { decision: 'hand the verified user to where the context is made', sites: 3, example: 'a.ts:1' },
      { decision: 'give the field logger a home under migrate.fields, or "drop"', sites: 2, example: 'a.ts:2' },
      { decision: 'give the field tracer a home under migrate.fields, or "drop"', sites: 1, example: 'a.ts:4' },
    ])
  })

  test('knows a decision for every reason that the sources give of a site as a whole', () => {
    const files = readdirSync('src/migrate', { recursive: true, encoding: 'utf8' }).filter((file) =>
      /(?:site-\w+|refusal|constructor-form|carrier-site|read-edits|missing-field|absent-user)\.ts$/.test(file),
    )
    const reasons = files.flatMap((file) =>
      Array.from(
        readFileSync(`src/migrate/${file}`, 'utf8').matchAll(
          /(?:reason: |return |[?:] )(['"])([a-z`][^'"\n]* [^\n]*?)\1/g,
        ),
        ([, , reason]) => reason!,
      ),
    )
    expect(reasons.length).toBeGreaterThan(15)
    expect(reasons.filter((reason) => findOpenDecisions([at(1, reason)])[0]?.decision === reason)).toEqual([])
  })

  test('knows a decision for every reason that the sources give with a field in it', () => {
    const files = readdirSync('src/migrate', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    )
    const sources = files.map((file) => readFileSync(`src/migrate/${file}`, 'utf8'))
    const reasons = sources.flatMap((text) => text.match(/(?<=[`'])the field \$\{\w+\} [^`'$]+/g) ?? [])
    expect(reasons.length).toBeGreaterThan(5)
    const given = reasons.map((reason) => reason.replace(/\$\{\w+\}/, 'tracer'))
    expect(given.filter((reason) => findOpenDecisions([at(1, reason)])[0]?.decision === reason)).toEqual([])
  })

  test('has no row that another one hides, or that no source gives a reason for', () => {
    const files = readdirSync('src/migrate', { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('open-decisions.ts'),
    )
    const texts = files
      .flatMap((file) => readFileSync(`src/migrate/${file}`, 'utf8').match(/'[^'\n]+'|"[^"\n]+"|`[^`]+`/g) ?? [])
      .flatMap((text) => ['x', '7'].map((value) => text.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, value)))
    const rows = texts.map((text) => decisions.findIndex(([pattern]) => pattern.test(text)))
    expect(decisions.filter((_, index) => !rows.includes(index)).map(([, decision]) => decision)).toEqual([])
  })

  test('says which field may be missing where one is tested', () => {
    const reason = 'no runId may be given here, src/a.ts:4 tests it, and the sealed context always has one'
    expect(findOpenDecisions([at(1, reason)])[0]?.decision).toBe('give runId, or look at what tests it')
  })
})
