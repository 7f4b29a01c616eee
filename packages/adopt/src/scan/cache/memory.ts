/**
 * What is known of the questions of this run from an earlier one, and what this one leaves for the next.
 */
import type { PlannedProgram } from '../../engine/checker.ts'
import type { FileAnswers } from '../file-answers.ts'
import type { KnownDefinition } from '../known-definition.ts'
import type { DuplicateFact } from '../scan-result.ts'
import type { World } from '../world.ts'
import { newAnswerKeys } from './answer-keys.ts'
import { type OutsideFile, packageFiles, withDigests } from './outside-files.ts'
import { digestOf, type ScanCache, type StoredFile } from './scan-cache.ts'
import { fromStored, type StoredAnswers, toStored } from './stored-answers.ts'

type ProgramName = Pick<PlannedProgram, 'configFile' | 'isOrphans'>
type Proof = DuplicateFact['proof']

export type Memory = {
  readonly answersOf: (file: string, program: ProgramName) => FileAnswers | undefined
  /** Undefined when the two were not compared as they are now. */
  readonly proofOf: (a: KnownDefinition, b: KnownDefinition) => { readonly proof: Proof } | undefined
  /** True when a program held the definition. */
  readonly isSeen: boolean
  readonly learn: (file: string, program: ProgramName, answers: FileAnswers) => void
  readonly learnProof: (a: KnownDefinition, b: KnownDefinition, proof: Proof) => void
  /** Writes what is known. @param read every file that the programs read */
  readonly keep: (isSeen: boolean, read: Iterable<string>) => readonly OutsideFile[]
}

/** Knows nothing and keeps nothing. */
export const noMemory: Memory = {
  answersOf: () => undefined,
  proofOf: () => undefined,
  isSeen: false,
  learn: () => undefined,
  learnProof: () => undefined,
  keep: () => [],
}

export const newMemory = (cache: ScanCache, world: World, family: readonly KnownDefinition[]): Memory => {
  const { tree, facts } = world
  const keys = newAnswerKeys(facts.files, world.resolveModule)
  const textDigestOf = (file: string): string | undefined => tree.files.get(file)?.digest
  // What every answer depends on: a literal is compared with the fields of the whole family.
  const questions = digestOf([
    cache.settings,
    family.map(({ file, raw }) => [file, raw.name, keys.visibleOf(file)]),
    [...facts.files.values()].filter(({ isGlobal }) => isGlobal).map(({ file }) => [file, textDigestOf(file)]),
  ])
  const keyOf = (file: string, { configFile, isOrphans }: ProgramName): string =>
    digestOf([questions, configFile, isOrphans, keys.keyOf(file, textDigestOf(file) ?? '')])
  const pairKeyOf = (...pair: readonly KnownDefinition[]): string =>
    digestOf([questions, pair.map(({ file, raw }) => [file, raw.name, raw.enclosing, keys.visibleOf(file)])])
  const earlier = cache.earlier()
  const known = new Map<string, { readonly key: string; readonly stored: StoredAnswers }>()
  const answers = new Map<string, FileAnswers | undefined>()
  const recall = (file: string, key: string): FileAnswers | undefined => {
    const own = earlier && Object.hasOwn(earlier.files, file) ? earlier.files[file] : undefined
    if (own?.key !== key || !own.answers) return undefined
    known.set(file, { key, stored: own.answers })
    return fromStored(own.answers, family, textDigestOf)
  }
  const proofs = new Map<string, Proof | null>()
  return {
    answersOf: (file, program) => {
      const key = keyOf(file, program)
      if (!answers.has(key)) answers.set(key, recall(file, key))
      return answers.get(key)
    },
    proofOf: (a, b) => {
      const key = pairKeyOf(a, b)
      const proof = earlier && Object.hasOwn(earlier.proofs, key) ? earlier.proofs[key] : undefined
      if (proof === undefined) return undefined
      proofs.set(key, proof)
      return { proof: proof ?? undefined }
    },
    isSeen: earlier?.seenFor === questions,
    learn: (file, program, found) =>
      void known.set(file, { key: keyOf(file, program), stored: toStored(file, found, family, textDigestOf) }),
    learnProof: (a, b, proof) => void proofs.set(pairKeyOf(a, b), proof ?? null),
    keep: (isSeen, read) => {
      const before = earlier?.outside.map(([path]) => path) ?? []
      const fresh = [...read].filter((file) => !tree.files.has(file))
      const outside = withDigests([...before, ...fresh, ...packageFiles(tree, facts.files.values())])
      const files: Record<string, StoredFile> = {}
      for (const [file, outline] of facts.files) {
        const own = known.get(file)
        files[file] = {
          digest: textDigestOf(file) ?? '',
          outline,
          ...(own && { key: own.key, answers: own.stored }),
        }
      }
      cache.keep({ outside, proofs: Object.fromEntries(proofs), seenFor: isSeen ? questions : '', files })
      return outside
    },
  }
}
