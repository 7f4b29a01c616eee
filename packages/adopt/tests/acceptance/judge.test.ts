// A judge that lets everything pass judges nothing.
import { describe, expect, it } from 'vitest'
import type { GroundTruth, Planted } from '../fixtures/legacy-app/generate.mjs'
import { judgeFactories, judgeSites } from './judge.ts'

const planted = (line: number, ...kinds: string[]): Planted => ({
  kinds,
  type: 'models',
  valid: true,
  file: 'a.ts',
  line,
  column: 1,
  start: 0,
  marker: undefined,
})
const truth: GroundTruth = {
  definitions: [],
  factories: [planted(9, 'factory')],
  sites: [planted(1, 'new'), planted(2, 'cast', 'any-flow')],
  decoys: [],
  optional: [planted(8, 'optional')],
  generated: [],
  files: [],
}

describe('judgeSites', () => {
  it('accepts any of the kinds that name a site rightly', () => {
    expect(
      judgeSites(truth, [
        { kind: 'new', file: 'a.ts', line: 1 },
        { kind: 'any-flow', file: 'a.ts', line: 2 },
      ]),
    ).toEqual({ missed: [], invented: [] })
  })

  it('misses what was not found, or was found under a wrong kind', () => {
    const verdict = judgeSites(truth, [{ kind: 'cast', file: 'a.ts', line: 1 }])
    expect(verdict.missed).toEqual(['a.ts:1 new', 'a.ts:2 cast|any-flow'])
    expect(verdict.invented).toEqual(['a.ts:1 cast'])
  })

  it('refuses a place that is reported twice, and one in another file', () => {
    const found = [
      { kind: 'new', file: 'a.ts', line: 1 },
      { kind: 'new', file: 'a.ts', line: 1 },
      { kind: 'new', file: 'b.ts', line: 1 },
    ] as const
    expect(judgeSites(truth, found).invented).toEqual(['a.ts:1 new', 'b.ts:1 new'])
  })
})

describe('judgeFactories', () => {
  it('tolerates what may be reported, and still demands the planted ones', () => {
    expect(judgeFactories(truth, [{ kind: 'factory', file: 'a.ts', line: 8 }])).toEqual({
      missed: ['a.ts:9 factory'],
      invented: [],
    })
  })
})
