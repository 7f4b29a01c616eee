/**
 * Asks tsc what it would find alone: seals every definition of the family in memory and reads the compiler's own diagnostics.
 * Beside the floors. Nothing is written.
 */
import type { CheckedDiagnostic, Checker, CheckerProject, NodeSpan } from '../engine/checker.ts'
import type { KnownDefinition } from './known-definition.ts'
import { heldByRule, type Site } from './site.ts'

/** The member that only the sealed definition has. Diagnostics that name it exist because of the seal. */
const sealName = 'sealed by the adoption probe'

/** A file's text with its definitions sealed: literals no longer fit, nothing else changes. `toOriginal` undoes the shift of offsets. */
export const sealText = (text: string, definitions: readonly KnownDefinition[]): { readonly text: string; readonly toOriginal: (offset: number) => number } => {
  const insertions = definitions.flatMap(({ raw: { form, body } }) => {
    if (form === 'type') return [{ at: body.start, added: '(' }, { at: body.end, added: `) & { readonly '${sealName}': true }` }]
    return [{ at: body.start + 1, added: form === 'class' ? ` private readonly '${sealName}'!: true;` : ` readonly '${sealName}': true;` }]
  }).sort((a, b) => a.at - b.at)
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
  return { text: sealed + text.slice(copied), toOriginal }
}

/** `heldBy` of each site. `new` needs no probe: a private constructor refuses every call outside the class. */
export const probeSites = (checker: Checker, sites: readonly Site[], family: readonly KnownDefinition[], textOf: (file: string) => string | undefined, onFile: (done: number, total: number) => void): Site[] => {
  const files = new Set(sites.flatMap(({ reportedAt }) => reportedAt.map(({ file }) => file)))
  if (files.size === 0) return sites.map((site) => ({ ...site, heldBy: heldByRule(site.kind) }))
  const sealed = sealFiles(family, textOf)
  checker.update(new Map([...sealed].map(([file, { text }]) => [file, text])))
  const diagnostics = new Map<string, readonly CheckedDiagnostic[]>()
  const literalsBehind = new Set<string>()
  for (const project of checker.projects) {
    // Plain tsc never sees a file that no tsconfig includes.
    for (const file of project.isOrphans ? [] : project.files) {
      if (!files.has(file)) continue
      const toOriginal = sealed.get(file)?.toOriginal ?? same
      const found = project.diagnostics([file])
      diagnostics.set(file, found.map((one) => ({ ...one, start: toOriginal(one.start), end: toOriginal(one.end) })))
      for (const { file: origin, end } of originsOf(project, found.filter(({ text }) => text.includes(sealName)))) {
        literalsBehind.add(`${origin}:${(sealed.get(origin)?.toOriginal ?? same)(end)}`)
      }
      onFile(diagnostics.size, files.size)
    }
  }
  return sites.map((site) => {
    if (site.reportedAt.length === 0) return { ...site, heldBy: heldByRule(site.kind) }
    const isHeld = literalsBehind.has(`${site.file}:${site.end}`) || site.reportedAt.some((place) => (diagnostics.get(place.file) ?? []).some((found) => isAbout(found, place, site)))
    return { ...site, heldBy: isHeld ? ('tsc' as const) : ('check' as const) }
  })
}

const same = (offset: number): number => offset

/** The literals whose types no longer fit at the places reported, however far from the literal that is. */
const originsOf = (project: CheckerProject, reported: readonly CheckedDiagnostic[]): NodeSpan[] =>
  project.typesAt(reported).flatMap((type) => (type ? project.membersOf(type) : []))
    .filter(({ fromLiteral }) => fromLiteral)
    .flatMap((type) => project.symbolOf(type)?.declarations ?? [])

const sealFiles = (family: readonly KnownDefinition[], textOf: (file: string) => string | undefined): Map<string, ReturnType<typeof sealText>> => {
  const sealed = new Map<string, ReturnType<typeof sealText>>()
  for (const file of new Set(family.map((member) => member.file))) {
    const text = textOf(file)
    if (text !== undefined) sealed.set(file, sealText(text, family.filter((member) => member.file === file)))
  }
  return sealed
}

/** Inside the place, or on the callee of an overloaded call: and either about the seal or a mistake that tsc reports already. */
const isAbout = ({ start, end, text }: CheckedDiagnostic, { anchor, callee }: Site['reportedAt'][number], site: Site): boolean => {
  const inside = start >= anchor.start && end <= anchor.end
  const onCallee = callee !== undefined && start >= callee.start && end <= callee.end
  if ((inside || onCallee) && text.includes(sealName)) return true
  return inside && start <= site.start && end <= site.end && /not assignable|missing in type|missing the following/.test(text)
}
