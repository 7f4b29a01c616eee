/**
 * Puts every question to every program, then seals the family and asks what tsc would find alone.
 */
import type { Checker } from '../engine/checker.ts'
import { askFactories, findCallers, type FoundFactory } from './ask-factories.ts'
import { askClaims } from './ask-claims.ts'
import { askDirectSites } from './ask-direct-sites.ts'
import { askFlows } from './ask-flows.ts'
import type { Questions } from './questions.ts'
import { viewFamily } from './family.ts'
import { viewHeld } from './held-types.ts'
import { type Duplicate, familyOf } from './find-duplicates.ts'
import { reachOf } from './reach.ts'
import { withoutSanctioned } from './sanctioned.ts'
import type { ScanOptions, ScanProgress } from './scan-result.ts'
import { probeSites } from './seal-probe.ts'
import type { Site } from './site.ts'
import type { TypedAnswers } from './typed-answers.ts'
import type { World } from './world.ts'

type Report = (phase: ScanProgress['phase'], done: number, total: number) => void

export const askProjects = (
  checker: Checker,
  world: World,
  duplicates: readonly Duplicate[],
  options: ScanOptions,
  count: Questions['count'],
  report: Report,
): TypedAnswers => {
  const family = familyOf(world.canonical.definition, duplicates)
  const reach = reachOf(world.facts.files, world.resolveModule, new Set(family.map(({ file }) => file)))
  const reached = world.asked.filter(({ file }) => reach === undefined || reach.has(file))
  const asked = new Map(reached.map((facts) => [facts.file, facts]))
  const sites: Site[] = []
  const factories: FoundFactory[] = []
  let isSeen = false
  checker.projects.forEach((project, done) => {
    report('types', done, checker.projects.length)
    const view = viewFamily(project, family, world.textOf)
    isSeen ||= family.some((member) => view.typeOf(member) !== undefined)
    const files = project.files.flatMap((file) => asked.get(file) ?? [])
    const questions: Questions = {
      project,
      view,
      held: viewHeld(project, view),
      family,
      files,
      factsOf: world.facts.factsOf,
      textOf: world.textOf,
      count,
    }
    sites.push(...withoutTwice([...askDirectSites(questions), ...askClaims(questions)], askFlows(questions)))
    factories.push(...askFactories(questions))
  })
  report('types', checker.projects.length, checker.projects.length)
  report('callers', 0, 1)
  const callers = findCallers(checker.projects, reached, factories)
  report('callers', 1, 1)
  const probeWorld = {
    family,
    asked,
    factsOf: world.facts.factsOf,
    textOf: world.textOf,
    textInTree: (file: string) => world.tree.files.get(file)?.text,
  }
  const counted = onePerPlace(sites)
  const held =
    options.probe === false
      ? counted
      : onePerPlace(probeSites(checker, counted, probeWorld, (done, total) => report('seal', done, total)))
  const failures = checker.failedNodes.length
  const reasons = failures > 0 ? [`The compiler failed on ${failures} expressions; they were left out.`] : []
  const filesOutsideTsconfig = checker.projects
    .filter(({ isOrphans }) => isOrphans)
    .reduce((sum, { files }) => sum + files.length, 0)
  return {
    duplicates,
    sites: withoutSanctioned(held, world, options.factories),
    factories,
    callers,
    compiler: checker.compiler,
    reasons: isSeen || world.canonical.isOutside ? reasons : [...reasons, unseen],
    filesOutsideTsconfig,
    failures,
    reach,
  }
}

const unseen = 'No program holds the definition of the type: name the tsconfig that includes it with --tsconfig.'

/** A literal that is a site where it stands is not one again because its variable is passed on. */
const withoutTwice = (direct: readonly Site[], flows: readonly Site[]): Site[] => {
  const covered = direct.map(({ file, start, end }) => `${file}:${start}:${end}`)
  const known = new Set(covered)
  return [...direct, ...flows.filter(({ file, start, end }) => !known.has(`${file}:${start}:${end}`))]
}

/** One literal may be reached from several programs: the places where tsc reports it are put together. */
const onePerPlace = (sites: readonly Site[]): Site[] => {
  const places = new Map<string, Site>()
  for (const site of sites) {
    const key = `${site.file}:${site.start}:${site.end}`
    const known = places.get(key)
    // The kind that the literal's own place gives is better than the one of a value that came from it.
    const better =
      known && (known.kind === 'literal-untyped' || known.kind === 'literal-inferred-return') ? site : (known ?? site)
    places.set(key, { ...better, reportedAt: [...(known?.reportedAt ?? []), ...site.reportedAt] })
  }
  return [...places.values()]
}
