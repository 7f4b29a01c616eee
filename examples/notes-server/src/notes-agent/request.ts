/**
 * What a user can ask the embedded agent, out of plain words.
 */

/** How numbers are put together. */
export type Arithmetic = 'sum' | 'average' | 'minimum' | 'maximum' | 'count'

/** A request that the embedded agent understands. */
export type NotesRequest =
  | { readonly kind: 'add'; readonly text: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'search'; readonly words: readonly string[] }
  /** Over the numbers in the notes that hold every word; over all notes without words. */
  | { readonly kind: 'calculate'; readonly arithmetic: Arithmetic; readonly words: readonly string[] }
  | { readonly kind: 'help' }

const verbs: Readonly<Record<string, Arithmetic>> = {
  sum: 'sum',
  total: 'sum',
  add: 'sum',
  average: 'average',
  mean: 'average',
  minimum: 'minimum',
  min: 'minimum',
  lowest: 'minimum',
  maximum: 'maximum',
  max: 'maximum',
  highest: 'maximum',
  count: 'count',
}
const fillers = new Set([
  'of',
  'the',
  'my',
  'all',
  'in',
  'for',
  'notes',
  'note',
  'numbers',
  'about',
  'with',
  'up',
  'what',
  'is',
  'are',
])

/** Reads a request. Never throws: what is not understood becomes a search, and an empty request a call for help. */
export const parseNotesRequest = (text: string): NotesRequest => {
  const trimmed = text.trim()
  const [first = '', ...rest] = trimmed.split(/\s+/)
  const verb = first.toLowerCase().replace(/[:,]$/, '')
  if (verb === 'help' || trimmed === '') return { kind: 'help' }
  const isSum = verb === 'add' && rest[0]?.toLowerCase() === 'up'
  if ((verb === 'add' || verb === 'remember' || verb === 'note') && !isSum) {
    return rest.length === 0 ? { kind: 'help' } : { kind: 'add', text: trimmed.slice(first.length).trim() }
  }
  if (verb === 'list') return { kind: 'list' }
  const arithmetic = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (arithmetic !== undefined) return { kind: 'calculate', arithmetic, words: toWords(rest) }
  const words = toWords(verb === 'search' || verb === 'find' ? rest : [first, ...rest])
  return words.length === 0 ? { kind: 'help' } : { kind: 'search', words }
}

/** The numbers in a text, such as `12`, `-3` and `4.50`. Dates, versions and words with digits are no numbers. */
export const findNumbers = (text: string): readonly number[] =>
  (text.match(/(?<![\w.,:/-])-?\d+(?:\.\d+)?(?![\w:/-]|[.,]\d)/g) ?? []).map(Number)

/** The result of an arithmetic over numbers, to 12 significant digits; undefined for no numbers, except their count. */
export const calculate = (arithmetic: Arithmetic, numbers: readonly number[]): number | undefined => {
  if (arithmetic === 'count') return numbers.length
  if (numbers.length === 0) return undefined
  const total = numbers.reduce((sum, value) => sum + value, 0)
  const result = {
    sum: total,
    average: total / numbers.length,
    minimum: numbers.reduce((low, value) => Math.min(low, value)),
    maximum: numbers.reduce((high, value) => Math.max(high, value)),
  }[arithmetic]
  // 0.1 + 0.2 is 0.3 to a user.
  return Number(result.toPrecision(12))
}

function toWords(words: readonly string[]): readonly string[] {
  return words
    .map((word) => word.replace(/[?!.,;:]+$/, ''))
    .filter((word) => word !== '' && !fillers.has(word.toLowerCase()))
}
