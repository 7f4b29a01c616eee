// A code base whose type carries more than ids: found whole, moved and kept, and walked through the later steps.
// `ADOPT_SEEDS=1,2,7 npm test -- acceptance` takes other seeds; `npm run soak` takes six of them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MigrateResult } from '../../src/migrate/migrate-options.ts'
import type { Report } from '../../src/report/report.ts'
import { generateCarryingApp, type CarryingTruth } from '../fixtures/carrying-app/generate.mjs'
import { installPackages } from '../fixtures/legacy-app/packages.mjs'
import { carryingViolators } from './carrying-violators.ts'
import { runCommand, scanReport } from './command.ts'
import { judgeSites } from './judge.ts'
import { commitAll, compilerErrors, runOwnTests } from './legacy-app.ts'
import { withPlanted } from './violators.ts'

const longestMs = 600_000
const isLong = process.env['SOAK'] === 'true'
const seeds = (process.env['ADOPT_SEEDS'] ?? (isLong ? '1,2,7,11,23,42' : '1,2')).split(',').map(Number)
const only = ['.'] as const
const type = ['--type', 'RequestContext']

function openApp(options: Parameters<typeof generateCarryingApp>[1]): { root: string; truth: CarryingTruth } {
  const root = mkdtempSync(join(tmpdir(), 'carrying-app-'))
  const truth = generateCarryingApp(root, options)
  installPackages(root)
  commitAll(root)
  return { root, truth }
}

const migrated = (root: string, ...options: string[]): MigrateResult => {
  const { stdout, stderr } = runCommand(root, 'migrate', '--write', '--quiet', '--format', 'json', ...type, ...options)
  if (!stdout.startsWith('{')) throw new Error(`migrate gave no report: ${stderr}`)
  return JSON.parse(stdout) as MigrateResult
}

describe.each(seeds)('a code base whose type carries more than ids, seed %i', { timeout: longestMs }, (seed) => {
  let root: string
  let truth: CarryingTruth
  let found: ReturnType<typeof scanReport>['report']
  let result: MigrateResult
  let testsBefore: number
  let texts: string[]
  const readAll = (): string[] => truth.files.map((file) => readFileSync(join(root, file), 'utf8'))
  beforeAll(() => {
    ;({ root, truth } = openApp({ seed }))
    testsBefore = runOwnTests(root, only).passed
    found = scanReport(root, ...type).report
    runCommand(root, 'check', '--start-baseline', '--quiet', ...type)
    commitAll(root)
    result = migrated(root)
    texts = readAll()
  }, longestMs)
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('is found whole, and nothing else is', () => {
    expect(judgeSites({ ...emptyTruth, sites: truth.sites }, found.sites)).toEqual({ missed: [], invented: [] })
  })

  it('moves at least 98 % of the valid constructions, and none of the others', () => {
    const moved = new Set(result.movedSites.map(({ file, line }) => `${file}:${line}`))
    const isMoved = ({ file, line }: { file: string; line: number }): boolean => moved.has(`${file}:${line}`)
    const valid = truth.sites.filter((site) => site.valid)
    const left = valid.filter((site) => !isMoved(site))
    console.info(
      `seed ${seed}: ${valid.length - left.length} of ${valid.length} valid sites moved, ${truth.sites.length} planted`,
    )
    expect((valid.length - left.length) / valid.length).toBeGreaterThanOrEqual(0.98)
    expect(
      truth.sites.filter((site) => !site.valid && isMoved(site)).map(({ file, line }) => `${file}:${line}`),
    ).toEqual([])
  })

  it('adds no diagnostic, by its own count and by the pinned compiler', () => {
    expect([result.diagnosticsBefore, result.diagnosticsAfter, result.unsettled, result.silenced]).toEqual([
      0,
      0,
      [],
      [],
    ])
    expect(compilerErrors(root, only)).toBe('')
  })

  it("keeps the code base's own tests green", () => {
    const { passed, failed, output } = runOwnTests(root, only)
    expect([output, passed, failed]).toEqual(['', testsBefore, 0])
  })

  it('is green for check right after, and changes nothing in a second run', () => {
    expect(runCommand(root, 'check', '--quiet', ...type).exitCode).toBe(0)
    commitAll(root)
    expect(migrated(root).files).toEqual([])
    expect(readAll()).toEqual(texts)
  })

  it('then holds every planted violator, and none of their innocent twins', () => {
    const { errors, stdout, exitCode } = withPlanted(root, carryingViolators, () => ({
      errors: compilerErrors(root, only),
      ...runCommand(root, 'check', '--quiet', '--format', 'json', ...type),
    }))
    const fresh = new Set(
      (JSON.parse(stdout) as Report).sites.filter(({ status }) => status === 'new').map(({ file }) => file),
    )
    const isHeld = ({ file }: { file: string }): boolean => fresh.has(file) || errors.includes(`${file}(`)
    expect(exitCode).toBe(1)
    expect(carryingViolators.filter((one) => isHeld(one) === one.isInnocent).map(({ file }) => file)).toEqual([])
  })
})

const emptyTruth = { definitions: [], factories: [], decoys: [], optional: [], generated: [], files: [] }

describe('the later steps on such a code base', { timeout: longestMs }, () => {
  it('move readers and fields, each green for the compiler and for the own tests', () => {
    const { root } = openApp({ seed: seeds[0]!, sites: 120, validOnly: true })
    try {
      const before = runOwnTests(root, only).passed
      for (const step of ['makers', 'readers', 'fields'] as const) {
        const result = migrated(root, '--step', step)
        expect([step, result.written, result.left, result.definitionsLeft]).toEqual([step, true, [], []])
        expect([step, runOwnTests(root, only)]).toEqual([step, { passed: before, failed: 0, output: '' }])
        commitAll(root)
        if (step === 'fields') expect(result.fieldsRemoved.length).toBeGreaterThan(0)
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
