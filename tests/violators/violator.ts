// A violator: a file that must not compile, and what it says about itself in its first lines.
import { readdirSync, readFileSync } from 'node:fs'
import type { CompilerVersion } from '../forgery/forgeries.ts'
import type { Diagnostic } from './compile.ts'

/** Where the violators, their repaired twins, and the services that they call live. */
export const violatorDirectory = 'type-tests/violators'

/** What a violator must be told: exactly these codes, and these words. */
export type Expectation = {
  readonly codes: Readonly<Record<CompilerVersion, readonly string[]>>
  readonly says: readonly string[]
}

/** All violators, by file name. The twin of `x.ts` is `x.repaired.ts`. */
export const violators: readonly string[] = readdirSync(violatorDirectory).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.repaired.ts') && file !== 'backend.ts',
)

/** The name of a violator's repaired twin. */
export const twinOf = (file: string): string => file.replace(/\.ts$/, '.repaired.ts')

/** Reads `// fails: TS2345`, `// fails 7.0: TS2739` where a version differs, and one or more `// says: words`. */
export const parseExpectation = (text: string): Expectation => {
  const codesOf = (label: string): readonly string[] | undefined =>
    new RegExp(`^// fails${label}: (.+)$`, 'm').exec(text)?.[1]?.split(', ')
  const general = codesOf('')
  const says = Array.from(text.matchAll(/^\/\/ says: (.+)$/gm), ([, words]) => words!)
  if (general === undefined || says.length === 0)
    throw new Error('A violator begins with "// fails: TS…" and "// says: …".')
  return {
    codes: { '5.9': codesOf(' 5.9') ?? general, '6.0': codesOf(' 6.0') ?? general, '7.0': codesOf(' 7.0') ?? general },
    says,
  }
}

/** What is wrong with the answer of tsc to a violator: an empty list when it is as expected. */
export const judge = (
  version: CompilerVersion,
  expected: Expectation,
  messages: readonly Diagnostic[],
): readonly string[] => {
  const codes = messages.map(({ code }) => code)
  const text = messages.map((message) => message.text).join(' ')
  return [
    ...(codes.join() === expected.codes[version].join()
      ? []
      : [`expected ${expected.codes[version].join()}, got ${codes.join() || 'nothing'}: ${text}`]),
    ...expected.says
      .filter((words) => !text.includes(words))
      .map((words) => `expected the words: ${words}; got: ${text}`),
  ]
}

/** The text of a violator. */
export const readViolator = (file: string): string => readFileSync(`${violatorDirectory}/${file}`, 'utf8')
