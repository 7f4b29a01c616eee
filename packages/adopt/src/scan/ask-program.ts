/**
 * Puts every question to one program, some files at a time, then seals the family and reads what tsc finds alone.
 */
import type { CheckedType, Checker, CheckerProject, NodeSpan } from '../engine/checker.ts'
import { askCalls, askFactories } from './ask-factories.ts'
import { askClaims } from './ask-claims.ts'
import { askDirectSites } from './ask-direct-sites.ts'
import { askFlows } from './ask-flows.ts'
import { askHidden } from './ask-hidden.ts'
import { viewFamily } from './family.ts'
import { type FileAnswers, groupByFile } from './file-answers.ts'
import type { FileFacts } from './file-facts.ts'
import { viewHeld } from './held-types.ts'
import type { KnownDefinition } from './known-definition.ts'
import type { Questions } from './questions.ts'
import { probeFile, type SealedFiles } from './seal-probe.ts'
import { markSealed } from './sealed-inside.ts'
import type { Site } from './site.ts'
import type { World } from './world.ts'

/**
 * How many files are asked at once: many, because each question is a message; not all, because their facts are large.
 */
const filesAtOnce = 250

/** @param sealed undefined when the seal is not probed */
export const askProgram = (
  opened: Pick<Checker, 'projects' | 'update'>,
  files: readonly string[],
  family: readonly KnownDefinition[],
  sealed: SealedFiles | undefined,
  { facts: { factsOf }, textOf }: World,
  onFiles: (phase: 'types' | 'seal', done: number) => void,
): Map<string, FileAnswers> => {
  const answers = new Map<string, FileAnswers>()
  const shared = { family, factsOf, textOf }
  const [project] = opened.projects
  const view = viewFamily(project!, family, textOf)
  const base = { ...shared, project: project!, view, held: viewHeld(project!, view) }
  for (const group of inGroups(files)) {
    for (const [file, own] of askFiles(
      base,
      group.flatMap((file) => factsOf(file) ?? []),
    ))
      answers.set(file, own)
    project!.forgetFiles()
    onFiles('types', answers.size)
  }
  if (!sealed || sealed.size === 0) return answers
  opened.update(new Map([...sealed].map(([file, { text }]) => [file, text])))
  const [sealedProject] = opened.projects
  const questions = { ...shared, ...viewSealed(sealedProject!, family, sealed, textOf), count: () => undefined }
  let done = 0
  for (const group of inGroups(files)) {
    for (const file of group) {
      const own = answers.get(file)
      if (own) answers.set(file, { ...own, ...probeFile(file, own, questions, sealed) })
    }
    sealedProject!.forgetFiles()
    onFiles('seal', (done += group.length))
  }
  return answers
}

const viewSealed = (
  project: CheckerProject,
  family: readonly KnownDefinition[],
  sealed: SealedFiles,
  textOf: (file: string) => string,
): Pick<Questions, 'project' | 'view' | 'held'> => {
  const view = viewFamily(
    project,
    family,
    (file) => sealed.get(file)?.text ?? textOf(file),
    (file, offset) => sealed.get(file)?.toSealed(offset) ?? offset,
  )
  return { project, view, held: viewHeld(project, view) }
}

const askFiles = (base: Omit<Questions, 'files' | 'count'>, files: readonly FileFacts[]): Map<string, FileAnswers> => {
  const asked = new Map<string, number>()
  const unresolved = new Map<string, number>()
  const add = (counts: Map<string, number>, file: string): void => void counts.set(file, (counts.get(file) ?? 0) + 1)
  const count = (nodes: readonly NodeSpan[], types: readonly (CheckedType | undefined)[]): void =>
    nodes.forEach(({ file }, at) => {
      add(asked, file)
      if (types[at]?.sort === 'error') add(unresolved, file)
    })
  const questions: Questions = { ...base, files, count }
  const fileOf = ({ file }: { readonly file: string }): string => file
  // A literal that goes somewhere in this file may stand in another.
  const askedIn = ({ reportedAt, file }: Site): string => reportedAt[0]?.file ?? file
  const made = [...askDirectSites(questions), ...askClaims(questions)]
  const travelling = askFlows(questions)
  const hidden = askHidden(questions, [...made, ...travelling])
  const direct = groupByFile(markSealed([...made, ...hidden], questions), fileOf)
  const flows = groupByFile(markSealed(travelling, questions), askedIn)
  const factories = groupByFile(askFactories(questions), fileOf)
  const calls = groupByFile(askCalls(questions), fileOf)
  return new Map(
    files.map(({ file }) => [
      file,
      {
        direct: direct.get(file) ?? [],
        flows: flows.get(file) ?? [],
        discovered: [],
        factories: factories.get(file) ?? [],
        calls: calls.get(file) ?? [],
        typesAsked: asked.get(file) ?? 0,
        typesUnresolved: unresolved.get(file) ?? 0,
        failures: 0,
      },
    ]),
  )
}

const inGroups = (files: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(files.length / filesAtOnce) }, (_, at) =>
    files.slice(at * filesAtOnce, (at + 1) * filesAtOnce),
  )
