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

/** What the syntax tree shows at a glance. `isFast`: what the file imports is left out. */
type Shown = { readonly isModule: boolean; readonly isFast: boolean; readonly carriesGlobals: boolean }

export const emptyFacts = (file: string, text: string, { isModule, isFast, carriesGlobals }: Shown): MutableFacts => ({
  file,
  isGenerated: isGenerated(file, text),
  isGlobal: isGlobalText(text, isModule),
  carriesGlobals,
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
  hidden: [],
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
