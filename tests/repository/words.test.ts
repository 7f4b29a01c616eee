// What the repository says, over the whole tree: the words of the field instead of our own, and lines that fit.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

/** Words that a reader would have to be taught, each with the one that the field uses. */
const replacements: Readonly<Record<string, string>> = {
  door: 'entry point',
  doors: 'entry points',
  folder: 'directory',
  folders: 'directories',
  floor: 'layer',
  floors: 'layers',
  house: 'layer, repository or project',
  cure: 'fix',
  cures: 'fixes',
  cured: 'fixed',
  dear: 'expensive',
  dearer: 'more expensive',
  corker: 'what it does',
  surroundings: 'environment',
}
const phrases: Readonly<Record<string, string>> = {
  'says no': 'refuses',
  'say no': 'refuse',
  'asks for': 'needs, takes, requests or checks',
  'for ever': 'without an end, or always',
  'as who': 'as the person, role or login that',
  'for who': 'for the person who',
  'to who': 'to the person who',
}
const maxWidth = 120

const self = 'tests/repository/words.test.ts'
const isText = (file: string): boolean => /\.(ts|tsx|mts|cts|mjs|cjs|js|md|json|html|css|sh|yml)$|^\.ci\//.test(file)
/** What a tool wrote, and what tests read byte by byte. */
const isForeign = (file: string): boolean => /(^|\/)(package-lock\.json$|fixtures\/)/.test(file)

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => isText(file) && !isForeign(file) && file !== self && existsSync(file))

type Found = { readonly place: string; readonly word: string; readonly instead: string }

/**
 * The words of the list in a text, also as parts of a name in camelCase; a rule that names one as `(not door)` is none.
 */
function findWords(place: string, text: string): readonly Found[] {
  return text.split('\n').flatMap((line, index) => {
    const plain = line.replaceAll(/\(not [a-z, ]+\)/g, '').replaceAll('.floor(', '')
    const words = (plain.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? []).map((word) => word.toLowerCase())
    return [
      ...words.filter((word) => Object.hasOwn(replacements, word)).map((word) => [word, replacements[word]!] as const),
      ...Object.entries(phrases).filter(([phrase]) => new RegExp(`\\b${phrase}\\b`, 'i').test(plain)),
    ].map(([word, instead]) => ({ place: `${place}:${index + 1}`, word, instead }))
  })
}

/** Comments whose sentence begins with "Who" and means a person, a process or a role: it says which. */
const findWhoSentences = (place: string, text: string): readonly string[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      /^\s*(?:\/\/|--) Who |^\s*(?:\/\/|--|\*) .*\. Who /.test(line) ? [`${place}:${index + 1}`] : [],
    )

/** Lines over the width that somebody could break: no row of a table, no single long word such as an address. */
function findWideLines(place: string, text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      line.length > maxWidth && !line.startsWith('|') && line.trim().includes(' ') ? [`${place}:${index + 1}`] : [],
    )
}

describe('the words of the repository', () => {
  test('are found in comments, in names and in phrases', () => {
    const found = (text: string): readonly string[] => findWords('a.ts', text).map(({ word }) => word)
    expect(found('// The door of the house.')).toEqual(['door', 'house'])
    expect(found('const coreDoors = Math.floor(2)')).toEqual(['doors'])
    expect(found('tsc Says no, for ever')).toEqual(['says no', 'for ever'])
    expect(found('a project asks for Node 22')).toEqual(['asks for'])
    expect(found('warehouse, outdoors, secure, endear')).toEqual([])
    expect(found('Entry point (not door)')).toEqual([])
  })

  test('are those of the field', () => {
    const found = files.flatMap((file) => findWords(file, `${readFileSync(file, 'utf8')}\n${file}`))
    expect(found).toEqual([])
  })
})

describe('sentences', () => {
  test('name the person, process or role that they are about, and do not begin with Who', () => {
    const text =
      '// Who reads it finds it.\n-- Who runs it.\n * It waits. Who waits here serves.\n * Who acts for the user.'
    expect(findWhoSentences('a.ts', text)).toEqual(['a.ts:1', 'a.ts:2', 'a.ts:3'])
    expect(files.flatMap((file) => findWhoSentences(file, readFileSync(file, 'utf8')))).toEqual([])
  })
})

describe('lines', () => {
  test(`are at most ${maxWidth} characters wide, tables apart`, () => {
    expect(findWideLines('a.ts', `${'a '.repeat(61)}\n| ${'a '.repeat(61)}\n${'a'.repeat(130)}`)).toEqual(['a.ts:1'])
    const found = files.flatMap((file) => findWideLines(file, readFileSync(file, 'utf8')))
    expect(found).toEqual([])
  })
})

describe('files', () => {
  test('hold no mark of a merge: one inside a comment compiles', () => {
    const mark = /^(?:<{7} |>{7} )/m
    expect(mark.test(`/**\n${'<'.repeat(7)} HEAD\n */`)).toBe(true)
    expect(files.filter((file) => mark.test(readFileSync(file, 'utf8')))).toEqual([])
  })
})
