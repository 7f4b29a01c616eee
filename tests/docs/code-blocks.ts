// Finds the TypeScript that documentation shows: fenced blocks of pages, and examples of docstrings.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workspaces } from '../../scripts/workspaces.mjs'

/** One block of code. */
export type CodeBlock = {
  /** Where it stands, such as `README.md:12`. */
  readonly place: string
  readonly text: string
  readonly language: 'ts' | 'js'
  /** Whether it is marked as one that must not compile: ```` ```ts fails ````. */
  readonly fails: boolean
  /** Whether it is marked as one that prints what the page says: ```` ```ts runs ```` or ```` ```js runs ````. */
  readonly runs: boolean
  /** Words that tsc must print, from lines `//! words`. */
  readonly says: readonly string[]
  /** What the page claims that tsc or the program prints, from a `text` block below; pieces between ellipses. */
  readonly claims: readonly string[]
}

const markdownIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(directory, file))

/** The pages of the project. The reference in docs/api is made of docstrings, whose examples are found there. */
export const pages: readonly string[] = [
  ...markdownIn('.'),
  ...markdownIn('docs'),
  ...(existsSync('docs/guides') ? markdownIn('docs/guides') : []),
  ...workspaces().flatMap(markdownIn),
  ...(existsSync('examples/README.md') ? ['examples/README.md'] : []),
]

/** The blocks of a page. */
export const findPageBlocks = (page: string): readonly CodeBlock[] => {
  const text = readFileSync(page, 'utf8')
  return Array.from(
    text.matchAll(/^```(ts|js)( fails| runs)?\n([\s\S]*?)^```\n/gm),
    ({ 0: block, 1: language, 2: mark, 3: code, index }) => ({
      place: `${page}:${lineOf(text, index)}`,
      text: code!,
      language: language as 'ts' | 'js',
      fails: mark === ' fails',
      runs: mark === ' runs',
      says: Array.from(code!.matchAll(/^\/\/! (.+)$/gm), ([, words]) => words!),
      claims: mark === undefined ? [] : toPieces(printedBelow(text.slice(index + block.length))),
    }),
  )
}

/** The directories whose docstrings are checked. */
const sources = ['src', ...workspaces().map((directory) => `${directory}/src`)].flatMap((directory) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${directory}/${file}`),
)

/** The examples of all docstrings. */
export const findExamples = (): readonly CodeBlock[] =>
  sources.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    return Array.from(text.matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm), (match) => ({
      place: `${file}:${lineOf(text, match.index)}`,
      text: match[1]!.replaceAll(/^ *\* ?/gm, ''),
      language: 'ts' as const,
      fails: false,
      runs: false,
      says: [],
      claims: [],
    }))
  })

/** Every run of white space as one blank, so that a page may break lines where it likes. */
export const toOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** The `text` block that stands below, before another block and another headline. */
function printedBelow(rest: string): string | undefined {
  return /^(?:(?!#|```).*\n)*```text\n([\s\S]*?)^```/m.exec(rest)?.[1]
}

function toPieces(printed = ''): readonly string[] {
  return printed
    .split('…')
    .map(toOneLine)
    .filter((piece) => piece !== '')
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
