/**
 * Who owns a file, by CODEOWNERS as GitHub reads it: the last rule that matches wins, and one without owners gives the
 * file to nobody. https://docs.github.com/articles/about-code-owners
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import picomatch from 'picomatch'

/** Owners of a file that no rule names. */
export const unowned = 'no owner'

/** Owners of a file (path relative to the tree, forward slashes), as `@team` or a mail address; empty for nobody. */
export type OwnersOf = (file: string) => readonly string[]

/** Places of the file, in the order in which GitHub takes the first. */
const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']

/**
 * Reads the CODEOWNERS of a tree, or of the repository around it.
 *
 * @returns Undefined when there is none.
 */
export const readCodeOwners = (root: string): OwnersOf | undefined => {
  for (let directory = root; ; directory = dirname(directory)) {
    const file = places.map((place) => join(directory, place)).find((one) => existsSync(one))
    if (file !== undefined) {
      const below = relative(directory, root).split(sep).join('/')
      const ownersOf = parseCodeOwners(readFileSync(file, 'utf8'))
      return (path) => ownersOf(below === '' ? path : `${below}/${path}`)
    }
    if (existsSync(join(directory, '.git')) || dirname(directory) === directory) return undefined
  }
}

/**
 * Parses the text of the file. Lines that GitHub skips are skipped: `!`, `[ ]` and an escaped `#` are not supported.
 */
export const parseCodeOwners = (text: string): OwnersOf => {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line) => toRule(line))
    .reverse()
  return (file) => rules.find(({ matches }) => matches(file))?.owners ?? []
}

/** Whether an owner was asked for by this name, with or without its `@`. */
export const isOwnerNamed = (owner: string, name: string): boolean =>
  owner.replace(/^@/, '').toLowerCase() === name.replace(/^@/, '').toLowerCase()

type Rule = { readonly matches: (file: string) => boolean; readonly owners: readonly string[] }

function toRule(line: string): Rule[] {
  const words = line.trim().match(/(?:\\.|[^\s\\])+/g) ?? []
  const comment = words.findIndex((word) => word.startsWith('#'))
  const [pattern, ...owners] = comment < 0 ? words : words.slice(0, comment)
  if (pattern === undefined || /^!|^\\#|(?<!\\)[[\]]/.test(pattern)) return []
  const match = picomatch(toGlobs(pattern), { dot: true, nonegate: true, nobrace: true, noextglob: true })
  return [{ matches: (file) => match(file), owners: owners.filter((owner) => owner.includes('@')) }]
}

/**
 * A pattern with a slash before its end counts from the root; `docs/*` names the files of a directory, not those below.
 */
function toGlobs(pattern: string): string[] {
  const plain = pattern.replace(/^\//, '').replaceAll(/[{}()+|]/g, String.raw`\$&`)
  const isAnchored = pattern.slice(0, -1).includes('/')
  const base = isAnchored ? plain : `**/${plain}`
  if (base.endsWith('/')) return [`${base}**`]
  return isAnchored && base.endsWith('/*') ? [base] : [base, `${base}/**`]
}
