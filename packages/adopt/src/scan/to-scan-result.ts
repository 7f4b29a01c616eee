/**
 * Puts the answers together as plain data for reports.
 */
import type { Finding } from '../finding.ts'
import { differenceOf } from './compare-definitions.ts'
import type { Duplicate } from './find-duplicates.ts'
import { keyOf, type KnownDefinition, toDefinitionFact } from './known-definition.ts'
import type { DefinitionFact, FactoryFact, KeptResult, ScanOptions, Trust } from './scan-result.ts'
import { shownPath } from './select-canonical.ts'
import type { Site } from './site.ts'
import { toSkippedFacts } from './skipped-files.ts'
import { findTested } from './tested-files.ts'
import { placesIn, toFindings } from './to-findings.ts'
import type { TypedAnswers } from './typed-answers.ts'
import type { World } from './world.ts'

export const toScanResult = (world: World, options: ScanOptions, answers: TypedAnswers, trust: Trust): KeptResult => {
  const { canonical, tree } = world
  const fact = (known: KnownDefinition): DefinitionFact => {
    const place = {
      file: shownPath(tree.root, known.file),
      line: placesIn(world.textOf(known.file))(known.raw.start).line,
    }
    return toDefinitionFact(known, canonical.importers.get(keyOf(known.file, known.raw.name)) ?? 0, place)
  }
  const duplicates = answers.duplicates.filter(({ isSource }) => isSource !== true)
  const factories = answers.factories.map((factory) => toFactoryFact(world, factory, answers.callers))
  const sites: Site[] = [
    ...answers.sites,
    ...world.asked.flatMap(({ file, audits }) =>
      audits.map((audit): Site => ({ ...audit, file, type: canonical.name, reportedAt: [] })),
    ),
    ...duplicates.map((duplicate) => definitionSite(world, duplicate)),
    ...answers.factories.map((factory, at): Site => ({
      file: factory.file,
      start: factory.raw.start,
      end: factory.raw.end,
      kind: 'factory',
      type: factory.member.raw.name,
      enclosing: factory.raw.enclosing,
      reportedAt: [],
      details: {
        name: factory.raw.name,
        signature: factory.raw.signature,
        inferred: factory.inferred,
        validates: factory.raw.validates,
        callers: factories[at]!.callers,
        callerCount: factories[at]!.callerCount,
      },
    })),
  ]
  const findings = toFindings(sites, world.textOf, world.relativePath)
  const byKind = new Map<string, number>()
  for (const { kind } of findings) byKind.set(kind, (byKind.get(kind) ?? 0) + 1)
  const constructions = findings.filter(
    ({ kind }) => kind !== 'factory' && kind !== 'identity-provider' && !kind.startsWith('definition'),
  )
  const isFast = options.questions === 'fast'
  const reasons =
    isFast && constructions.length === 0
      ? [...answers.reasons, 'Only definitions, new and casts were asked: run without --fast before calling it clean.']
      : answers.reasons
  return {
    root: tree.root,
    compiler: answers.compiler,
    questions: options.questions ?? 'all',
    findings,
    canonical: fact(canonical.definition),
    canonicalEvidence: canonical.evidence,
    definitions: [canonical.definition, ...answers.duplicates.map(({ definition }) => definition)].map(fact),
    duplicates: duplicates.map(({ definition, kind, score, proof, pair }) => ({
      definition: fact(definition),
      kind,
      score: Math.round(score * 1000) / 1000,
      proof,
      difference: differenceOf(pair, definition),
    })),
    generated: world.known.filter(({ raw, generated }) => generated && raw.name === canonical.name).map(fact),
    factories,
    trust,
    totals: {
      files: tree.files.size,
      byKind: Object.fromEntries([...byKind].sort()),
      heldByTsc: constructions.filter(({ heldBy }) => heldBy === 'tsc').length,
      heldByCheck: constructions.filter(({ heldBy }) => heldBy === 'check').length,
    },
    partial: reasons.length > 0,
    reasons,
    skipped: toSkippedFacts(world, answers),
    untested: toUntested(world, findings, options.testFiles),
    digests: Object.fromEntries([...tree.files.values()].map(({ path, digest }) => [world.relativePath(path), digest])),
  }
}

const toUntested = (world: World, findings: readonly Finding[], testFiles?: readonly string[]): string[] => {
  const tested = new Set([...findTested(world, testFiles)].map((file) => world.relativePath(file)))
  return [...new Set(findings.map(({ file }) => file))].filter((file) => !tested.has(file)).sort()
}

const definitionSite = (world: World, { definition, kind, score, pair }: Duplicate): Site => ({
  file: definition.file,
  start: definition.raw.start,
  end: definition.raw.end,
  kind,
  type: definition.raw.name,
  enclosing: definition.raw.enclosing,
  reportedAt: [],
  details: {
    pair: `${shownPath(world.tree.root, pair.file)}#${pair.raw.name}`,
    score: Math.round(score * 1000) / 1000,
  },
})

const toFactoryFact = (
  world: World,
  { file, raw, member, inferred }: TypedAnswers['factories'][number],
  callers: TypedAnswers['callers'],
): FactoryFact => {
  const places = (callers.get(raw) ?? []).map(
    (span) => `${world.relativePath(span.file)}:${placesIn(world.textOf(span.file))(span.start).line}`,
  )
  return {
    name: raw.enclosing === '' ? raw.name : `${raw.enclosing}.${raw.name}`,
    file: world.relativePath(file),
    line: placesIn(world.textOf(file))(raw.start).line,
    start: raw.start,
    end: raw.end,
    type: member.raw.name,
    signature: raw.signature,
    inferred,
    validates: raw.validates,
    callers: [...new Set(places)].sort(),
    callerCount: places.length,
  }
}
