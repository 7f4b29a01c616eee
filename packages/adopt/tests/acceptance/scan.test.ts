// Recall and false findings of the built command on the legacy code base, by the generator's own list.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/report.ts'
import { scanReport } from './command.ts'
import { judgeDefinitions, judgeFactories, judgeSites } from './judge.ts'
import { openLegacyApp, type LegacyApp } from './legacy-app.ts'

const nothing = { missed: [], invented: [] }
const heldByCheckAlone = ['any-flow', 'cast', 'cast-double', 'cast-downcast']

/** Nothing is timed here: the bound only ends a run that hangs, on a machine that is busy otherwise. */
const longestMs = 600_000

describe('scan of the legacy code base', { timeout: longestMs }, () => {
  let app: LegacyApp
  let report: Report
  let exitCode: number | null
  beforeAll(() => {
    app = openLegacyApp()
    ;({ report, exitCode } = scanReport(app.root))
  }, longestMs)
  afterAll(() => app.remove())

  it('finds every planted construction under its kind, and no other', () => {
    expect(judgeSites(app.truth, report.sites)).toEqual(nothing)
  })

  it('finds every definition: equal, overlapping, colliding and under another name', () => {
    expect(judgeDefinitions(app.truth, report.sites)).toEqual(nothing)
  })

  it('finds the 54 factories', () => {
    expect(judgeFactories(app.truth, report.sites)).toEqual(nothing)
  })

  it('analyses everything and exits with 1', () => {
    expect([exitCode, report.partial, report.trust.importsUnresolved, report.trust.figure]).toEqual([1, false, 0, 1])
  })

  it('says of each site whether tsc or only check can hold it', () => {
    const constructions = report.sites.filter(({ kind }) => kind !== 'factory' && !kind.startsWith('definition'))
    const wrong = constructions.filter(({ kind, heldBy }) => (heldBy === 'check') !== heldByCheckAlone.includes(kind))
    expect(wrong.map(({ file, line, kind, heldBy }) => `${file}:${line} ${kind} ${heldBy}`)).toEqual([])
  })

  it('leaves generated code out until it is asked for', () => {
    expect(report.sites.filter(({ file }) => file.startsWith('src/generated/'))).toEqual([])
    expect(report.generatedDefinitions).toBe(1)
  })

  it('finds definitions, new and casts without a compiler', () => {
    const fast = scanReport(app.root, '--fast').report
    const asked = app.truth.sites.filter(({ kinds }) => kinds[0] === 'new' || kinds[0]?.startsWith('cast'))
    // Whether a cast goes down inside the family is a question for the checker.
    const found = fast.sites.map((site) => ({
      ...site,
      kind: site.kind === 'cast-downcast' ? ('cast' as const) : site.kind,
    }))
    const planted = asked.map((site) => ({
      ...site,
      kinds: site.kinds.map((kind) => (kind === 'cast-downcast' ? 'cast' : kind)),
    }))
    expect(judgeSites({ ...app.truth, sites: planted }, found)).toEqual(nothing)
    expect(fast.compiler).toBeUndefined()
  })

  it('finds the same with no package installed but this one', () => {
    const bare = openLegacyApp()
    for (const name of ['@types', 'ts-brand']) rmSync(join(bare.root, 'node_modules', name), { recursive: true })
    const { report: found } = scanReport(bare.root)
    bare.remove()
    expect(judgeSites(app.truth, found.sites)).toEqual(nothing)
  })
})

describe('scan of the legacy code base with the options of an old tsconfig', { timeout: longestMs }, () => {
  it('finds every planted construction, and no other', () => {
    const app = openLegacyApp({ seed: 3, tsconfig: 'old' })
    const { report } = scanReport(app.root)
    app.remove()
    expect(judgeSites(app.truth, report.sites)).toEqual(nothing)
    expect(report.partial).toBe(false)
  })
})
