// Compares what a scan found with what the generator planted. The generator's list is the judge, not the scanner's.
import type { Finding } from '../../src/finding.ts'
import type { GroundTruth, Planted } from '../fixtures/legacy-app/generate.mjs'

export type Verdict = {
  /** Planted, and not found at its place under one of its kinds. */
  readonly missed: readonly string[]
  /** Found where nothing is planted, or twice. */
  readonly invented: readonly string[]
}

type Found = Pick<Finding, 'kind' | 'file' | 'line'>

/** Direct constructions: every kind but definitions and factories. */
export function judgeSites(truth: GroundTruth, findings: readonly Found[]): Verdict {
  return judge(
    truth.sites,
    [],
    findings.filter(({ kind }) => kind !== 'factory' && !kind.startsWith('definition')),
  )
}

/** Functions whose inferred return type only has the shape of a context may be reported, and need not be. */
export function judgeFactories(truth: GroundTruth, findings: readonly Found[]): Verdict {
  return judge(
    truth.factories,
    truth.optional.map((one) => ({ ...one, kinds: ['factory'] })),
    findings.filter(({ kind }) => kind === 'factory'),
  )
}

export function judgeDefinitions(truth: GroundTruth, findings: readonly Found[]): Verdict {
  return judge(
    truth.definitions,
    [],
    findings.filter(({ kind }) => kind.startsWith('definition')),
  )
}

/** Text of a planted or found place, for a failing test to print. */
function print({ kind, file, line }: Found): string {
  return `${file}:${line} ${kind}`
}

function judge(planted: readonly Planted[], allowed: readonly Planted[], found: readonly Found[]): Verdict {
  const isAt = (one: Planted, { file, line, kind }: Found): boolean =>
    one.file === file && one.line === line && one.kinds.includes(kind)
  const byFile = groupByFile(found)
  const missed = planted.filter((one) => !(byFile.get(one.file) ?? []).some((place) => isAt(one, place)))
  const places = groupByFile([...planted, ...allowed])
  const seen = new Set<string>()
  const invented = found.filter((place) => {
    const key = `${place.file}:${place.line}`
    const isKnown = (places.get(place.file) ?? []).some((one) => isAt(one, place))
    const isTwice = seen.has(key)
    seen.add(key)
    return !isKnown || isTwice
  })
  return {
    missed: missed.map((one) => `${one.file}:${one.line} ${one.kinds.join('|')}`),
    invented: invented.map(print),
  }
}

function groupByFile<Value extends { readonly file: string }>(values: readonly Value[]): Map<string, Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    const group = groups.get(value.file)
    if (group) group.push(value)
    else groups.set(value.file, [value])
  }
  return groups
}
