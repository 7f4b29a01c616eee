// The whole move on the legacy code base: one definition, the constructions moved, the rest marked, everything green.
// `ADOPT_SEEDS=1,2,7 npm test -- acceptance` takes other seeds; `npm run soak` takes six of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { runCommand, scanReport, type Outcome } from './command.ts'
import { commitAll, compilerErrors, openLegacyApp, runOwnTests, unusedNames, type LegacyApp } from './legacy-app.ts'
import { fatesOf, type Fate } from './migration-judge.ts'
import { openSmallApp, removeTree, snapshotOf } from './small-app.ts'
import { secondDefinition, violators, withPlanted } from './violators.ts'

/** Nothing is timed here: the bound only ends a run that hangs, on a machine that is busy otherwise. */
const longestMs = 600_000

const isLong = process.env['SOAK'] === 'true'
const seeds = (process.env['ADOPT_SEEDS'] ?? (isLong ? '1,2,7,11,23,42' : '1,2')).split(',').map(Number)

describe.each(seeds)('migrate --write on the legacy code base, seed %i', { timeout: longestMs }, (seed) => {
  let app: LegacyApp
  let before: Map<string, string>
  let after: Map<string, string>
  let outcome: Outcome
  let fates: readonly Fate[]
  let testsBefore: number
  let unusedBefore: string
  beforeAll(() => {
    app = openLegacyApp({ seed })
    commitAll(app.root)
    before = textsOf(app)
    testsBefore = runOwnTests(app.root).passed
    unusedBefore = unusedNames(app.root)
    outcome = runCommand(app.root, 'migrate', '--write', '--quiet')
    after = textsOf(app)
    fates = fatesOf(app)
    commitAll(app.root)
  }, longestMs)
  afterAll(() => app.remove())

  it('ends without an error', () => {
    expect([outcome.exitCode === 0 || outcome.exitCode === 1, outcome.stderr]).toEqual([true, ''])
  })

  it('leaves one definition: every other became a re-export of its type', () => {
    const { report } = scanReport(app.root)
    const twins = report.duplicates.filter(({ kind }) => kind === 'definition-equal' || kind === 'definition-overlap')
    expect(twins.map(({ definition }) => `${definition.file}:${definition.line}`)).toEqual([])
  })

  it('moves at least 98 % of the valid constructions', () => {
    const valid = fates.filter(({ site }) => site.valid)
    const moved = valid.filter(({ fate, site }) => fate === 'moved' || (fate === 'gone' && site.expect === 'removed'))
    console.info(`seed ${seed}: ${moved.length} of ${valid.length} valid sites moved, ${fates.length} planted`)
    expect(moved.length / valid.length).toBeGreaterThanOrEqual(0.98)
  })

  it('moves what can be proved and marks every other site with a reason', () => {
    const allowed = {
      moved: ['moved'],
      todo: ['todo'],
      either: ['moved', 'todo'],
      removed: ['moved', 'todo', 'gone'],
    } as const
    const wrong = fates.filter(
      ({ site, fate }) =>
        !(allowed[site.expect ?? 'either'] as readonly string[]).includes(fate) &&
        !(site.valid && site.expect === 'moved' && fate === 'todo'),
    )
    expect(
      wrong.map(({ site, fate }) => `${site.file}:${site.line} ${site.kinds[0]} ${site.reason ?? site.expect} ${fate}`),
    ).toEqual([])
  })

  it('is green for the pinned compiler', () => {
    expect(compilerErrors(app.root)).toBe('')
  })

  it("keeps the code base's own tests green", () => {
    const { passed, failed, output } = runOwnTests(app.root)
    expect(output).toBe('')
    expect([passed, failed]).toEqual([testsBefore, 0])
  })

  it('leaves no name unused that was used before', () => {
    expect(unusedNames(app.root)).toBe(unusedBefore)
  })

  it('keeps line ends, byte order marks and the quotes of imports', () => {
    const changed = [...after].filter(([file, text]) => text !== before.get(file))
    expect(changed.length).toBeGreaterThan(250)
    const styleOf = (text: string): string =>
      [
        text.startsWith('\uFEFF'),
        /\r\n/.test(text),
        /[^\r]\n/.test(text),
        /^import .* from '/m.test(text),
        /^import .* from "/m.test(text),
      ].join()
    const hadImports = changed.filter(([file]) => /^import /m.test(before.get(file) ?? ''))
    expect(
      hadImports.filter(([file, text]) => styleOf(text) !== styleOf(before.get(file) ?? '')).map(([file]) => file),
    ).toEqual([])
  })

  it('does not touch the collisions, the generated code and the other shapes', () => {
    for (const directory of ['src/planner/', 'src/sandbox/', 'src/generated/']) {
      for (const [file, text] of after) if (file.startsWith(directory)) expect(text).toBe(before.get(file))
    }
  })

  // Minutes more: of the other seeds only in the long version.
  if (isLong || seed === seeds[0]) whatFollows()

  function whatFollows(): void {
    it('changes nothing in a second run', () => {
      const again = runCommand(app.root, 'migrate', '--write', '--quiet')
      expect(again.stderr).toBe('')
      expect([...textsOf(app)].filter(([file, text]) => text !== after.get(file)).map(([file]) => file)).toEqual([])
    })

    describe('and then check with a baseline of what is left', () => {
      beforeAll(() => {
        runCommand(app.root, 'check', '--start-baseline', '--quiet')
        commitAll(app.root)
      }, longestMs)

      it('is clean', () => {
        expect(runCommand(app.root, 'check', '--quiet').exitCode).toBe(0)
      })

      it('leaves to tsc what tsc refuses: each planted violator of these kinds is an error where it stands', () => {
        const planted = violators.filter(({ refusedBy }) => refusedBy === 'tsc')
        const errors = withPlanted(app.root, planted, () => compilerErrors(app.root, ['.']))
        expect(planted.filter(({ file }) => !errors.includes(`${file}(`)).map(({ kind }) => kind)).toEqual([])
        expect(
          errors.split('\n').filter((line) => line.includes('error TS') && !line.includes('src/violators/')),
        ).toEqual([])
      })

      it('refuses every planted cast, any and second definition that tsc lets pass', () => {
        const planted = [...violators.filter(({ refusedBy }) => refusedBy === 'check'), secondDefinition]
        const { errors, exitCode, stdout } = withPlanted(app.root, planted, () => ({
          errors: compilerErrors(app.root, ['.']),
          ...runCommand(app.root, 'check', '--quiet', '--format', 'json'),
        }))
        const fresh = (JSON.parse(stdout) as Report).sites.filter(({ status }) => status === 'new')
        expect(errors).toBe('')
        expect(exitCode).toBe(1)
        expect(fresh.map(({ kind, file }) => `${file} ${kind}`).sort()).toEqual(
          planted.map(({ reportedAs, file }) => `${file} ${reportedAs}`).sort(),
        )
      })
    })
  }
})

describe('migrate without --write', () => {
  it('shows a unified diff and writes nothing', () => {
    const root = openSmallApp()
    const before = snapshotOf(root)
    const { stdout } = runCommand(root, 'migrate', '--quiet')
    const after = snapshotOf(root)
    removeTree(root)
    expect(after).toEqual(before)
    expect(stdout).toMatch(/^--- a\/src\/first\.ts\n\+\+\+ b\/src\/first\.ts\n@@ -\d+,?\d* \+\d+,?\d* @@/m)
    expect(stdout).toMatch(/^\+.*createForUser\(vouchForUser\(/m)
  })
})

function textsOf({ root, truth }: LegacyApp): Map<string, string> {
  return new Map(truth.files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
}
