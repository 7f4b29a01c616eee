import { describe, expect, test } from 'vitest'
import { toEntry } from '../../src/check/match-baseline.ts'
import { turnRatchet, type RatchetInput } from '../../src/check/ratchet.ts'
import { makeFinding } from './findings.ts'

const first = makeFinding()
const second = makeFinding({ file: 'src/jobs.ts', kind: 'cast', enclosing: 'nightly', heldBy: 'check' })
const turn = (parts: Partial<RatchetInput>) =>
  turnRatchet({ findings: [first], baseline: [toEntry(first)], isCi: false, isPartial: false, ...parts })

describe('turnRatchet', () => {
  test('is quiet and writes nothing when findings and baseline agree', () => {
    expect(turn({})).toMatchObject({ exitCode: 0, fresh: [], gone: [], write: undefined, isEmpty: false })
  })

  test.each([true, false])('fails on a new violation (CI: %s) and writes nothing', (isCi) => {
    expect(turn({ findings: [first, second], isCi })).toMatchObject({ exitCode: 1, fresh: [second], write: undefined })
  })

  test('fails without a baseline on every violation', () => {
    expect(turn({ baseline: undefined })).toMatchObject({ exitCode: 1, fresh: [first], isEmpty: false })
  })

  test('tightens locally when a violation is fixed', () => {
    const verdict = turn({ baseline: [toEntry(first), toEntry(second)] })
    expect(verdict).toMatchObject({ exitCode: 0, gone: [toEntry(second)], write: [toEntry(first)], isStale: false })
  })

  test('fails in CI on a stale baseline and writes nothing', () => {
    const verdict = turn({ baseline: [toEntry(first), toEntry(second)], isCi: true })
    expect(verdict).toMatchObject({ exitCode: 1, isStale: true, write: undefined })
  })

  test('rewrites a moved entry locally, and accepts it in CI', () => {
    const moved = makeFinding({ file: 'src/moved.ts' })
    expect(turn({ findings: [moved] })).toMatchObject({ exitCode: 0, write: [toEntry(moved)] })
    expect(turn({ findings: [moved], isCi: true })).toMatchObject({ exitCode: 0, write: undefined })
  })

  test('gives an entry of an older version its user locally, and accepts it in CI', () => {
    const { user, ...older } = toEntry(first, 'kept')
    expect(user).toBeDefined()
    expect(turn({ baseline: [older] })).toMatchObject({ exitCode: 0, write: [{ ...older, user }] })
    expect(turn({ baseline: [older], isCi: true })).toMatchObject({ exitCode: 0, isStale: false, write: undefined })
  })

  test('keeps the entry of a site that is gone while another one is new', () => {
    expect(turn({ findings: [second] })).toMatchObject({ exitCode: 1, fresh: [second], write: undefined })
  })

  test('lets the baseline grow by a written reason, which each new entry records', () => {
    const verdict = turn({ findings: [first, second], acceptReason: 'vendor job, moved in March' })
    expect(verdict).toMatchObject({ exitCode: 0, fresh: [], accepted: [second] })
    expect(verdict.write).toEqual([toEntry(first), toEntry(second, 'vendor job, moved in March')])
  })

  test('does not grow in CI, reason or not', () => {
    expect(turn({ findings: [first, second], acceptReason: 'because', isCi: true })).toMatchObject({
      exitCode: 1,
      write: undefined,
    })
  })

  test('refuses entries that were added by hand without a reason', () => {
    const grown = turn({
      findings: [first, second],
      baseline: [toEntry(first), toEntry(second)],
      olderBaseline: [toEntry(first)],
    })
    expect(grown).toMatchObject({ exitCode: 1, fresh: [], unexplained: [toEntry(second)] })
    const explained = turn({
      findings: [first, second],
      baseline: [toEntry(first), toEntry(second, 'why')],
      olderBaseline: [toEntry(first)],
    })
    expect(explained).toMatchObject({ exitCode: 0, unexplained: [] })
  })

  test('neither passes nor tightens on a partial analysis: what was not seen is not fixed', () => {
    expect(turn({ findings: [], isPartial: true })).toMatchObject({
      exitCode: 2,
      gone: [],
      write: undefined,
      isEmpty: false,
    })
    expect(turn({ findings: [], isPartial: true, isCi: true })).toMatchObject({ exitCode: 2, isStale: false })
    expect(turn({ findings: [first, second], isPartial: true })).toMatchObject({ exitCode: 1, fresh: [second] })
  })

  test('accepts nothing on a partial analysis: that is no finding, and the run could not do what it was asked', () => {
    for (const baseline of [[], undefined])
      expect(turn({ isPartial: true, baseline, acceptReason: 'why' })).toMatchObject({
        exitCode: 2,
        isRefused: true,
        accepted: [],
        write: undefined,
      })
    expect(turn({ acceptReason: 'why' })).toMatchObject({ exitCode: 0, isRefused: false })
  })

  test('limits the report to the given files, and counts the rest', () => {
    const verdict = turn({
      findings: [first, second],
      baseline: undefined,
      isReported: (file) => file === 'src/jobs.ts',
    })
    expect(verdict).toMatchObject({ exitCode: 1, fresh: [second], freshElsewhere: 1 })
  })

  test('never fails for suspects, collisions and factories', () => {
    const shown = (['definition-suspect', 'definition-collision', 'factory'] as const).map((kind) =>
      makeFinding({ kind }),
    )
    expect(turn({ findings: shown, baseline: undefined })).toMatchObject({ exitCode: 0, fresh: [] })
  })

  test('says when the baseline is empty, and still fails on a cast and on any', () => {
    expect(turn({ findings: [], baseline: [] })).toMatchObject({ exitCode: 0, isEmpty: true })
    expect(turn({ findings: [second, makeFinding({ kind: 'any-flow' })], baseline: [] })).toMatchObject({
      exitCode: 1,
      isEmpty: false,
    })
  })
})
