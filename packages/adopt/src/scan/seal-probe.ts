/**
 * Asks tsc what it would find alone: seals every definition of the family in memory and reads the compiler's own
 * diagnostics.
 * Nothing is written.
 */
import type { CheckedDiagnostic } from '../engine/checker.ts'
import { discoverSites, sealName, type Shift } from './discover-sites.ts'
import { type FileAnswers, groupByFile } from './file-answers.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import type { Site } from './site.ts'

/** Copies of the canonical type pass for it once they are one; a type of another name has a seal of its own. */
const sealOf = ({ raw }: KnownDefinition, names: readonly string[]): string => {
  const at = names.indexOf(raw.name)
  return at <= 0 ? sealName : `${sealName}, ${at}`
}

/**
 * A file's text with its definitions sealed: literals no longer fit, nothing else changes. Offsets are moved there and
 * back.
 */
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

/** Texts of the definitions' files with every member of the family sealed. */
export const sealFamily = (
  family: readonly KnownDefinition[],
  textInTree: (file: string) => string | undefined,
): SealedFiles => {
  const names = [...new Set(family.map(({ raw }) => raw.name))]
  const sealed = new Map<string, SealedText>()
  for (const [file, members] of groupByFile(family, (member) => member.file)) {
    const text = textInTree(file)
    if (text !== undefined) sealed.set(file, sealText(text, members, names))
  }
  return sealed
}

export type SealedFiles = ReadonlyMap<string, SealedText>

/** What was found in a file before the seal. */
export type FoundInFile = Pick<FileAnswers, 'direct' | 'flows'>

/**
 * Reads what the compiler says about one file of the sealed program: which of its sites it reports, and what else.
 * `new` needs no probe: a private constructor refuses every call outside the class.
 */
export const probeFile = (
  file: string,
  found: FoundInFile,
  questions: Omit<Questions, 'files'>,
  sealed: SealedFiles,
): FoundInFile & { readonly discovered: readonly Site[] } => {
  const { project } = questions
  const shift: Shift = {
    toOriginal: (path, offset) => sealed.get(path)?.toOriginal(offset) ?? offset,
    toSealed: (path, offset) => sealed.get(path)?.toSealed(offset) ?? offset,
  }
  const reported = project
    .diagnostics([file])
    .map((one) => ({ ...one, start: shift.toOriginal(file, one.start), end: shift.toOriginal(file, one.end) }))
  const explained = new Set<CheckedDiagnostic>()
  const judge = (site: Site): Site => {
    const about = reported.filter((one) =>
      site.reportedAt.some((place) => place.file === file && isAbout(one, place, site)),
    )
    for (const one of about) explained.add(one)
    // Plain tsc never sees a file that no tsconfig includes.
    return { ...site, isReported: about.length > 0 && !project.isOrphans }
  }
  const [direct, flows] = [found.direct.map(judge), found.flows.map(judge)]
  const open = reported.filter((one) => one.text.includes(sealName) && !explained.has(one))
  const facts = open.length > 0 ? questions.factsOf(file) : undefined
  const discovered = facts ? discoverSites(facts, open, { ...questions, files: [facts] }, shift) : []
  return {
    direct,
    flows,
    discovered: discovered.map((site) => (project.isOrphans ? { ...site, heldBy: 'check' } : site)),
  }
}

/**
 * Inside the place, or on the callee of an overloaded call: and either about the seal or a mistake that tsc reports
 * already.
 */
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
