/**
 * Asks tsc what it would find alone: seals every definition of the family in memory and reads the compiler's own diagnostics.
 * Nothing is written.
 */
import type { CheckedDiagnostic, Checker } from '../engine/checker.ts'
import { discoverSites, sealName, type Shift } from './discover-sites.ts'
import { viewFamily } from './family.ts'
import type { FileFacts } from './file-facts.ts'
import { viewHeld } from './held-types.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { FactsOf } from './name-resolution.ts'
import { heldByRule, type Site } from './site.ts'

/** Copies of the canonical type pass for it once they are one; a type of another name has a seal of its own. */
const sealOf = ({ raw }: KnownDefinition, names: readonly string[]): string => {
  const at = names.indexOf(raw.name)
  return at <= 0 ? sealName : `${sealName}, ${at}`
}

/** A file's text with its definitions sealed: literals no longer fit, nothing else changes. Offsets are moved there and back. */
export const sealText = (
  text: string,
  definitions: readonly KnownDefinition[],
  names: readonly string[] = [],
): SealedText => {
  const insertions = definitions
    .flatMap((definition) => {
      const { form, body } = definition.raw
      const seal = sealOf(definition, names)
      if (form === 'type')
        return [
          { at: body.start, added: '(' },
          { at: body.end, added: `) & { readonly '${seal}': true }` },
        ]
      return [
        {
          at: body.start + 1,
          added: form === 'class' ? ` private readonly '${seal}'!: true;` : ` readonly '${seal}': true;`,
        },
      ]
    })
    .sort((a, b) => a.at - b.at)
  let sealed = ''
  let copied = 0
  for (const { at, added } of insertions) {
    sealed += text.slice(copied, at) + added
    copied = at
  }
  const toOriginal = (offset: number): number => {
    let shift = 0
    for (const { at, added } of insertions) {
      if (offset < at + shift) break
      shift += Math.min(added.length, offset - at - shift)
    }
    return offset - shift
  }
  const toSealed = (offset: number): number =>
    insertions.reduce((moved, { at, added }) => (at <= offset ? moved + added.length : moved), offset)
  return { text: sealed + text.slice(copied), toOriginal, toSealed }
}

export type SealedText = {
  readonly text: string
  readonly toOriginal: (offset: number) => number
  readonly toSealed: (offset: number) => number
}

/** What the probe needs to look for literals that nobody asked about. */
export type ProbeWorld = {
  readonly family: readonly KnownDefinition[]
  /** Files whose constructions count, by path. */
  readonly asked: ReadonlyMap<string, FileFacts>
  readonly factsOf: FactsOf
  readonly textOf: (file: string) => string
  readonly textInTree: (file: string) => string | undefined
}

/**
 * `heldBy` of each site, and the sites that only the seal brings to light.
 * `new` needs no probe: a private constructor refuses every call outside the class.
 */
export const probeSites = (
  checker: Checker,
  sites: readonly Site[],
  world: ProbeWorld,
  onFile: (done: number, total: number) => void,
): Site[] => {
  const sealed = sealFiles(world)
  if (sealed.size === 0) return sites.map((site) => ({ ...site, heldBy: site.heldBy ?? heldByRule(site.kind) }))
  checker.update(new Map([...sealed].map(([file, { text }]) => [file, text])))
  const shift: Shift = {
    toOriginal: (file, offset) => sealed.get(file)?.toOriginal(offset) ?? offset,
    toSealed: (file, offset) => sealed.get(file)?.toSealed(offset) ?? offset,
  }
  const total = checker.projects.reduce((sum, { files }) => sum + files.length, 0)
  const reportedIn = new Map<string, Site[]>()
  const known = new Map<string, Site>()
  for (const site of sites) {
    known.set(`${site.file}:${site.start}`, site)
    for (const file of new Set(site.reportedAt.map((place) => place.file))) push(reportedIn, file, site)
  }
  const held = new Set<Site>()
  const discovered: Site[] = []
  let done = 0
  for (const project of checker.projects) {
    const view = viewFamily(
      project,
      world.family,
      (file) => sealed.get(file)?.text ?? world.textOf(file),
      shift.toSealed,
    )
    const shared = {
      project,
      view,
      held: viewHeld(project, view),
      family: world.family,
      factsOf: world.factsOf,
      textOf: world.textOf,
      count: () => undefined,
    }
    for (const file of project.files) {
      onFile(++done, total)
      const facts = world.asked.get(file)
      if (!facts) continue
      const reported = project
        .diagnostics([file])
        .map((one) => ({ ...one, start: shift.toOriginal(file, one.start), end: shift.toOriginal(file, one.end) }))
      const explained = new Set<CheckedDiagnostic>()
      for (const site of reportedIn.get(file) ?? []) {
        const about = reported.filter((one) =>
          site.reportedAt.some((place) => place.file === file && isAbout(one, place, site)),
        )
        for (const one of about) explained.add(one)
        // Plain tsc never sees a file that no tsconfig includes.
        if (about.length > 0 && !project.isOrphans) held.add(site)
      }
      const open = reported.filter((one) => one.text.includes(sealName) && !explained.has(one))
      for (const site of open.length > 0 ? discoverSites(facts, open, { ...shared, files: [facts] }, shift) : []) {
        const same = known.get(`${site.file}:${site.start}`)
        if (same && !project.isOrphans) held.add(same)
        if (!same) discovered.push(project.isOrphans ? { ...site, heldBy: 'check' } : site)
      }
    }
  }
  const judged = sites.map((site): Site => ({
    ...site,
    heldBy: site.reportedAt.length === 0 ? (site.heldBy ?? heldByRule(site.kind)) : held.has(site) ? 'tsc' : 'check',
  }))
  return [...judged, ...discovered]
}

const push = <Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void => {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

const sealFiles = ({ family, textInTree }: ProbeWorld): Map<string, SealedText> => {
  const sealed = new Map<string, SealedText>()
  for (const file of new Set(family.map((member) => member.file))) {
    const text = textInTree(file)
    if (text !== undefined)
      sealed.set(
        file,
        sealText(
          text,
          family.filter((member) => member.file === file),
          [...new Set(family.map(({ raw }) => raw.name))],
        ),
      )
  }
  return sealed
}

/** Inside the place, or on the callee of an overloaded call: and either about the seal or a mistake that tsc reports already. */
const isAbout = (
  { start, end, text }: CheckedDiagnostic,
  { anchor, callee }: Site['reportedAt'][number],
  site: Site,
): boolean => {
  const inside = start >= anchor.start && end <= anchor.end
  const onCallee = callee !== undefined && start >= callee.start && end <= callee.end
  if ((inside || onCallee) && text.includes(sealName)) return true
  return (
    inside &&
    start <= site.start &&
    end <= site.end &&
    /not assignable|missing in type|missing the following/.test(text)
  )
}
