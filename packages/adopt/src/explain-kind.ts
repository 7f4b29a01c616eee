/**
 * `--explain KIND`: what a kind of finding means and how to fix it. Loads the guide only.
 */
import { AdoptError } from './adopt-error.ts'
import { isFindingKind, kindGuide } from './kind-guide.ts'

/** The explanation as printed. Throws AdoptError `USAGE` with all kinds when the word is none of them. */
export const explainKind = (word: string): string => {
  if (!isFindingKind(word))
    throw new AdoptError('USAGE', `${word} is not a kind. Kinds: ${Object.keys(kindGuide).join(', ')}.`)
  const { title, meaning, fix, severity } = kindGuide[word]
  const held =
    severity === 'violation'
      ? 'A violation: check fails when one is new.'
      : 'Shown for information: it never fails a build.'
  return `${word}: ${title}\n\n${meaning}\n\nFix: ${fix}\n\n${held}\n`
}
