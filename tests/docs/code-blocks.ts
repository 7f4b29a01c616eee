// Finds the TypeScript that documentation shows: fenced blocks of pages, and examples of docstrings.
import { readdirSync, readFileSync } from 'node:fs'

/** One block of code. */
export type CodeBlock = {
  /** Where it stands, such as `README.md:12`. */
  readonly place: string
  readonly text: string
  /** Whether it is marked as one that must not compile: ```` ```ts fails ````. */
  readonly fails: boolean
  /** Words that tsc must print, from lines `//! words`. */
  readonly says: readonly string[]
  /** What the page claims that tsc prints, from a `text` block right below; pieces between ellipses. */
  readonly claims: readonly string[]
}

/** The pages of the project. */
export const pages: readonly string[] = [
  'README.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
  'packages/golden-path/README.md',
]

/** The blocks of a page. */
export const findPageBlocks = (page: string): readonly CodeBlock[] => {
  const text = readFileSync(page, 'utf8')
  return Array.from(
    text.matchAll(/^```ts( fails)?\n([\s\S]*?)^```\n(?:[^`#]*?^```text\n(error TS[\s\S]*?)^```)?/gm),
    (match) => ({
      place: `${page}:${lineOf(text, match.index)}`,
      text: match[2]!,
      fails: match[1] !== undefined,
      says: Array.from(match[2]!.matchAll(/^\/\/! (.+)$/gm), ([, words]) => words!),
      claims:
        match[1] === undefined
          ? []
          : (match[3] ?? '')
              .split('…')
              .map(toOneLine)
              .filter((piece) => piece !== ''),
    }),
  )
}

/** The folders whose docstrings are checked. */
const sources = [
  'src',
  'packages/golden-path/src',
  'packages/adopt/src',
  'packages/lint/src',
  'packages/testing/src',
].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`),
)

/** The examples of all docstrings. */
export const findExamples = (): readonly CodeBlock[] =>
  sources.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return Array.from(text.matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm), (match) => ({
      place: `${file}:${lineOf(text, match.index)}`,
      text: match[1]!.replaceAll(/^ *\* ?/gm, ''),
      fails: false,
      says: [],
      claims: [],
    }))
  })

/** Every run of white space as one blank, so that a page may break lines where it likes. */
export const toOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
