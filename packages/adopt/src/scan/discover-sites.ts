/**
 * Finds the literals behind diagnostics of the seal that no known site explains: through generics, promises, lists and
 * outer objects.
 * So a site that tsc will find is found here first.
 */
import type { CheckedDiagnostic, CheckedType, CheckerProject } from '../engine/checker.ts'
import { hasFamilyShape, kindOfPosition } from './ask-direct-sites.ts'
import type { FamilyView } from './family.ts'
import type { FileFacts, RawFlow, RawLiteral } from './file-facts.ts'
import type { KnownDefinition } from './known-definition.ts'
import { addOrigin } from './literal-origin.ts'
import type { Questions } from './questions.ts'
import { isContext, isSealedValue } from './sealed-inside.ts'
import { placeIn, type Site } from './site.ts'

/** Offsets of the sealed text of each file and back. */
export type Shift = {
  readonly toSealed: (file: string, offset: number) => number
  readonly toOriginal: (file: string, offset: number) => number
}

/** The member that only a sealed definition has. Diagnostics that name it exist because of the seal. */
export const sealName = 'sealed by the adoption probe'

/** How deep an object is looked into for a context inside it. */
const deepest = 3

/** @param reported diagnostics of one file at original offsets, all of them about the seal */
export const discoverSites = (
  facts: FileFacts,
  reported: readonly CheckedDiagnostic[],
  questions: Questions,
  shift: Shift,
): Site[] => {
  const { file } = facts
  const found: Site[] = []
  const origins = new Map<string, Site>()
  const sealedSpan = ({ start, end }: { start: number; end: number }) => ({
    file,
    start: shift.toSealed(file, start),
    end: shift.toSealed(file, end),
  })
  for (const diagnostic of reported) {
    const holder = innermost(facts, diagnostic)
    if (!holder) continue
    if ('keys' in holder) {
      const kind = kindOfPosition[holder.placed.position]
      const member = memberInText(diagnostic.text, questions.family)
      if (!kind) continue
      const [wanted] = questions.project.contextualTypes([sealedSpan(holder.node)])
      // A type that extends the context has keys of its own, and may have any number of them.
      if (!hasFamilyShape(holder, questions.view) && !questions.view.kinOf(wanted)) continue
      // `Omit<T, …>` copies the seal of T and is another type.
      if (wanted && isDerived(wanted, questions)) continue
      found.push({
        file,
        start: holder.start,
        end: holder.end,
        kind,
        type: member,
        enclosing: holder.enclosing,
        reportedAt: [],
        heldBy: 'tsc',
      })
      continue
    }
    const peers = peersOf(holder, facts)
    const types = questions.project.typesAt(peers.map(sealedSpan))
    // `known ?? made()` is two values in one place: the one is meant that is no context.
    const at = types.findIndex((type) => type && !isContext(type, questions))
    if (at === -1 && types.some((type) => type && isSealedValue(type, questions))) continue
    const other = at === -1 ? holder : peers[at]!
    const actual = types[Math.max(0, at)]
    const [expected] = questions.project.contextualTypes([sealedSpan(other)])
    if (!actual || !expected || isDerived(expected, questions)) continue
    const literals = literalsIn(actual, expected, questions.project, questions.view, 0)
    for (const [literal, member] of literals) {
      addOrigin(origins, literal, { file, placed: other.placed }, member.raw.name, questions, shift.toOriginal)
    }
    const member = questions.held.heldBy(expected)
    // A literal is the site wherever its value goes, also one that `satisfies` the type.
    if (literals.length > 0 || !member) continue
    found.push({
      ...placeIn(other, file),
      kind: 'look-alike',
      type: member.raw.name,
      enclosing: other.enclosing,
      reportedAt: [],
      heldBy: 'tsc',
    })
  }
  return [...found, ...[...origins.values()].map((site) => ({ ...site, heldBy: 'tsc' as const }))]
}

const isDerived = (type: CheckedType, { project, view, held }: Questions): boolean =>
  type.sort === 'object' &&
  !view.kinOf(type) &&
  !held.heldBy(type) &&
  project.propertiesOf(type).some(({ name }) => name.startsWith(sealName))

/** The value whose place is the smallest around the diagnostic. */
const innermost = (
  { literals, flows }: FileFacts,
  { start, end }: CheckedDiagnostic,
): RawLiteral | RawFlow | undefined => {
  let best: RawLiteral | RawFlow | undefined
  for (const one of [...literals, ...flows]) {
    const { anchor, callee } = one.placed
    const isAround =
      (anchor.start <= start && anchor.end >= end) || (callee && callee.start === start && callee.end === end)
    if (one.placed.position === 'nowhere' || one.placed.position === 'cast' || !isAround) continue
    if (!best || anchor.end - anchor.start < best.placed.anchor.end - best.placed.anchor.start) best = one
  }
  return best
}

/** Values of the same place, the one that was found first. */
const peersOf = (holder: RawFlow, { flows }: FileFacts): RawFlow[] => {
  const { anchor } = holder.placed
  const isPeer = ({ placed }: RawFlow): boolean =>
    placed.anchor.start === anchor.start && placed.anchor.end === anchor.end && placed.position !== 'nowhere'
  return [holder, ...flows.filter((one) => one !== holder && isPeer(one))]
}

/** Pairs of literal type and member, where the literal stands for the member in the expected type. */
const literalsIn = (
  actual: CheckedType,
  expected: CheckedType,
  project: CheckerProject,
  view: FamilyView,
  depth: number,
): [CheckedType, KnownDefinition][] => {
  const member = view.kinOf(expected)
  if (member)
    return project
      .membersOf(actual)
      .filter(({ fromLiteral }) => fromLiteral)
      .map((part) => [part, member])
  if (depth > deepest || expected.sort === 'primitive' || actual.sort === 'primitive' || actual.sort === 'any')
    return []
  if (expected.sort === 'union' || actual.sort === 'union') {
    const pairs = project
      .membersOf(actual)
      .flatMap((part) => project.membersOf(expected).map((wanted): [CheckedType, CheckedType] => [part, wanted]))
    return pairs.flatMap(([part, wanted]) => literalsIn(part, wanted, project, view, depth + 1))
  }
  if (!actual.fromLiteral) {
    const [given, wanted] = [project.typeArgumentsOf(actual), project.typeArgumentsOf(expected)]
    return given.flatMap((part, at) => (wanted[at] ? literalsIn(part, wanted[at], project, view, depth + 1) : []))
  }
  const wanted = new Map(project.propertiesOf(expected).map(({ name, type }) => [name, type]))
  return project
    .propertiesOf(actual)
    .flatMap(({ name, type }) =>
      wanted.has(name) ? literalsIn(type, wanted.get(name)!, project, view, depth + 1) : [],
    )
}

const memberInText = (text: string, family: readonly KnownDefinition[]): string =>
  (family.find(({ raw }) => text.includes(`'${raw.name}'`)) ?? family[0]!).raw.name
