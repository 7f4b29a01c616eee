/**
 * What is known of a file before its tree is walked.
 */
import type { FileFacts } from './file-facts.ts'
import { isGenerated } from './generated-code.ts'
import { isGlobalText, moduleSpecifiersOf } from './module-specifiers.ts'

/** The facts while they are collected. */
export type MutableFacts = {
  -readonly [Key in keyof FileFacts]: FileFacts[Key] extends readonly (infer Item)[] ? Item[] : FileFacts[Key]
}

/** @param isFast whether what the file imports is left out */
export const emptyFacts = (
  file: string,
  text: string,
  { isModule, isFast }: { readonly isModule: boolean; readonly isFast: boolean },
): MutableFacts => ({
  file,
  isGenerated: isGenerated(file, text),
  isGlobal: isGlobalText(text, isModule),
  modules: isFast ? [] : moduleSpecifiersOf(text),
  imports: [],
  exports: [],
  definitions: [],
  functions: [],
  classes: [],
  news: [],
  casts: [],
  literals: [],
  flows: [],
  calls: [],
  detours: [],
  writes: [],
  methods: [],
  spreads: [],
  unpackings: [],
  guards: [],
  promises: [],
  annotations: [],
  audits: [],
  bindings: [],
  shape: '',
})
