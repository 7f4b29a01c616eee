/**
 * What the whole tree is asked about one file. Of its syntax tree only what may hold such a fact is walked.
 */
import type { SyntaxNode } from '../engine/syntax.ts'
import { collectFacts } from './collect-facts.ts'
import type { FileOutline, Span } from './file-facts.ts'
import { nodesWith } from './nodes-with.ts'
import { toShapeDigest } from './shape-digest.ts'

/** Collects what the whole tree is asked about one file. */
export const collectOutline = (
  file: string,
  text: string,
  program: SyntaxNode,
  comments: readonly Span[],
): FileOutline => {
  const facts = collectFacts(file, text, program, 'outline', holdsOutline(text))
  return toOutline(facts, toShapeDigest(file, text, program, comments))
}

/** What the whole tree is asked, of all that is known about the file. */
export const toOutline = (
  { file, isGenerated, isGlobal, carriesGlobals, modules, imports, exports, definitions, audits }: FileOutline,
  shape: string,
): FileOutline => ({
  file,
  isGenerated,
  isGlobal,
  carriesGlobals,
  modules,
  imports,
  exports,
  definitions,
  audits,
  shape,
})

/** Whether a word that an outline is made of stands in a node: no other node is walked into. */
const holdsOutline = (text: string): ((node: SyntaxNode) => boolean) =>
  // A call that decides who a user is may stand anywhere, under any name.
  /\b(?:identityProvider|vouchForUser|outlivesIdentity)\b/.test(text)
    ? () => true
    : nodesWith(text, /\b(?:import|export|class|interface|type)\b/g)
